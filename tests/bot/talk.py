"""Conversations for tests that need no store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.ids import new_id
from bot.model import (
    Answer,
    Attachment,
    Author,
    Citation,
    Conversation,
    ConversationState,
    Kind,
    Message,
    Passage,
    Proposal,
    Visibility,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FILE = Attachment(part=1, name="a.png", type="image/png", size=3, sha256="0" * 64, inline=False)


def says(text: str = "", subject: str = "", **fields: Any) -> Message:
    """A customer's undecided message unless told otherwise."""
    known: dict[str, Any] = {
        "author": Author.CUSTOMER,
        "visibility": Visibility.PUBLIC,
        "kind": Kind.MESSAGE,
        "author_name": "",
    }
    return Message(
        id=new_id(),
        conversation=new_id(),
        thread=None,
        subject=subject,
        text=text,
        elided="",
        kept_at=NOON,
        **(known | fields),
    )


def talk(*messages: Message | str, **fields: Any) -> Conversation:
    said: Sequence[Message] = [says(m) if isinstance(m, str) else m for m in messages]
    known: dict[str, Any] = {"revision": 4, "turn": 0, "state": ConversationState.BOT}
    return Conversation(
        id=new_id(),
        team="support",
        channel="smtp",
        customer=None,
        proven=False,
        subject=said[0].subject if said else "",
        messages=tuple(said),
        **(known | fields),
    )


def passage(text: str, **fields: Any) -> Passage:
    known: dict[str, Any] = {"article": "returns", "title": "Returns", "heading": "", "url": "https://x.example/help"}
    return Passage(id=new_id(), text=text, **(known | fields))


def answer(text: str, source: Passage, quote: str | None = None) -> Answer:
    return Answer(text, (Citation(source, source.text if quote is None else quote),))


def proposes(action: Any, **fields: Any) -> Proposal:
    return Proposal(action, triager="test", **fields)
