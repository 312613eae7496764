"""The workspace's time. It passes by itself, and a test can let it pass at once."""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.clock import Clock

T = TypeVar("T")

TICK = 0.01


class Timeline:
    """A Clock, and what was let pass by `advance` on top of it. All waits of the fake are measured on it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._ahead = timedelta()
        self._alarms: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def now(self) -> datetime:
        return self.clock.now() + self._ahead

    def seconds(self) -> float:
        """Since 1970, as Slack writes its times."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        """What is due by then happens in the next turns of the loop."""
        self._ahead += timedelta(seconds=seconds)
        self._ring()

    def alarm(self, seconds: float) -> asyncio.Future[None]:
        """Set from this very moment: an `advance` that follows counts."""
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._alarms, (self.now() + timedelta(seconds=seconds), next(self._number), alarm))
        return alarm

    async def after(self, seconds: float) -> None:
        await self.alarm(seconds)

    async def within(self, seconds: float, work: Awaitable[T]) -> T:
        """What the work gives. Work that takes longer is cancelled: TimeoutError."""
        task, alarm = asyncio.ensure_future(work), self.alarm(seconds)
        either: set[asyncio.Future[Any]] = {task, alarm}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise TimeoutError
            return task.result()
        finally:
            task.cancel()
            alarm.cancel()

    async def run(self) -> None:
        """Looks at the Clock again and again, since a Clock doesn't tell when it was moved."""
        while True:
            self._ring()
            await asyncio.sleep(TICK)

    def _ring(self) -> None:
        while self._alarms and self._alarms[0][0] <= self.now():
            _, _, alarm = heapq.heappop(self._alarms)
            if not alarm.done():
                alarm.set_result(None)
