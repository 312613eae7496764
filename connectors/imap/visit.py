"""What is done on one connection: fetch what is new, have it kept, remember how far that was, wait, and again."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.model import Arrival
from connectors.imap.failures import Cut, Refused
from connectors.imap.fetching import Doubts, Fetcher, Origin
from connectors.imap.folder import Folder
from connectors.imap.mark import Mark
from connectors.imap.settings import ImapSettings

log = logging.getLogger("firstline.imap")

# Mails whose sizes and dates are asked for at once.
WINDOW = 1000


class Keeping(Protocol):
    """Arrivals on their way into the database, and the mark after them."""

    def wait(self) -> object:
        """Until they are committed. Raises NotKept, or Stopped."""
        ...


class Desk(Protocol):
    """The desk, as the mailbox's thread sees it. Raises NotKept and Stopped; all but `keep` return when done."""

    def keep(self, arrivals: Sequence[Arrival], mark: Mark) -> Keeping:
        """The mark is saved once the Arrivals are committed."""
        ...

    def load(self) -> Mark | None: ...

    def save(self, mark: Mark) -> None: ...

    def read(self, waiting: int) -> None: ...

    def sleep(self, seconds: float) -> None:
        """At most so long."""
        ...


@dataclass(frozen=True)
class _Batch:
    """On its way into the database; `mark`: how far we are once it is there."""

    mark: Mark
    keeping: Keeping


class Visit:
    """`doubts` outlives it. Each of its methods raises a MailboxFailed, or Stopped."""

    def __init__(self, folder: Folder, settings: ImapSettings, desk: Desk, doubts: Doubts) -> None:
        self.folder = folder
        self.settings = settings
        self.desk = desk
        self.doubts = doubts
        origin = Origin(settings.name, settings.place, settings.folder, settings.max_size)
        self._fetcher = Fetcher(folder, origin, doubts)
        self.got_on = False
        """Whether anything could be done on this connection."""
        self.mark = self._found()

    def go_on(self) -> None:
        """Until something fails."""
        can_idle = self.settings.idle and self.folder.can("IDLE")
        while True:
            self.look()
            if can_idle:
                self.folder.idle(self.settings.poll)
            else:
                self.desk.sleep(self.settings.poll)

    def look(self) -> None:
        """Fetch all that is new, and see to what has been kept."""
        uids = self.folder.above(self.mark)
        self.desk.read(len(uids))
        for begin in range(0, len(uids), WINDOW):
            self._take(uids[begin : begin + WINDOW])
            self._tidy()
            self.desk.read(max(0, len(uids) - begin - WINDOW))
        self._tidy()
        self.got_on = True

    # -------------------------------------------------------------- fetching

    def _found(self) -> Mark:
        """Where we were, or where we begin."""
        mark = self.desk.load()
        if mark is None:
            mark = Mark.first(self.folder.validity, self.folder.next_uid, datetime.now(UTC), self.settings.begins)
        elif mark.suits(self.folder.validity, self.folder.next_uid):
            return mark
        else:
            log.warning("the ids of this mailbox are new ones: it is looked through again", extra=self._about())
            mark = mark.again(self.folder.validity, self.folder.next_uid)
            self.doubts.forget()
        self.desk.save(mark)
        return mark

    def _take(self, window: Sequence[int]) -> None:
        """While one batch is being kept the next is fetched already."""
        wanted = [mail for mail in self.folder.list(window) if self.mark.wants(mail.uid, mail.date)]
        before: _Batch | None = None
        try:
            for arrivals in filter(None, self._fetcher.fetch(wanted, self.mark)):
                self._settle(before)
                before = self._keep(arrivals)
        except (Cut, Refused):
            self._settle(before)
            raise
        self._settle(before)
        self._pass(window[-1])

    def _keep(self, arrivals: Sequence[Arrival]) -> "_Batch":
        uids = [int(arrival.envelope["uid"]) for arrival in arrivals]
        mark = self.mark.advanced(uids[-1], uids, owing=self.settings.after != "leave")
        return _Batch(mark, self.desk.keep(arrivals, mark))

    def _settle(self, batch: "_Batch | None") -> None:
        """Not before it is committed are its mails behind us."""
        if batch is not None:
            batch.keeping.wait()
            self.mark = batch.mark
            self.got_on = True

    def _pass(self, uid: int) -> None:
        """What is gone or none of ours is behind us too."""
        if uid > self.mark.uid:
            self.mark = self.mark.advanced(uid, (), owing=False)
            self.desk.save(self.mark)

    # -------------------------------------------------------------- courtesy

    def _tidy(self) -> None:
        """Marks or moves what is kept. It is never the truth: what the server refuses is let be."""
        if not self.mark.owed:
            return
        try:
            if self.settings.after == "move":
                self.folder.move(self.mark.owed, self.settings.move_to)
            elif self.settings.after == "seen":
                self.folder.mark_seen(self.mark.owed)
        except Refused as error:
            log.warning("kept mail could not be marked or moved", extra=self._about(reason=str(error)))
        self.mark = self.mark.tidied()
        self.desk.save(self.mark)

    def _about(self, **more: object) -> dict[str, object]:
        return {"channel": self.settings.name, **more}
