"""The evidence and the history side by side, sorted, and what a problem with them is called."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from tests.crash.evidence import Evidence, Row
from tests.crash.history import History

LOST = "lost"
DECIDED_TWICE = "decided_twice"
EFFECTS_TWICE = "effects_twice"
UNFINISHED = "unfinished"
ASTRAY = "astray"  # in the wrong conversation, or in the wrong order
DAMAGED = "damaged"
LEAKED = "leaked"
COUNTS = (LOST, DECIDED_TWICE, EFFECTS_TWICE, UNFINISHED, ASTRAY, DAMAGED, LEAKED)


@dataclass(frozen=True)
class Problem:
    count: str
    what: str


class Found:
    """The evidence, sorted."""

    def __init__(self, evidence: Evidence, history: History) -> None:
        self.evidence = evidence
        self.history = history
        self.arrivals = {row["id"]: row for row in evidence["arrival"]}
        self.raws = {row["arrival"]: _digest(row["data"]) for row in evidence["raw"]}
        self.customer_words = [row for row in evidence["message"] if row["author"] == "customer"]
        self.of_arrival = grouped(self.customer_words, "arrival")
        self.of_key = grouped(self.customer_words, "key")
        self.of_decision = grouped(self.customer_words, "decision")
        self.decisions = {row["id"]: row for row in evidence["decision"]}
        self.parcels = {row["id"]: row for row in evidence["parcel"]}
        self.threads = {row["id"]: row for row in evidence["thread"]}
        self.deliveries = {row["reference"]: row for row in evidence["delivery"] if row["reference"]}
        self.ticketed = {row["conversation"] for row in evidence["ticket"]}
        called = {row["ticket"] for row in evidence["escalation"]}
        self.called = {row["conversation"] for row in evidence["ticket"] if row["id"] in called}
        self.copies = copies_of(history)

    def conversation_of(self, message_id: str) -> str | None:
        """Of a mail of ours."""
        delivery = self.deliveries.get(message_id)
        return self.parcels[delivery["id"]]["conversation"] if delivery else None


# ------------------------------------------------------------------ parts


def grouped(rows: Iterable[Row], name: str) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[name], []).append(row)
    return groups


def copies_of(history: History) -> Counter[str]:
    return Counter(one.message_id for one in history.taken)


def _digest(data: bytes) -> str:
    try:
        return hashlib.sha256(zlib.decompress(data)).hexdigest()
    except zlib.error as error:
        return f"unreadable: {error}"


def hex_of(text: str) -> str:
    try:
        return UUID(text).hex
    except ValueError:
        return text
