"""Messages of others that somebody passes on to us: Slack hangs them on the new one, which often has no words."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.slack.words import plain

MOST = 10


def shared(event: Mapping[str, Any]) -> Iterator[str]:
    """Each quoted, with who is said to have written it."""
    hanging = event.get("attachments")
    for one in hanging[:MOST] if isinstance(hanging, list) else ():
        if isinstance(one, Mapping) and (one.get("is_share") or one.get("is_msg_unfurl")):
            yield _quoted(one)


def _quoted(message: Mapping[str, Any]) -> str:
    who, text = _word(message, "author_name"), _word(message, "text")
    lines = [f"{who}:"] if who else []
    return "\n".join(f"> {line}".rstrip() for line in [*lines, *text.splitlines()])


def _word(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name)
    return plain(value) if isinstance(value, str) else ""
