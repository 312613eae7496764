"""The files that hang on a message (docs.slack.dev/reference/objects/file-object): listed, not fetched."""

from collections.abc import Mapping
from typing import Any

from bot.model import Attachment
from connectors.slack.words import clean

NOT_FETCHED = "its files are still in Slack alone"

MOST = 100
LONGEST_NAME = 255


def listed(files: Any) -> tuple[Attachment, ...]:
    """`part` is the place in the event's own list. There are no bytes, so the digest is empty."""
    found = files[:MOST] if isinstance(files, list) else []
    return tuple(_attachment(place, one) for place, one in enumerate(found) if isinstance(one, Mapping))


def _attachment(place: int, file: Mapping[str, Any]) -> Attachment:
    size = file.get("size")
    return Attachment(
        part=place,
        name=_word(file, "name") or _word(file, "title"),
        type=_word(file, "mimetype") or "application/octet-stream",
        size=size if isinstance(size, int) and size >= 0 else 0,
        sha256="",
        inline=False,
    )


def _word(file: Mapping[str, Any], name: str) -> str:
    value = file.get(name)
    return clean(value)[:LONGEST_NAME] if isinstance(value, str) else ""
