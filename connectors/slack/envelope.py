"""An event as Slack hands it over (docs.slack.dev/apis/events-api#event-type-structure), in plain values."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.model import Arrival

EVENT = "event_callback"
SLACKBOT = "USLACKBOT"
LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Envelope:
    """`team` is the workspace that the desk is installed in, also when a stranger from another one speaks (Slack
    Connect). `bot` is the user that we are there, or "" where nobody has said. `name` is the speaker's, if known."""

    team: str
    event: Mapping[str, Any]
    bot: str = ""
    name: str = ""

    @staticmethod
    def of(arrival: Arrival) -> "Envelope":
        """Raises ValueError when it is no event."""
        payload = json.loads(arrival.raw)
        if not isinstance(payload, dict) or payload.get("type") != EVENT or not isinstance(payload.get("event"), dict):
            raise ValueError("it is no event of Slack's")
        bot = str(arrival.envelope.get("bot") or "") or our_user(payload)
        return Envelope(identifier(payload, "team_id"), payload["event"], bot, str(arrival.envelope.get("name") or ""))


def our_user(payload: Mapping[str, Any]) -> str:
    """Slack names for whom of ours an event was sent: the bot of this installation."""
    granted = payload.get("authorizations")
    first = granted[0] if isinstance(granted, list) and granted else None
    return identifier(first, "user_id") if isinstance(first, Mapping) and first.get("is_bot") else ""


def identifier(found: Mapping[str, Any], name: str) -> str:
    """An id or a ts, "" when there is none. Raises ValueError when it is like none of Slack's: they become keys."""
    value = found.get(name) or ""
    if not isinstance(value, str) or len(value) > LONGEST_ID or not re.fullmatch(r"[!-.0-~]*", value):
        raise ValueError(f"{name} is none that Slack gives")
    return value


def part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside another, empty when it isn't there."""
    value = found.get(name)
    return value if isinstance(value, Mapping) else {}


def is_machine(said: Mapping[str, Any], bot: str = "") -> bool:
    """Whether a program wrote it: we, Slack itself, or another app."""
    by_app = bool(said.get("bot_id")) or said.get("subtype") == "bot_message"
    return by_app or said.get("user") in (SLACKBOT, *((bot,) if bot else ()))
