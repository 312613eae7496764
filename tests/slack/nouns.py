"""What a workspace holds, in Slack's own shapes (docs.slack.dev/reference/objects)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

Json = dict[str, Any]

# What a message has only if there is any of it.
OPTIONAL = (
    *("subtype", "client_msg_id", "thread_ts", "bot_id", "app_id", "username"),
    *("blocks", "attachments", "files", "edited"),
)


class Kind(Enum):
    """Of users: docs.slack.dev/reference/objects/user-object. A stranger comes through Slack Connect."""

    MEMBER = "member"
    GUEST = "guest"
    SINGLE_CHANNEL_GUEST = "single-channel guest"
    STRANGER = "stranger"
    BOT = "bot"


@dataclass
class User:
    id: str
    name: str
    team: str
    kind: Kind = Kind.MEMBER
    email: str = ""
    bot_id: str = ""
    app_id: str = ""
    deleted: bool = False

    def as_json(self, *, with_email: bool) -> Json:
        """Slack leaves the address out for an app without users:read.email, and for many strangers."""
        profile = {"real_name": self.name.title(), "display_name": self.name, "team": self.team}
        if with_email and self.email:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "real_name": self.name.title(),
            "deleted": self.deleted,
            "tz": "Europe/Berlin",
            "profile": profile,
            "is_bot": self.kind is Kind.BOT,
            "is_restricted": self.kind in (Kind.GUEST, Kind.SINGLE_CHANNEL_GUEST),
            "is_ultra_restricted": self.kind is Kind.SINGLE_CHANNEL_GUEST,
            "is_stranger": self.kind is Kind.STRANGER,
            "is_app_user": False,
            "updated": 1,
        }


@dataclass
class Message:
    """`channel` is the id. What a person typed is in Slack's escapes already (docs.slack.dev/messaging/formatting)."""

    channel: str
    ts: str
    user: str
    text: str
    team: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    thread_ts: str = ""
    subtype: str = ""
    client_msg_id: str = ""
    bot_id: str = ""
    app_id: str = ""
    username: str = ""
    metadata: Json = field(default_factory=dict)
    edited: Json = field(default_factory=dict)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    broadcast: bool = False

    @property
    def is_reply(self) -> bool:
        return bool(self.thread_ts) and self.thread_ts != self.ts

    def as_json(self, *, with_metadata: bool = False) -> Json:
        plain = {name: getattr(self, name) for name in ("user", "text", "ts", "team")}
        optional = {name: getattr(self, name) for name in OPTIONAL if getattr(self, name)}
        reactions = [{"name": name, "users": [*users], "count": len(users)} for name, users in self.reactions.items()]
        return {
            "type": "message",
            **plain,
            **optional,
            **({"reactions": reactions} if reactions else {}),
            **({"metadata": self.metadata} if with_metadata and self.metadata else {}),
        }


@dataclass
class Channel:
    """`kind` is `public`, `private` or `im` (then `user` is the person); `shared` through Slack Connect."""

    id: str
    name: str
    kind: str
    members: set[str] = field(default_factory=set)
    shared: bool = False
    archived: bool = False
    user: str = ""
    messages: dict[str, Message] = field(default_factory=dict)
    last_ts: int = 0

    def as_json(self) -> Json:
        """docs.slack.dev/reference/objects/conversation-object"""
        return {
            "id": self.id,
            **({"user": self.user} if self.kind == "im" else {"name": self.name}),
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": self.kind == "im",
            "is_mpim": False,
            "is_private": self.kind != "public",
            "is_archived": self.archived,
            "is_ext_shared": self.shared,
            "is_shared": self.shared,
        }

    def thread(self, ts: str) -> list[Message]:
        """The root and its replies, oldest first; a reply alone when `ts` is one."""
        return [one for one in self.messages.values() if one.ts == ts or (one.thread_ts == ts and one.is_reply)]


@dataclass
class File:
    id: str
    name: str
    user: str
    data: bytes = b""
    mimetype: str = "application/octet-stream"
    title: str = ""
    uploaded: bool = False
    length: int = 0


@dataclass
class Token:
    """`kind` is `bot` or `app`. `trouble` is the error that calls with it get, once it's no longer good."""

    value: str
    kind: str
    scopes: set[str]
    trouble: str = ""
    expires: datetime | None = None


@dataclass
class View:
    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str = ""

    @property
    def callback_id(self) -> str:
        return str(self.body.get("callback_id", ""))


@dataclass
class Trigger:
    """docs.slack.dev/interactivity/handling-user-interaction: good for three seconds and one use."""

    user: str
    born: datetime
    used: bool = False


@dataclass
class ResponseUrl:
    """The same page: five uses within thirty minutes. `original` is what the person clicked on, if anything."""

    channel: str
    user: str
    born: datetime
    uses: int = 0
    original: Message | None = None
