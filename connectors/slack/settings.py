"""What the connector is told about a workspace."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """`base_url` ends in /. `socket_url`: where Socket Mode connects to; empty: Slack is asked each time. `support`:
    the ids of the channels in which everybody's words are for the desk."""

    base_url: str
    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    mode: Literal["socket", "http"] = "socket"
    socket_url: str = ""
    support: frozenset[str] = frozenset()
