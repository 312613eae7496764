"""What is fetched at once, and what becomes of a mail that can't be fetched."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bot.ids import new_id
from bot.model import Arrival
from connectors.imap.failures import Cut, Refused
from connectors.imap.folder import Folder, Listed
from connectors.imap.mark import Mark

# One fetch, one commit. More at once are hardly faster, and more is fetched again after a cut.
MAILS = 100
BYTES = 8_000_000

# A mail alone is to blame when it has failed so often and another one can be had; or at last in any case.
TRIES = 3
AT_LAST = 10


@dataclass(frozen=True)
class Origin:
    """Where mails come from: the channel, what their keys begin with, the folder, and the largest that is fetched."""

    channel: str
    place: str
    folder: str
    largest: int


@dataclass
class Doubts:
    """What has gone wrong with the mails of a folder, over all connections. Ids up to `until` are fetched singly."""

    until: int = 0
    tries: Counter[int] = field(default_factory=Counter)
    to_blame: set[int] = field(default_factory=set)
    asked_for_headers: set[int] = field(default_factory=set)

    def forget(self) -> None:
        """The ids mean other mails now."""
        self.until = 0
        self.tries.clear()
        self.to_blame.clear()
        self.asked_for_headers.clear()

    def settle(self, uid: int) -> None:
        del self.tries[uid]
        self.to_blame.discard(uid)
        self.asked_for_headers.discard(uid)


@dataclass
class _Asked:
    """A batch that the server was asked for under a tag."""

    batch: list[Listed]
    tag: bytes
    found: Mapping[int, bytes] = field(default_factory=dict)
    taken: bool = False

    @property
    def size(self) -> int:
        return sum(mail.size for mail in self.batch)

    @property
    def missing(self) -> list[int]:
        return [mail.uid for mail in self.batch if mail.uid not in self.found]

    def take(self, folder: Folder, room: int) -> None:
        if not self.taken:
            self.found = folder.given(self.tag, [mail.uid for mail in self.batch], room)
            self.taken = True


class Fetcher:
    """Makes Arrivals of what one connection gives. Raises Cut; Refused when the server may give it another time."""

    def __init__(self, folder: Folder, origin: Origin, doubts: Doubts) -> None:
        self.folder = folder
        self.origin = origin
        self.doubts = doubts

    def fetch(self, listed: Sequence[Listed], mark: Mark) -> Iterator[list[Arrival]]:
        """In their order, so many at once as may be kept at once. What has gone meanwhile is left out."""
        for several, batches in groupby(self._batches(listed), lambda batch: len(batch) > 1):
            if several:
                yield from self._in_bulk(batches, mark)
            else:
                yield from (self._single(mail, listed, mark) for (mail,) in batches)

    def _batches(self, listed: Iterable[Listed]) -> Iterator[list[Listed]]:
        batch: list[Listed] = []
        size = 0
        for mail in listed:
            alone = self._is_too_large(mail) or mail.uid <= self.doubts.until
            if batch and (alone or len(batch) == MAILS or size + mail.size > BYTES):
                yield batch
                batch, size = [], 0
            batch.append(mail)
            size += mail.size
            if alone:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _in_bulk(self, batches: Iterable[list[Listed]], mark: Mark) -> Iterator[list[Arrival]]:
        """Each is asked for while the one before is on its way, so that a long way costs nothing."""
        under_way: deque[_Asked] = deque()
        for batch in batches:
            under_way.append(_Asked(batch, self.folder.ask([mail.uid for mail in batch])))
            if len(under_way) > 1:
                yield self._first_of(under_way, mark)
        while under_way:
            yield self._first_of(under_way, mark)

    def _first_of(self, under_way: "deque[_Asked]", mark: Mark) -> list[Arrival]:
        """When one of its mails can't be had, the next connection asks for each by itself."""
        # Some servers give a size that is only near the truth.
        room = 2 * sum(asked.size for asked in under_way)
        first = under_way.popleft()
        try:
            first.take(self.folder, room)
            if missing := first.missing:
                for other in under_way:
                    other.take(self.folder, room)  # nothing else may be asked for before that has come
                self.folder.see_that_gone(missing)
        except (Refused, Cut):
            self.doubts.until = first.batch[-1].uid
            raise
        return [self._arrival(mail, mark, first.found[mail.uid]) for mail in first.batch if mail.uid in first.found]

    def _single(self, mail: Listed, listed: Sequence[Listed], mark: Mark) -> list[Arrival]:
        self.doubts.tries[mail.uid] += 1
        if self._is_too_large(mail) or mail.uid in self.doubts.to_blame:
            arrivals = [self._in_part(mail, mark)]
        else:
            self._see_that_others_go(mail, listed)
            found = self.folder.mails([mail.uid], self.origin.largest)
            arrivals = [self._arrival(mail, mark, raw) for raw in found.values()]
        self.doubts.settle(mail.uid)
        return arrivals

    def _is_too_large(self, mail: Listed) -> bool:
        return mail.size > self.origin.largest

    def _see_that_others_go(self, mail: Listed, listed: Sequence[Listed]) -> None:
        """A server that is busy gives nobody anything, for which no mail is to blame. Raises then."""
        tries = self.doubts.tries[mail.uid]
        if tries < TRIES:
            return
        others = [other.uid for other in listed if other.uid != mail.uid and not self._is_too_large(other)]
        if others and tries < AT_LAST:
            self.folder.mails(others[:1], self.origin.largest)
        self.doubts.to_blame.add(mail.uid)  # unless it can be had after all

    def _in_part(self, mail: Listed, mark: Mark) -> Arrival:
        """Its headers, if those can be had, so that people are told of it."""
        why = {"size": mail.size} if self._is_too_large(mail) else {"unfetched": "the server does not give it"}
        asked_before = mail.uid in self.doubts.asked_for_headers
        self.doubts.asked_for_headers.add(mail.uid)
        head = b"" if asked_before else self.folder.head(mail.uid)
        return self._arrival(mail, mark, head, whole=False, **why)

    def _arrival(self, mail: Listed, mark: Mark, raw: bytes, *, whole: bool = True, **more: Any) -> Arrival:
        envelope = {
            "folder": self.origin.folder,
            "uid": mail.uid,
            "uid_validity": mark.validity,
            "internal_date": mail.date.isoformat() if mail.date else None,
            "whole": whole,
        }
        key = f"{self.origin.place};{mark.key(mail.uid)}"
        return Arrival(new_id(), self.origin.channel, key, raw, envelope | more)
