"""Clockwork: what is due again and again. Each chore is one Job, so that of several hosts one does it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.model import Job, Lane
from bot.store import CommitUnknown, Store, Transaction


@dataclass(frozen=True)
class Chore:
    name: str
    every: timedelta
    do: Callable[[], Awaitable[None]]


class Chores:
    lane = Lane.CHORES
    tries = 5
    first_wait = 5.0
    longest_wait = 60.0

    def __init__(self, store: Store, chores: Sequence[Chore]) -> None:
        self.store = store
        self.chores = {chore.name: chore for chore in chores}

    async def wind(self) -> None:
        """Every chore is due now, and from then on by itself."""

        def wind(tx: Transaction) -> None:
            for name in self.chores:
                tx.jobs.put(Lane.CHORES, name)

        try:
            await self.store.write(wind)
        except CommitUnknown:
            # Twice is as good as once.
            await self.store.write(wind)

    async def run(self, job: Job) -> None:
        chore = self.chores.get(job.subject)
        if chore is None:
            await self._forget(job)
            return
        await chore.do()
        await self._again(job, chore)

    async def give_up(self, job: Job, error: str) -> None:
        """A chore is never set aside: the next time may be better, and its failures are in the log."""
        await self._again(job, self.chores[job.subject])

    async def _again(self, job: Job, chore: Chore) -> None:
        def again(tx: Transaction) -> None:
            tx.jobs.finish(job)
            tx.jobs.put(Lane.CHORES, chore.name, run_at=tx.now + chore.every)

        await self.store.write(again)

    async def _forget(self, job: Job) -> None:
        """One of another release."""

        def forget(tx: Transaction) -> None:
            tx.jobs.finish(job)

        await self.store.write(forget)
