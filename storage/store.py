"""The Store on a SQL database: one writer, many readers, and word of what has changed."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.clock import Clock
from bot.model import Arrival, Job, Kept, Lane
from bot.store import Look, Transaction
from storage import migrate
from storage.batch import Waiting
from storage.database import database
from storage.dialect import Limits
from storage.readers import Readers
from storage.transaction import SqlTransaction
from storage.writer import Figures, Writer

T = TypeVar("T")

# Of a Job that another store has claimed.
LEASE = timedelta(minutes=1)


class SqlStore:
    """Use it as `async with SqlStore(url) as store`, or call start() and close().

    `broken` is set when nothing more can be written: end the process then, so that it is started anew.
    """

    def __init__(
        self, url: str, clock: Clock | None = None, limits: Limits | None = None, *, looking: bool = False
    ) -> None:
        """`looking`: for reading alone, beside whoever holds the write lock. Raises ValueError when the URL names no
        database that we know."""
        self.database = database(url, clock, limits)
        self.broken = asyncio.Event()
        self._signals = {lane: asyncio.Event() for lane in Lane}
        self._leases: dict[Lane, timedelta] = {}
        self._looking = looking
        self._readers = Readers(self.database)
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the database; on SQLite, bring its schema up to date. Raises SchemaMismatch or another StoreError."""
        await asyncio.to_thread(migrate.prepare, self.database)
        if self._looking:
            return
        self._writer = Writer(self.database, self._wake, self.broken.set)
        await self._writer.start()
        self._listening = asyncio.create_task(self.database.listen(self._wake))

    async def close(self) -> None:
        """Write what waits, then let go of the database."""
        if self._listening is not None:
            self._listening.cancel()
            # A server that has stopped is not waited for.
            await asyncio.wait([self._listening], timeout=1)
            self._listening = None
            await self._writer.close()
        await self._readers.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def figures(self) -> Figures:
        return self._writer.figures

    async def keep(self, arrivals: Sequence[Arrival]) -> Sequence[Kept]:
        if not arrivals:
            return []
        kept: Sequence[Kept] = await self._submit(
            lambda tx: tx.arrivals.keep(arrivals),
            "keep",
            size=sum(len(arrival.raw) for arrival in arrivals),
            arrivals=arrivals,
        )
        return kept

    async def write(self, work: Callable[[Transaction], T], *, size: int = 0) -> T:
        done: T = await self._submit(work, getattr(work, "__name__", type(work).__name__), size=size)
        return done

    async def read(self, look: Callable[[Look], T]) -> T:
        return await self._readers.read(look)

    async def claim(self, lane: Lane, *, at_most: int, lease: timedelta) -> list[Job]:
        self._leases[lane] = lease
        jobs: list[Job] = await self._submit(lambda tx: tx.jobs.claim(lane, at_most=at_most, lease=lease), "claim")
        return jobs

    def signal(self, lane: Lane) -> asyncio.Event:
        return self._signals[lane]

    async def renew(self, jobs: Sequence[Job]) -> Sequence[Job]:
        def renew(tx: SqlTransaction) -> list[Job]:
            return [job for lane in lanes for job in tx.jobs.renew([j for j in jobs if j.lane is lane], leases[lane])]

        lanes = sorted({job.lane for job in jobs})
        leases = {lane: self._leases.get(lane, LEASE) for lane in lanes}
        kept: list[Job] = await self._submit(renew, "renew")
        return kept

    async def _submit(
        self,
        work: Callable[[SqlTransaction], Any],
        name: str,
        *,
        size: int = 0,
        arrivals: Sequence[Arrival] = (),
    ) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._writer.submit(Waiting(work, name, size, future, arrivals))
        return await future

    def _wake(self, lanes: Collection[Lane] = tuple(Lane)) -> None:
        for lane in lanes:
            self._signals[lane].set()
