"""The one thread that writes: what waits becomes a batch, and a batch one commit."""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.failpoints import FailpointReached
from bot.store import CommitUnknown, StoreBroken, StoreBusy
from storage.batch import Outcome, Waiting, commit
from storage.dialect import Database
from storage.errors import USELESS, Verdict, store_error, verdict
from storage.line import Line
from storage.link import Ended, Link, NotBegun, Unknown

Wake = Callable[..., None]

log = logging.getLogger(__name__)

# How often a work runs alone that loses races, or its connection.
TRIES = 3


@dataclass
class Figures:
    """What the writer has done since it started."""

    works: int = 0
    batches: int = 0
    reruns: int = 0
    seconds: float = 0.0  # from the beginnings of the batches until their commits were done
    slowest: float = 0.0
    sizes: Counter[int] = field(default_factory=Counter)
    """How many batches had how many works."""

    def add(self, size: int, seconds: float) -> None:
        self.batches += 1
        self.works += size
        self.sizes[size] += 1
        self.seconds += seconds
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
        self._line = Line()
        self._current: Collection[Waiting] = ()
        self._over = False
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
        """Its future is told, or resolved. Raises StoreBusy or StoreBroken when nothing is taken any more."""
        self._line.add(waiting)

    async def close(self) -> None:
        """Write what waits, then end."""
        self._line.close(StoreBusy, f"{self._database.name} is being closed; nothing was stored")
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
        if self._database.remote or not self._over:
            # Closing SQLite's last connection would write and sync again what a broken disk has refused.
            self._link.close()

    def _open(self) -> bool:
        try:
            self._link.begin()
        except NotBegun as failed:
            error = self._error(failed.cause)
            self._line.close(StoreBusy, str(error))
            self._tell(_settle, self._opened, None, error)
            return False
        self._link.roll_back()
        self._tell(_settle, self._opened, None, None)
        return True

    def _write(self) -> None:
        while not self._over:
            self._current = batch = self._line.take(self._database.limits.poll)
            if batch:
                self._serve(batch)
            elif self._line.closed:
                self._rest()
                return
            self._look_round()

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
            if not self._over:
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
            self._fail(self._line.drain(), failed.cause)

    def _fail(self, batch: Collection[Waiting], cause: Exception) -> None:
        if isinstance(error := self._error(cause), StoreBroken):
            log.critical("%s", error)
            self._break(str(error))
            return
        if verdict(cause) is Verdict.INPUT_OUTPUT:
            self._link.drop()
        self._answer([Outcome(waiting, error=self._error(cause)) for waiting in batch])

    def _break(self, why: str) -> None:
        """Nothing more is written."""
        self._over = True
        self._line.close(StoreBroken, why)
        left = [*self._current, *self._line.drain()]
        self._tell(self._broken)
        self._tell(self._settle, [Outcome(waiting, error=StoreBroken(why)) for waiting in left])
        self._tell(_settle, self._opened, None, StoreBroken(why))

    def _error(self, cause: Exception) -> Exception:
        room = verdict(cause) is not Verdict.INPUT_OUTPUT or self._database.has_room()
        return store_error(cause, self._database.name, room=room)

    def _tell(self, function: Callable[..., None], *words: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(function, *words)

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        self._wake({lane for outcome in outcomes for lane in outcome.wakes})
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
    elif isinstance(error, StopIteration):
        future.set_exception(_caused(RuntimeError("a work raised StopIteration, which no future may carry"), error))
    else:
        future.set_exception(error)


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error
