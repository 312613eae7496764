"""One folder of a mailbox, in plain words. Whatever a server says, nothing but Cut and Refused is raised."""

import select
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient import DELETED, SEEN

from connectors.imap.failures import Refused
from connectors.imap.link import Link, ranges
from connectors.imap.mark import Mark

# RFC 3501 (section 9): nz-number.
HIGHEST = 2**32 - 1

# A million mails' ids on one line.
IDS = 11_000_000
PER_MAIL = 2_000
HEADERS = 256 * 1024

WHOLE = "(UID BODY.PEEK[])"


@dataclass(frozen=True)
class Listed:
    """A mail that is there; `size` is what the server says, which isn't always what comes."""

    uid: int
    size: int
    date: datetime | None


class Folder:
    """Opened as it is made; `read_only`: nothing in it changes through us. Raises Refused when it isn't there."""

    def __init__(self, link: Link, name: str, *, read_only: bool) -> None:
        self.link = link
        self.name = name
        with link.asking():
            told = link.select_folder(name, readonly=read_only)
            self.validity = _number(told.get(b"UIDVALIDITY"))
            self.exists = _number(told.get(b"EXISTS"))
            self.next_uid = _number(told.get(b"UIDNEXT"))
        if not self.validity:
            raise Refused(f"the server gives no UIDVALIDITY for {name}, so what is new in it can't be told")
        if not self.next_uid:
            self.next_uid = max(self._search("UID", "1:*"), default=0) + 1

    # -------------------------------------------------------------- what is new

    def above(self, mark: Mark) -> list[int]:
        """The ids of all that may be new, rising."""
        with self.link.asking():
            # A server need not count a mail in SEARCH before it has told of it, which it does after NOOP.
            self.link.noop()
            self.link.forget_news()
        found = self._search("UID", f"{mark.uid + 1}:*", *_not_too_old(mark))
        # "*" is the last mail, whatever its id: an empty range is none.
        return sorted({uid for uid in found if mark.uid < uid <= HIGHEST})

    def _search(self, *criteria: object) -> list[int]:
        with self.link.asking(IDS):
            return list(self.link.search(list(criteria)))

    def list(self, uids: Sequence[int]) -> "list[Listed]":
        """Those of them that are still there, rising."""
        with self.link.asking(PER_MAIL * len(uids)):
            found = self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)")
            return [_listed(uid, found[uid]) for uid in sorted(found)]

    # -------------------------------------------------------------- fetching

    def mails(self, uids: Sequence[int], size: int) -> Mapping[int, bytes]:
        """Whole; `size`: bytes of all of them at most. What has gone meanwhile is left out."""
        with self.link.asking(size + PER_MAIL * len(uids)):
            found = dict(_bodies(self._fetch(uids, WHOLE), b"BODY[]"))
        self.see_that_gone([uid for uid in uids if uid not in found])
        return found

    def ask(self, uids: Sequence[int]) -> bytes:
        """For mails that are taken with `given`, in the order of asking and before anything else is asked for."""
        with self.link.asking():
            return self.link.ask_for(uids, WHOLE)

    def given(self, asked: bytes, uids: Sequence[int], size: int) -> Mapping[int, bytes]:
        """Those that have come. `size`: bytes of everything that is under way, at most."""
        with self.link.asking(size + PER_MAIL * len(uids)):
            return dict(_bodies(self.link.given(asked, uids), b"BODY[]"))

    def see_that_gone(self, uids: Sequence[int]) -> None:
        """Raises Refused when one of them is there all the same."""
        if uids and self.list(uids):
            raise Refused("the server lists a mail and doesn't give it")

    def head(self, uid: int) -> bytes:
        """The first bytes of its headers; nothing when the mail has gone."""
        with self.link.asking(HEADERS):
            found = self._fetch([uid], f"(UID BODY.PEEK[HEADER]<0.{HEADERS}>)")
        return dict(_bodies(found, b"BODY[HEADER]<0>")).get(uid, b"")

    def _fetch(self, uids: Sequence[int], what: str) -> Mapping[int, Mapping[bytes, Any]]:
        return self.link.given(self.link.ask_for(uids, what), uids)

    # -------------------------------------------------------------- courtesy

    def mark_seen(self, uids: Sequence[int]) -> None:
        with self.link.asking(PER_MAIL * len(uids)):
            self.link.add_flags(ranges(uids), [SEEN], silent=True)

    def move(self, uids: Sequence[int], to: str) -> None:
        """RFC 6851; else a copy and, where only these can be expunged (RFC 4315), the end of the original."""
        there = self.has(to)
        with self.link.asking(PER_MAIL * len(uids)):
            if not there:
                self.link.create_folder(to)
            if self.link.has_capability("MOVE"):
                self.link.move(ranges(uids), to)
                return
            self.link.copy(ranges(uids), to)
            self.link.add_flags(ranges(uids), [DELETED], silent=True)
            if self.link.has_capability("UIDPLUS"):
                self.link.uid_expunge(ranges(uids))

    def has(self, name: str) -> bool:
        """Whether the mailbox has another folder of this name."""
        with self.link.asking():
            return bool(self.link.folder_exists(name))

    # -------------------------------------------------------------- waiting

    def can(self, capability: str) -> bool:
        with self.link.asking():
            return bool(self.link.has_capability(capability))

    def idle(self, seconds: float) -> None:
        """Until the server says anything at all (RFC 2177), which is a hint, or so many seconds have passed."""
        with self.link.asking():
            self.link.idle()
            descriptor = self.link.socket().fileno()
        self.link.expect(seconds)
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        waiting.poll(seconds * 1000)
        with self.link.asking():
            self.link.end_idle()


def _not_too_old(mark: Mark) -> Iterable[object]:
    """A search by date knows days only, in the server's own zone: it leaves out most, and `Mark.wants` the rest."""
    if mark.uid + 1 >= mark.before:
        return ()
    day = (mark.began - timedelta(days=1)).date()
    return ("OR", ["UID", f"{mark.before}:*"], ["SINCE", day])


def _listed(uid: int, told: Mapping[bytes, Any]) -> Listed:
    return Listed(uid, _number(told.get(b"RFC822.SIZE")), _instant(told.get(b"INTERNALDATE")))


def _bodies(found: Mapping[int, Mapping[bytes, Any]], name: bytes) -> Iterator[tuple[int, bytes]]:
    for uid, told in found.items():
        body = told.get(name)
        if isinstance(body, int):
            # imapclient makes a number of a text in quotes that looks like one.
            body = str(body).encode("ascii")
        if not isinstance(body, bytes):
            raise Refused("the server gives a mail without its text")
        yield uid, body


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 2**63 else 0


def _instant(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
