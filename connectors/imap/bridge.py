"""From the mailbox's thread to the desk's loop: the thread waits, the loop never does."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from typing import Any, Generic, TypeVar

from bot import metrics
from bot.connector import Keep
from bot.failpoints import failpoint
from bot.marks import Marks
from bot.model import Arrival
from bot.store import StoreError
from connectors.imap.failures import NotKept
from connectors.imap.mark import Mark

T = TypeVar("T")


class Stopped(Exception):
    """The desk wants no more."""


class Bridge:
    """Used by the thread, but for `wake`, `stop` and `give_up`, which the loop calls."""

    def __init__(self, place: str, keep: Keep, marks: Marks, loop: asyncio.AbstractEventLoop) -> None:
        self.place = place
        self._keep = keep
        self._marks = marks
        self._loop = loop
        self._awake = threading.Event()
        self._stopped = False
        self._pending: set[Future[Any]] = set()

    # -------------------------------------------------------------- from the thread

    def keep(self, arrivals: Sequence[Arrival], mark: Mark) -> "Promise[None]":
        return self._begin(lambda: self._keep_and_mark(arrivals, mark))

    def load(self) -> Mark | None:
        stored = self._begin(lambda: self._marks.load(self.place)).wait()
        return Mark.of(stored) if stored else None

    def save(self, mark: Mark) -> None:
        self._begin(lambda: self._marks.save(self.place, mark.as_object())).wait()

    def begun(self) -> None:
        self._begin(lambda: self._marks.begun(self.place)).wait()

    def read(self, waiting: int) -> None:
        metrics.MAILBOX_READ.labels(self.place).set_to_current_time()
        metrics.MAILBOX_WAITING.labels(self.place).set(waiting)
        self._begin(lambda: self._marks.read(self.place, waiting)).wait()

    def failed(self, reason: str) -> None:
        self._begin(lambda: self._marks.failed(self.place, reason)).wait()

    def sleep(self, seconds: float) -> None:
        """At most so long. Raises Stopped."""
        self._awake.wait(seconds)
        self._awake.clear()
        self.check()

    def check(self) -> None:
        """Raises Stopped."""
        if self._stopped:
            raise Stopped

    async def _keep_and_mark(self, arrivals: Sequence[Arrival], mark: Mark) -> None:
        """A crash between the two has the mails fetched again; their keys say that they are kept."""
        await self._keep(arrivals)
        failpoint("imap.kept")
        await self._marks.save(self.place, mark.as_object())

    def _begin(self, work: "Callable[[], Coroutine[Any, Any, T]]") -> "Promise[T]":
        self.check()
        coroutine = work()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError as error:  # the loop is closed
            coroutine.close()
            raise Stopped from error
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return Promise(future)

    # -------------------------------------------------------------- from the loop

    def wake(self) -> None:
        self._awake.set()

    def stop(self) -> None:
        self._stopped = True
        self.wake()

    def give_up(self) -> None:
        """What is still being waited for is not waited for any longer."""
        for future in tuple(self._pending):
            future.cancel()


class Promise(Generic[T]):
    def __init__(self, future: "Future[T]") -> None:
        self._future = future

    def wait(self) -> T:
        """Raises NotKept, or Stopped."""
        try:
            return self._future.result()
        except CancelledError:
            raise Stopped from None
        except StoreError as error:
            raise NotKept(f"the desk could not keep it: {error}") from error
        except Exception as error:
            raise NotKept(f"the desk could not keep it ({type(error).__name__})") from error
