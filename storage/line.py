"""What waits for the writer, and how much of it makes a batch."""

import threading
from collections import deque
from collections.abc import Collection

from bot.store import StoreBroken, StoreBusy, StoreError
from storage.batch import Waiting

WORKS = 50
# A flood of mail fills a batch only so far: the desk has to go on answering it.
KEEPS = 40
BYTES = 8_000_000
# A work that stores more than this has a commit for itself.
LARGE = 1_000_000


class Line:
    """Two lines, of keeps and of other works. Callers add at one end, the writer's thread takes from the other."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._keeps: deque[Waiting] = deque()
        self._works: deque[Waiting] = deque()
        self._works_first = False
        self._closed: type[StoreError] | None = None
        self._why = ""

    @property
    def closed(self) -> bool:
        return self._closed is not None

    def add(self, waiting: Waiting) -> None:
        """Raises what the line was closed with."""
        with self._changed:
            if self._closed is not None:
                raise self._closed(self._why)
            (self._keeps if waiting.arrivals else self._works).append(waiting)
            self._changed.notify()

    def take(self, seconds: float) -> list[Waiting]:
        """The next batch; an empty one when nothing came for so long, or when the line is closed and empty."""
        with self._changed:
            if not (self._keeps or self._works or self._closed):
                self._changed.wait(seconds)
            return self._gather()

    def close(self, kind: type[StoreBroken] | type[StoreBusy], why: str) -> None:
        """Nobody may join any more; whoever waits still does."""
        with self._changed:
            if self._closed is not StoreBroken:
                self._closed, self._why = kind, why
            self._changed.notify()

    def drain(self) -> Collection[Waiting]:
        """Everybody who waits."""
        with self._changed:
            left = [*self._keeps, *self._works]
            self._keeps.clear()
            self._works.clear()
        return left

    def _gather(self) -> list[Waiting]:
        """Keeps first, except after a large one while works wait: else large mails could hold up the desk for ever."""
        lines = [(self._keeps, KEEPS), (self._works, WORKS)]
        if self._works_first:
            lines.reverse()
        self._works_first = False
        batch: list[Waiting] = []
        for line, most in lines:
            self._fill(batch, line, most)
            if batch and batch[-1].size > LARGE:
                break
        return batch

    def _fill(self, batch: list[Waiting], line: deque[Waiting], most: int) -> None:
        size = sum(waiting.size for waiting in batch)
        while line and len(batch) < most:
            first = line[0]
            if first.future.cancelled():
                line.popleft()
                continue
            if batch and (first.size > LARGE or size + first.size > BYTES):
                self._works_first = line is self._works
                return
            batch.append(line.popleft())
            size += first.size
            if first.size > LARGE:
                self._works_first = line is self._keeps
                return
