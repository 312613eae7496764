"""Parcels owed to a thread in Slack, and a connector's parts against the fake."""

import dataclasses
from typing import Any
from uuid import UUID

from bot.model import Parcel
from connectors.slack.letter import compose
from connectors.slack.posting import Poster
from connectors.slack.settings import SlackSettings
from connectors.slack.turns import Turns
from tests.connectors.parcels import parcel
from tests.slack import FakeSlack, Message


def settings(slack: FakeSlack, **changes: Any) -> SlackSettings:
    told = SlackSettings(
        base_url=slack.base_url,
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        signing_secret=slack.signing_secret,
    )
    return dataclasses.replace(told, **changes)


def poster(slack: FakeSlack, turns: Turns | None = None, **changes: Any) -> Poster:
    return Poster(settings(slack, **changes), turns or Turns())


def owed(root: Message, text: str = "It is on its way.", *, number: int = 7, **changes: Any) -> Parcel:
    """As it comes back from the store for its first try."""
    address = {
        "to": {"name": "Ann", "address": f"T0HOME/{root.user}"},
        "team": "T0HOME",
        "channel": root.channel,
        "thread_ts": root.ts,
    }
    made = parcel(address, id=UUID(int=number), channel="slack", text=text, **changes)
    rendered = compose(made)
    return dataclasses.replace(made, rendered=rendered.data, reference=rendered.reference)
