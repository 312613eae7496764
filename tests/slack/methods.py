"""What a method of the Web API is: a plain function of a call, in a table with the scopes that it needs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.slack.nouns import Channel, Json, Message, Token
from tests.slack.workspace import Workspace

HISTORY = {"public": "channels:history", "private": "groups:history", "im": "im:history"}
READ = {"public": "channels:read", "private": "groups:read", "im": "im:read"}


class Refused(Exception):
    """`{"ok": false, "error": …}` and what goes with it (docs.slack.dev/apis/web-api/#evaluating_responses)."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer: Json = {"ok": False, "error": error, **more}


def bad_arguments(*messages: str) -> Refused:
    told = [f"[ERROR] {message}" for message in messages]
    return Refused("invalid_arguments", response_metadata={"messages": told})


@dataclass(frozen=True)
class Ask:
    """A call: its arguments (strings, or what JSON has), whose token it came with, and the state to answer from."""

    workspace: Workspace
    args: Json
    token: Token
    strict_history: bool = False

    def get(self, name: str) -> str:
        value = self.args.get(name)
        return "" if value is None else str(value)

    def need(self, name: str) -> str:
        if not self.get(name):
            raise bad_arguments(f"missing required field: {name}")
        return self.get(name)

    def flag(self, name: str, default: bool = False) -> bool:
        return self.get(name).lower() in ("1", "true") if self.get(name) else default

    def number(self, name: str, default: int) -> int:
        return int(self.get(name)) if self.get(name).isdecimal() else default

    def data(self, name: str) -> Any:
        """Structures come as JSON, or as a string that holds JSON. None when absent or unreadable."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return None

    # ------------------------------------------------------------------ the state, or the error for its want

    def scope(self, *any_of: str) -> None:
        """docs.slack.dev/authentication/installing-with-oauth: the answer names what is needed and what is there."""
        if not self.token.scopes & set(any_of):
            have = ",".join(sorted(self.token.scopes))
            raise Refused("missing_scope", needed=",".join(any_of), provided=have)

    def channel(self) -> Channel:
        """Of private channels and DMs the app knows only its own."""
        channel = self.workspace.channels.get(self.need("channel"))
        if channel is None or (channel.kind != "public" and self.workspace.bot.id not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def history_of(self) -> Channel:
        channel = self.channel()
        self.scope(HISTORY[channel.kind])
        if self.workspace.bot.id not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def message(self, name: str = "ts") -> Message:
        """It exists; an ephemeral one doesn't, for the API."""
        message = self.channel().messages.get(self.need(name))
        if message is None or message.subtype == "tombstone":
            raise Refused("message_not_found")
        return message


Run = Callable[[Ask], Json]


@dataclass(frozen=True)
class Method:
    run: Run
    scopes: tuple[str, ...]
    token: str


class Methods(dict[str, Method]):
    """A table that the functions of a family of methods write themselves into."""

    def method(self, name: str, *scopes: str, token: str = "bot") -> Callable[[Run], Run]:
        """One of the scopes is enough. `token` is the kind that may call: `bot`, `app`, or `none` is looked at."""

        def enter(run: Run) -> Run:
            self[name] = Method(run, scopes, token)
            return run

        return enter
