"""The one thread that writes: what waits becomes a batch, and a batch one commit."""

import asyncio
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.failpoints import FailpointReached
from bot.store import CommitUnknown, StoreBroken, StoreBusy
from storage.batch import Outcome, Waiting, commit
from storage.database import Database
from storage.errors import USELESS, Verdict, store_error, verdict
from storage.link import Ended, Link, NotBegun, Unknown

Wake = Callable[..., None]

log = logging.getLogger(__name__)

WORKS = 50
# A flood of mail fills a batch only so far: the desk has to go on answering it.
KEEPS = 40
BYTES = 8_000_000
# A work that stores more than this has a commit for itself.
LARGE = 1_000_000
# How often a work runs alone that loses races, or its connection.
TRIES = 3


@dataclass
class Figures:
    """What the writer has done since it started."""

    works: int = 0
    commits: int = 0
    reruns: int = 0
    commit_seconds: float = 0.0
    slowest: float = 0.0
    sizes: Counter[int] = field(default_factory=Counter)
    """How many batches had how many works."""

    def add(self, size: int, seconds: float) -> None:
        self.commits += 1
        self.works += size
        self.sizes[size] += 1
        self.commit_seconds += seconds
        self.slowest = max(self.slowest, seconds)


class Writer:
    """Calls back in the loop: `wake` when there may be work, with the lanes if they are known, and `broken` once."""

    def __init__(self, database: Database, wake: Wake, broken: Callable[[], None]) -> None:
        self.figures = Figures()
        self._database = database
        self._wake = wake
        self._broken = broken
        self._link = Link(database)
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._lock = threading.Condition()
        self._keeps: deque[Waiting] = deque()
        self._works: deque[Waiting] = deque()
        self._current: Sequence[Waiting] = ()
        self._closing = False
        self._why: str | None = None
        self._works_turn = False
        self._version: int | None = None
        self._looked = self._last = 0.0
        self._began: float | None = None
        self._guard: asyncio.Task[None] | None = None
        self._dirty = False
        self._thread = threading.Thread(target=self._live, name="firstline-writer", daemon=True)

    # -------------------------------------------------------------- called in the loop

    async def start(self) -> None:
        """Raises a StoreError when the database can't be written."""
        self._thread.start()
        await self._opened
        self._guard = asyncio.create_task(self._watch())

    def submit(self, waiting: Waiting) -> None:
        with self._lock:
            if self._why is not None:
                raise StoreBroken(self._why)
            if self._closing:
                raise StoreBusy(f"{self._database.name} is being closed; nothing was stored")
            (self._keeps if waiting.arrivals else self._works).append(waiting)
            self._lock.notify()

    async def close(self) -> None:
        """Write what waits, then end."""
        with self._lock:
            self._closing = True
            self._lock.notify()
        await asyncio.to_thread(self._thread.join)
        if self._guard is not None:
            self._guard.cancel()

    async def _watch(self) -> None:
        """A server that has stopped answers nothing, not even with an error."""
        longest = self._database.limits.stuck
        while True:
            await asyncio.sleep(longest / 10)
            if self._began is not None and time.monotonic() - self._began > longest:
                self._link.cut()

    # -------------------------------------------------------------- the thread

    def _live(self) -> None:
        try:
            if self._open():
                self._write()
        except BaseException as error:
            log.critical("the writer of %s has died", self._database.name, exc_info=error)
            self._break(f"the writer of {self._database.name} has died ({type(error).__name__}): start again")
        if self._why is None:
            # Otherwise not even this: closing SQLite's last connection writes and syncs what a broken disk refused.
            self._link.close()

    def _open(self) -> bool:
        try:
            self._link.begin()
        except NotBegun as failed:
            self._tell(_settle, self._opened, None, self._error(failed.cause))
            return False
        self._link.roll_back()
        self._tell(_settle, self._opened, None, None)
        return True

    def _write(self) -> None:
        while self._why is None:
            batch = self._next()
            if batch:
                self._serve(batch)
            elif self._closing:
                self._rest()
                return
            self._look_round()

    def _next(self) -> list[Waiting]:
        with self._lock:
            if not (self._keeps or self._works or self._closing):
                self._lock.wait(self._database.limits.poll)
            self._current = batch = self._gather()
        return batch

    def _gather(self) -> list[Waiting]:
        """Keeps first, except after a large one while works wait: else large mails could hold up the desk for ever."""
        lines = [(self._keeps, KEEPS), (self._works, WORKS)]
        if self._works_turn:
            lines.reverse()
        self._works_turn = False
        batch: list[Waiting] = []
        size = 0
        for line, most in lines:
            while line and len(batch) < most:
                first = line[0]
                if first.future.cancelled():
                    line.popleft()
                    continue
                if batch and (first.size > LARGE or size + first.size > BYTES):
                    self._works_turn = line is self._works
                    break
                batch.append(line.popleft())
                size += first.size
                if first.size > LARGE:
                    self._works_turn = line is self._keeps
                    return batch
        return batch

    def _serve(self, batch: Sequence[Waiting]) -> None:
        if len(batch) == 1:
            self._alone(batch[0])
            return
        try:
            self._answer(self._commit(batch))
        except NotBegun as failed:
            self._refuse(batch, failed)
        except Unknown as failed:
            self._doubt(batch, failed)
        except Ended as failed:
            self._one_by_one(batch, failed)

    def _one_by_one(self, batch: Sequence[Waiting], failed: Ended) -> None:
        if verdict(failed.cause) in (Verdict.INPUT_OUTPUT, Verdict.BROKEN):
            self._fail(batch, failed.cause)
            return
        self.figures.reruns += len(batch)
        for waiting in batch:
            if self._why is None:
                self._alone(waiting)

    def _alone(self, waiting: Waiting) -> None:
        for _ in range(TRIES):
            try:
                self._answer(self._commit([waiting]))
                return
            except NotBegun as failed:
                self._refuse([waiting], failed)
                return
            except Unknown as failed:
                self._doubt([waiting], failed)
                return
            except Ended as failed:
                cause = failed.cause
            if not isinstance(cause, FailpointReached) and verdict(cause) not in (Verdict.AGAIN, *USELESS):
                break
        self._fail([waiting], cause)

    def _commit(self, batch: Sequence[Waiting]) -> list[Outcome]:
        self._began = began = time.monotonic()
        try:
            outcomes = commit(self._link, batch)
        finally:
            self._began = None
        self._last = time.monotonic()
        self._dirty = True
        self.figures.add(len(batch), self._last - began)
        return outcomes

    # -------------------------------------------------------------- what the waiting are told

    def _answer(self, outcomes: Sequence[Outcome]) -> None:
        self._tell(self._settle, outcomes)

    def _doubt(self, batch: Sequence[Waiting], failed: Unknown) -> None:
        text = f"{self._database.name} was lost during COMMIT: look by key whether it was stored"
        self._answer([Outcome(waiting, error=_caused(CommitUnknown(text), failed.cause)) for waiting in batch])
        self._tell(self._wake)

    def _refuse(self, batch: Sequence[Waiting], failed: NotBegun) -> None:
        """When the server is away, whoever waits in line has waited long enough, too."""
        self._fail(batch, failed.cause)
        if self._database.remote and verdict(failed.cause) is Verdict.LOST:
            self._fail(self._drain(), failed.cause)

    def _fail(self, batch: Sequence[Waiting], cause: Exception) -> None:
        if isinstance(error := self._error(cause), StoreBroken):
            log.critical("%s", error)
            self._break(str(error))
            return
        if verdict(cause) is Verdict.INPUT_OUTPUT:
            self._link.drop()
        self._answer([Outcome(waiting, error=self._error(cause)) for waiting in batch])

    def _break(self, why: str) -> None:
        with self._lock:
            self._why = why
        left = [*self._current, *self._drain()]
        self._tell(self._broken)
        self._tell(self._settle, [Outcome(waiting, error=StoreBroken(why)) for waiting in left])
        self._tell(_settle, self._opened, None, StoreBroken(why))

    def _drain(self) -> list[Waiting]:
        with self._lock:
            left = [*self._keeps, *self._works]
            self._keeps.clear()
            self._works.clear()
        return left

    def _error(self, cause: Exception) -> Exception:
        room = verdict(cause) is not Verdict.INPUT_OUTPUT or self._database.has_room()
        return store_error(cause, self._database.name, room=room)

    def _tell(self, function: Callable[..., None], *words: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(function, *words)

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        self._wake({lane for outcome in outcomes if outcome.error is None for lane in outcome.waiting.wakes})
        for outcome in outcomes:
            _settle(outcome.waiting.future, outcome.value, outcome.error)

    # -------------------------------------------------------------- between batches

    def _look_round(self) -> None:
        now = time.monotonic()
        if now - self._looked >= self._database.limits.poll:
            self._looked = now
            self._look_for_others()
        if self._dirty and now - self._last >= self._database.limits.idle:
            self._rest()

    def _look_for_others(self) -> None:
        try:
            version = self._link.version()
        except Ended:
            self._link.drop()
            return
        if self._version is not None and version != self._version:
            self._tell(self._wake)
        self._version = version

    def _rest(self) -> None:
        self._dirty = False
        try:
            self._link.rest()
        except Ended as failed:
            self._fail([], failed.cause)


def _settle(future: "asyncio.Future[Any]", value: Any, error: Exception | None) -> None:
    if future.done():
        return  # its caller was cancelled
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error
