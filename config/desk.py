"""A running desk: connectors that listen, a worker per lane, the HTTP endpoint, and an orderly end."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any

from bot.chores import Chores
from bot.connector import Connector
from bot.intake import Intake
from bot.marks import Polling, StoredMarks
from bot.worker import Worker
from config.errors import Refused
from storage.store import SqlStore

log = logging.getLogger("firstline.desk")

# From SIGTERM to the end; what is still at work then is cut off, and found again by its lease.
DRAIN_SECONDS = 30.0


class Desk:
    """Runs until it is asked to stop, or a part fails. Never half a desk: one part's end is everybody's."""

    def __init__(
        self,
        store: SqlStore,
        connectors: Mapping[str, Connector],
        workers: Sequence[Worker],
        *,
        listening: Collection[str],
    ) -> None:
        self.store = store
        self.connectors = connectors
        self.workers = workers
        self.listening = listening
        self.stopping = asyncio.Event()
        self._problem: str | None = "starting"
        self._beside: list[Coroutine[Any, Any, None]] = []
        self._listeners: list[asyncio.Task[None]] = []
        self._working: list[asyncio.Task[None]] = []

    async def run(self, announce: Callable[[], None], farewell: Callable[[], None] = lambda: None) -> None:
        """`announce` when all is ready, `farewell` when the drain begins. Returns after the drain; raises what the
        failed part raised, after a drain as well."""
        try:
            await self._start()
            self._problem = None
            announce()
            await self._watch()
        finally:
            self._problem = "draining"
            farewell()
            await self._drain()

    def stop(self) -> None:
        self.stopping.set()

    def beside(self, part: Coroutine[Any, Any, None]) -> None:
        """Something that runs from the start to the end of the drain."""
        self._beside.append(part)

    def problem(self) -> str | None:
        """Why no requests can be taken just now."""
        return "the database is broken" if self.store.broken.is_set() else self._problem

    def endpoints(self) -> dict[str, str]:
        """Where each listening channel can be reached."""
        known = {name: getattr(self.connectors[name], "endpoint", None) for name in self.listening}
        return {name: f"{where[0]}:{where[1]}" for name, where in known.items() if where}

    # -------------------------------------------------------------- parts

    async def _start(self) -> None:
        for worker in self.workers:
            if isinstance(worker.step, Chores):
                await worker.step.wind()
        self._working = [asyncio.create_task(worker.run(), name=f"lane {worker.step.lane}") for worker in self.workers]
        self._working += [asyncio.create_task(part, name="http") for part in self._beside]
        intake = Intake(self.store)
        for name in self.listening:
            connector = self.connectors[name]
            if isinstance(connector, Polling):
                connector.remember(StoredMarks(self.store))
            listener = asyncio.create_task(connector.listen(intake.keep), name=f"channel {name}")
            self._listeners.append(listener)
            await self._until_ready(connector, listener)

    async def _until_ready(self, connector: Connector, listener: asyncio.Task[None]) -> None:
        ready = asyncio.create_task(connector.ready.wait())
        await asyncio.wait([ready, listener], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if listener.done():
            try:
                listener.result()
            except OSError as error:
                what = f"{connector.channel.name.upper()}__LISTEN: {error.strerror or error}"
                raise Refused(f"{what}; free the port or choose another") from error

    async def _watch(self) -> None:
        ends = [asyncio.create_task(self.stopping.wait()), asyncio.create_task(self.store.broken.wait())]
        parts = [*self._listeners, *self._working]
        done, _ = await asyncio.wait([*ends, *parts], return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        for part in done.intersection(parts):
            part.result()
            if not self.stopping.is_set():
                raise RuntimeError(f"{part.get_name()} ended by itself")

    async def _drain(self) -> None:
        """Take nothing more, finish what is at work."""
        for worker in self.workers:
            worker.drain()
        for listener in self._listeners:
            listener.cancel()
        tasks = [*self._listeners, *self._working[: len(self.workers)]]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=DRAIN_SECONDS - 2)
            for task in late:
                log.warning("cut off", extra={"part": task.get_name()})
        for task in (*self._listeners, *self._working):
            task.cancel()
        await asyncio.gather(*self._listeners, *self._working, return_exceptions=True)
