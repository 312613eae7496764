"""Events as Slack sends them, kept as Arrivals (docs.slack.dev/reference/events/message)."""

import json
from typing import Any
from uuid import UUID

from bot.model import Arrival, Edit, Inbound, Skipped
from connectors.slack.reader import SlackReader

TEAM, APP, BOT, ANN = "T0HOME", "A0DESK", "U0DESK", "U0ANN"
SUPPORT, RANDOM, DIRECT = "C0SUPPORT", "C0RANDOM", "D0ANN"
TS, LATER = "1700000000.000100", "1700000009.000200"

READER = SlackReader(frozenset({SUPPORT}))


def said(text: Any = "My printer is on fire", **changes: Any) -> dict[str, Any]:
    """A message event; None takes a field away."""
    event = {"type": "message", "channel": SUPPORT, "channel_type": "channel", "user": ANN, "text": text, "ts": TS}
    return {name: value for name, value in (event | changes).items() if value is not None}


def mention(text: str = f"<@{BOT}> My printer is on fire", **changes: Any) -> dict[str, Any]:
    return said(text, **{"type": "app_mention", "channel": RANDOM, "channel_type": None} | changes)


def changed(before: dict[str, Any], after: dict[str, Any], **changes: Any) -> dict[str, Any]:
    outer = {"subtype": "message_changed", "message": after, "previous_message": before, "ts": LATER}
    return said(None, **outer | {"user": None, "channel": before["channel"]} | changes)


def deleted(before: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    outer = {"subtype": "message_deleted", "previous_message": before, "deleted_ts": TS, "ts": LATER, "user": None}
    return said(None, **outer | changes)


def arrival(event: Any, *, envelope: dict[str, Any] | None = None, **outer: Any) -> Arrival:
    granted = [{"team_id": TEAM, "user_id": BOT, "is_bot": True}]
    body = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event": event, "authorizations": granted}
    raw = json.dumps(body | {"event_id": "Ev1"} | outer).encode()
    return Arrival(UUID(int=1), "slack", f"{TEAM}/Ev1", raw, envelope or {})


def read(event: Any, **more: Any) -> Inbound | Edit | Skipped:
    return READER(arrival(event, **more))
