"""A Parcel in Slack's form: one or few messages in a thread, and perhaps files after them."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.model import File, Parcel, Rendered
from connectors.slack.splitting import pieces
from connectors.slack.words import clean, escape

# Characters as sent. Slack takes 3,000 in a section (docs.slack.dev/reference/block-kit/blocks/section-block); of all
# sections together it was seen to refuse about 13,200 (bolt-js#2509).
SECTION = 3_000
MESSAGE = 12_000

# What is longer is read better as a file.
MOST_MESSAGES = 3

DELIVERY = "firstline_delivery"
CONTINUED = "\n\n(This is the beginning; all of it is in the attached file.)"


@dataclass(frozen=True, slots=True)
class Letter:
    """`messages` are arguments of chat.postMessage, in order; `files` hang in the thread after them."""

    team: str
    channel: str
    thread_ts: str
    messages: tuple[Mapping[str, Any], ...]
    files: tuple[File, ...] = ()

    @property
    def steps(self) -> int:
        """How many calls it takes, each of which may fail by itself."""
        return len(self.messages) + bool(self.files)

    def as_bytes(self) -> bytes:
        files = [{"name": f.name, "type": f.type, "data": base64.b64encode(f.data).decode()} for f in self.files]
        where = {"team": self.team, "channel": self.channel, "thread_ts": self.thread_ts}
        return json.dumps({"v": 1, **where, "messages": self.messages, "files": files}).encode()

    @staticmethod
    def of(parcel: Parcel) -> "Letter":
        """As it was stored before the first try."""
        found = json.loads(parcel.rendered or b"")
        files = (File(f["name"], f["type"], base64.b64decode(f["data"])) for f in found["files"])
        return Letter(found["team"], found["channel"], found["thread_ts"], tuple(found["messages"]), tuple(files))


def compose(parcel: Parcel) -> Rendered:
    """Pure. The reference becomes the message's own when it is posted."""
    address = parcel.address
    texts, files = _texts(parcel)
    letter = Letter(
        team=str(address["team"]),
        channel=str(address["channel"]),
        thread_ts=str(address["thread_ts"]),
        messages=tuple(_message(parcel, number, text) for number, text in enumerate(texts)),
        files=files,
    )
    return Rendered(letter.as_bytes(), str(parcel.id), (str(address["to"]["address"]),))


def _texts(parcel: Parcel) -> tuple[list[str], tuple[File, ...]]:
    text = clean(parcel.text)
    texts = list(pieces(text, MESSAGE))
    if len(texts) <= MOST_MESSAGES:
        return texts, parcel.files
    beginning = next(pieces(text, MESSAGE - len(CONTINUED)))
    whole = File("message.txt", "text/plain", text.encode())
    return [beginning + CONTINUED], (whole, *parcel.files)


def _message(parcel: Parcel, number: int, text: str) -> dict[str, Any]:
    return {
        # For notifications and screen readers.
        "text": escape(text),
        "blocks": list(_sections(text)),
        "metadata": {"event_type": DELIVERY, "event_payload": {"id": str(parcel.id), "part": number}},
    }


def _sections(text: str) -> Iterator[dict[str, Any]]:
    """Plain: whoever wrote the words formats nothing, links nothing and names nobody with them."""
    for piece in pieces(text, SECTION):
        yield {"type": "section", "text": {"type": "plain_text", "text": escape(piece), "emoji": False}}
