"""The state of one workspace in which the app is installed, and what follows from a change of it.

Every change tells its event to `outlet`; which events reach the app is decided in `events.py`.
"""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.slack import events
from tests.slack.clock import Timeline
from tests.slack.nouns import Channel, File, Json, Kind, Message, ResponseUrl, Token, Trigger, User, View

# What the manifest of an app like ours asks for, and a little more.
SCOPES = frozenset(
    {
        *("app_mentions:read", "chat:write", "commands", "reactions:read", "reactions:write", "assistant:write"),
        *("channels:history", "groups:history", "im:history", "channels:read", "groups:read", "im:read", "im:write"),
        *("users:read", "users:read.email", "usergroups:read", "team:read", "files:read", "files:write"),
    }
)


class Workspace:
    def __init__(self, time: Timeline, scopes: frozenset[str] = SCOPES, team: str = "T0HOME") -> None:
        self.time = time
        self.team = team
        self.domain = "home"
        self.app_id = "A0DESK"
        self.signing_secret = secrets.token_hex(16)
        self.outlet: Callable[[Json], object] = lambda event: None
        self.url = ""
        self.messages_tab = True
        self.socket_mode = True
        self.token_rotation = False
        self._numbers = itertools.count(1)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.groups: dict[str, list[str]] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.ephemerals: list[Message] = []
        self.codes: dict[str, User] = {}
        self.refresh_tokens: set[str] = set()
        self.tickets: set[str] = set()
        self.statuses: list[Json] = []
        self.bot = self.add_user("firstline", kind=Kind.BOT, app_id=self.app_id)
        self.bot_token = Token(f"xoxb-{secrets.token_hex(12)}", "bot", set(scopes))
        self.app_token = Token(f"xapp-1-{secrets.token_hex(12)}", "app", {"connections:write"})
        self.tokens = {token.value: token for token in (self.bot_token, self.app_token)}

    # ------------------------------------------------------------------ who and where

    def new_id(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):09d}"

    def add_user(self, name: str, *, kind: Kind = Kind.MEMBER, email: str = "", app_id: str = "") -> User:
        team = "T0AWAY" if kind is Kind.STRANGER else self.team
        bot_id = self.new_id("B") if kind is Kind.BOT else ""
        user = User(self.new_id("U"), name, team, kind, email, bot_id, app_id)
        self.users[user.id] = user
        return user

    def add_channel(self, name: str, kind: str = "public", *, shared: bool = False, user: str = "") -> Channel:
        channel = Channel(self.new_id("D" if kind == "im" else "C"), name, kind, shared=shared, user=user)
        self.channels[channel.id] = channel
        return channel

    def dm(self, user: str) -> Channel:
        """The one between a person and the app."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.user == user:
                return channel
        channel = self.add_channel("", "im", user=user)
        channel.members = {user, self.bot.id}
        return channel

    # ------------------------------------------------------------------ messages

    def next_ts(self, channel: Channel) -> str:
        """Unique and rising per channel (docs.slack.dev/messaging/retrieving-messages)."""
        channel.last_ts = max(int(self.time.seconds() * 1_000_000), channel.last_ts + 1)
        return f"{channel.last_ts // 1_000_000}.{channel.last_ts % 1_000_000:06d}"

    def event_ts(self) -> str:
        return f"{self.time.seconds():.6f}"

    def post(self, channel: Channel, author: User, text: str, **more: Any) -> Message:
        message = Message(channel.id, self.next_ts(channel), author.id, text, author.team, **more)
        if author.kind is Kind.BOT:
            message.bot_id, message.app_id = author.bot_id, author.app_id
        channel.messages[message.ts] = message
        root = channel.messages.get(message.thread_ts)
        if root is not None:
            root.thread_ts = root.ts
        self.outlet(events.message(self, message))
        if f"<@{self.bot.id}>" in text and channel.kind != "im" and author.id != self.bot.id:
            self.outlet(events.app_mention(self, message))
        return message

    def change(self, message: Message, by: User, **changes: Any) -> Message:
        """Slack shows "(edited)" for a changed text, not for blocks (docs.slack.dev/reference/methods/chat.update)."""
        before = replace(message, reactions=dict(message.reactions))
        if changes.get("text", message.text) != message.text and not changes.get("blocks"):
            changes["edited"] = {"user": by.id, "ts": self.event_ts()}
        for name, value in changes.items():
            setattr(message, name, value)
        self.outlet(events.message_changed(self, message, before))
        return message

    def delete(self, message: Message) -> None:
        """A root with replies leaves a tombstone in its place, which is announced as a change."""
        channel = self.channels[message.channel]
        if message.thread_ts == message.ts and len(channel.thread(message.ts)) > 1:
            grave = replace(message, user="USLACKBOT", text="This message was deleted.", subtype="tombstone")
            grave.blocks, grave.files, grave.metadata = [], [], {}
            channel.messages[message.ts] = grave
            self.outlet(events.message_changed(self, grave, message))
        else:
            del channel.messages[message.ts]
            self.outlet(events.message_deleted(self, message))

    def react(self, message: Message, user: User, name: str) -> None:
        message.reactions.setdefault(name, []).append(user.id)
        self.outlet(events.reaction(self, "reaction_added", message, user, name))

    def unreact(self, message: Message, user: User, name: str) -> None:
        message.reactions[name].remove(user.id)
        if not message.reactions[name]:
            del message.reactions[name]
        self.outlet(events.reaction(self, "reaction_removed", message, user, name))

    # ------------------------------------------------------------------ comings and goings

    def join(self, channel: Channel, user: User) -> None:
        channel.members.add(user.id)
        self.outlet(events.membership(self, "member_joined_channel", channel, user))

    def leave(self, channel: Channel, user: User) -> None:
        """The app that was removed hears nothing more of the channel, this included."""
        channel.members.discard(user.id)
        self.outlet(events.membership(self, "member_left_channel", channel, user))

    def archive(self, channel: Channel, by: User) -> None:
        channel.archived = True
        kind = "group_archive" if channel.kind == "private" else "channel_archive"
        self.outlet({"type": kind, "channel": channel.id, "user": by.id, "event_ts": self.event_ts()})

    def rename(self, channel: Channel, name: str) -> None:
        channel.name = name
        kind = "group_rename" if channel.kind == "private" else "channel_rename"
        about = {"id": channel.id, "name": name, "created": 1}
        self.outlet({"type": kind, "channel": about, "event_ts": self.event_ts()})

    def revoke(self) -> None:
        """docs.slack.dev/reference/events/tokens_revoked"""
        self.bot_token.trouble = "token_revoked"
        self.outlet({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot.id]}})

    def uninstall(self) -> None:
        """docs.slack.dev/reference/events/app_uninstalled; the tokens are dead before the event is there."""
        self.bot_token.trouble = "account_inactive"
        self.outlet({"type": "app_uninstalled"})
        self.outlet({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot.id]}})

    # ------------------------------------------------------------------ files

    def add_file(self, name: str, data: bytes, user: User, mimetype: str = "application/octet-stream") -> File:
        file = File(self.new_id("F"), name, user.id, data, mimetype, name, uploaded=True, length=len(data))
        self.files[file.id] = file
        return file

    def file_json(self, file: File) -> Json:
        """docs.slack.dev/reference/objects/file-object"""
        address = f"{self.url}/files-pri/{self.team}-{file.id}"
        return {
            "id": file.id,
            "name": file.name,
            "title": file.title or file.name,
            "mimetype": file.mimetype,
            "filetype": file.name.rpartition(".")[2],
            "size": file.length,
            "user": file.user,
            "mode": "hosted",
            "is_external": False,
            "file_access": "visible",
            "url_private": f"{address}/{file.name}",
            "url_private_download": f"{address}/download/{file.name}",
        }
