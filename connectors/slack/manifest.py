"""The app's manifest (docs.slack.dev/reference/app-manifest): what Slack has to know of us, and what we may do there.

The only source of it: what the code calls and hears has to be listed here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

PATH = "/slack/events"

DESCRIPTION = "Takes questions, answers from approved knowledge, and hands the rest to people"
COLOUR = "#1f2d3d"


@dataclass(frozen=True, slots=True)
class Use:
    """A reason for which something is asked of a workspace. Not `needed`: without it the desk does a little less."""

    why: str
    scopes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    needed: bool = True


USES = (
    Use("to hear when it is mentioned", ("app_mentions:read",), ("app_mention",)),
    Use("to be written to directly", ("im:history",), ("message.im",)),
    # Also to look whether a doubtful post has arrived, wherever it was mentioned.
    Use("to hear a support channel", ("channels:history",), ("message.channels",)),
    Use("to hear a private support channel", ("groups:history",), ("message.groups",)),
    Use("to answer", ("chat:write",)),
    Use("to tell Agents what the customer is called", ("users:read",), needed=False),
    Use("to send an Agent's files, and answers too long for messages", ("files:write",), needed=False),
)


def manifest(mode: Literal["socket", "http"] = "socket", *, url: str = "", full: bool = False) -> dict[str, Any]:
    """`url`: where Slack reaches the desk in mode http, with or without the path. `full`: with all that is useful,
    not only what is needed."""
    uses = [use for use in USES if full or use.needed]
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": "Firstline", "description": DESCRIPTION, "background_color": COLOUR},
        "features": {
            # Without a messages tab that may be written in, nobody can write to the app directly, and nobody is told.
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Firstline", "always_online": True},
        },
        "oauth_config": {"scopes": {"bot": sorted(scope for use in uses for scope in use.scopes)}},
        "settings": {
            "event_subscriptions": _events(uses, mode, url),
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def _events(uses: Sequence[Use], mode: str, url: str) -> dict[str, Any]:
    where = {"request_url": url.removesuffix("/").removesuffix(PATH) + PATH} if mode == "http" else {}
    return {**where, "bot_events": sorted(event for use in uses for event in use.events)}


# ------------------------------------------------------------------ as text


def as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2)


def as_yaml(value: Mapping[str, Any]) -> str:
    return "\n".join(_lines(value, ""))


def _lines(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Of the kinds of value that a manifest has. A JSON string is a YAML string too (yaml.org/spec/1.2.2, 1.3)."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(inner, f"{indent}  ")
        elif isinstance(inner, list):
            yield f"{indent}{name}:"
            yield from (f"{indent}  - {json.dumps(one)}" for one in inner)
        else:
            yield f"{indent}{name}: {json.dumps(inner)}"
