"""read: the second step. A raw Arrival becomes a Message in a Conversation."""

import logging
from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from bot import metrics
from bot.connector import Connector, Reader
from bot.editing import edit
from bot.filing import Filing
from bot.keyring import KeyRing
from bot.manners import Manners
from bot.model import Arrival, Channel, Edit, Inbound, Job, Lane, Meaning, Skipped
from bot.store import Store, Transaction, until_settled

log = logging.getLogger("firstline.read")


class Unreadable(Exception):
    """The reader was stopped or died over this Arrival, as it would again."""


class Isolate(Protocol):
    """Runs a reader where it can be killed. Raises Unreadable."""

    async def __call__(self, reader: Reader, arrival: Arrival) -> Meaning: ...


class Reading:
    lane = Lane.READ
    tries = 3
    first_wait = 0.5
    longest_wait = 60.0

    def __init__(
        self, store: Store, connectors: Mapping[str, Connector], ring: KeyRing, isolate: Isolate, manners: Manners
    ) -> None:
        self.store = store
        self.connectors = connectors
        self.ring = ring
        self.isolate = isolate
        self.manners = manners

    async def run(self, job: Job) -> None:
        arrival = await self.store.read(lambda look: look.arrivals.get(UUID(job.subject)))
        if arrival is None:
            raise LookupError(f"no arrival {job.subject}")
        connector = self._connector(arrival)
        try:
            meaning = await self._read(connector.reader, arrival)
        except Unreadable as error:
            await self._set_aside(job, arrival, connector, str(error))
            return
        await self._file(job, arrival, connector.channel, meaning)

    async def give_up(self, job: Job, error: str) -> None:
        arrival = await self.store.read(lambda look: look.arrivals.get(UUID(job.subject)))
        connector = self.connectors.get(arrival.channel) if arrival else None
        if arrival is None or connector is None:
            await self._bury(job, error)
            return
        await self._set_aside(job, arrival, connector, error)

    # -------------------------------------------------------------- parts

    async def _bury(self, job: Job, error: str) -> None:
        """Nothing can be filed without its channel: the raw is kept, and `firstline queue list` shows it."""

        def bury(tx: Transaction) -> None:
            tx.jobs.bury(job, error)
            tx.arrivals.close(UUID(job.subject), "set aside", error)

        await self.store.write(bury)

    def _connector(self, arrival: Arrival) -> Connector:
        if arrival.channel not in self.connectors:
            raise LookupError(f"no channel {arrival.channel!r} is configured; name it again, then `firstline reread`")
        return self.connectors[arrival.channel]

    async def _read(self, reader: Reader, arrival: Arrival) -> Meaning:
        if reader.isolated:
            return await self.isolate(reader, arrival)
        return reader(arrival)

    async def _file(self, job: Job, arrival: Arrival, channel: Channel, meaning: Meaning) -> None:
        def file(tx: Transaction) -> None:
            tx.jobs.finish(job)
            match meaning:
                case Skipped():
                    tx.arrivals.close(arrival.id, "skipped", meaning.reason)
                case Edit():
                    edit(tx, arrival, meaning)
                case Inbound():
                    Filing(tx, arrival, channel, meaning, self.ring, self.manners).file("read")

        await until_settled(lambda: self.store.write(file))
        kind = meaning.kind.value if isinstance(meaning, Inbound) else type(meaning).__name__.lower()
        metrics.READ.labels(arrival.channel, kind).inc()

    async def _set_aside(self, job: Job, arrival: Arrival, connector: Connector, error: str) -> None:
        """What can't be read still becomes a message: marked, with what little is sure, the raw kept beside it."""
        log.warning("set aside", extra={"arrival": arrival.id, "reason": error})
        salvaged = connector.reader.salvage(arrival, error)

        def set_aside(tx: Transaction) -> None:
            tx.jobs.bury(job, error)
            Filing(tx, arrival, connector.channel, salvaged, self.ring, self.manners).file("set aside", error)

        await until_settled(lambda: self.store.write(set_aside))
        metrics.READ.labels(arrival.channel, "set aside").inc()
