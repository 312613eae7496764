"""Claim, run, record, wait: the loop of one lane. It knows Jobs and nothing of support."""

import asyncio
import logging
import time
from datetime import timedelta
from typing import Protocol

from bot import metrics
from bot.backoff import backoff
from bot.clock import Clock
from bot.model import Job, Lane
from bot.store import LostClaim, Store, StoreBroken, StoreError, Transaction

log = logging.getLogger("firstline.worker")


class Step(Protocol):
    """What a lane does with a Job. `tries`: how often before it gives up; `first_wait`, `longest_wait`: seconds."""

    lane: Lane
    tries: int
    first_wait: float
    longest_wait: float

    async def run(self, job: Job) -> None:
        """Do the work and, in the same commit as its effects, finish or retry the Job."""
        ...

    async def give_up(self, job: Job, error: str) -> None:
        """The tries are used up: bury the Job so that it ends at a person."""
        ...


class Worker:
    def __init__(
        self,
        store: Store,
        step: Step,
        clock: Clock,
        *,
        at_once: int,
        lease: timedelta = timedelta(seconds=60),
        poll: float = 5.0,
    ) -> None:
        self.store = store
        self.step = step
        self.clock = clock
        self.at_once = at_once
        self.lease = lease
        self.poll = poll
        self.running: dict[asyncio.Task[None], Job] = {}
        self._renewed = time.monotonic()
        self._draining = False

    async def run(self) -> None:
        """Until `drain`; then no Job is claimed any more and those at work are waited for."""
        renewing = asyncio.create_task(self._renew())
        try:
            while not self._draining:
                await self._once()
            await self._finish_running()
        finally:
            renewing.cancel()
            for task in self.running:
                task.cancel()

    def drain(self) -> None:
        self._draining = True
        self.store.signal(self.step.lane).set()

    # -------------------------------------------------------------- the loop

    async def _once(self) -> None:
        signal = self.store.signal(self.step.lane)
        signal.clear()
        free = self.at_once - len(self.running)
        try:
            if time.monotonic() - self._renewed > self.lease.total_seconds() / 2:
                # We were stopped (SIGSTOP, a frozen host): without this we would claim what we are still working on.
                await self._renew_held()
            claimed = await self.store.claim(self.step.lane, at_most=free, lease=self.lease) if free else []
            for job in claimed:
                self._start(job)
            wait = self.poll if len(claimed) == free else await self._until_due()
        except StoreBroken:
            raise
        except StoreError as error:
            log.warning("can't claim", extra={"lane": self.step.lane}, exc_info=error)
            wait = min(1.0, self.poll)
        if not self._draining:
            await self._wait(signal, wait)

    async def _until_due(self) -> float:
        due = await self.store.read(lambda look: look.jobs.next_due([self.step.lane]))
        if due is None:
            return self.poll
        return min(self.poll, max(0.02, (due - self.clock.now()).total_seconds()))

    async def _wait(self, signal: asyncio.Event, seconds: float) -> None:
        """For new work or, when all hands are busy, for a free one."""
        if len(self.running) == self.at_once:
            await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED, timeout=self.poll)
            return
        try:
            async with asyncio.timeout(seconds):
                await signal.wait()
        except TimeoutError:
            return

    def _start(self, job: Job) -> None:
        if job.lapsed:
            metrics.EXPIRED.labels(job.lane.value).inc()
            log.warning("a lease had run out", extra={"lane": job.lane, "subject": job.subject})
        task = asyncio.create_task(self._work(job), name=f"{job.lane} {job.subject}")
        self.running[task] = job
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.running.pop(task, None)
        self.store.signal(self.step.lane).set()

    async def _finish_running(self) -> None:
        while self.running:
            await asyncio.wait(self.running)

    # -------------------------------------------------------------- one Job

    async def _work(self, job: Job) -> None:
        try:
            await self.step.run(job)
        except LostClaim as error:
            metrics.FENCED.labels(job.lane.value).inc()
            log.info("fenced", extra={"lane": job.lane, "subject": job.subject}, exc_info=error)
        except Exception as error:
            metrics.FAILED_JOBS.labels(job.lane.value).inc()
            log.warning("failed", extra={"lane": job.lane, "subject": job.subject}, exc_info=True)
            # The store's troubles are not the Job's: they use up none of its tries.
            await self._record(job, f"{type(error).__name__}: {error}", free=isinstance(error, StoreError))

    async def _record(self, job: Job, error: str, *, free: bool) -> None:
        """Write down that a try failed. If even that fails, the lease runs out and the Job is claimed again."""
        try:
            if not free and job.attempts >= self.step.tries:
                log.error("set aside", extra={"lane": job.lane, "subject": job.subject})
                await self.step.give_up(job, error)
            else:
                await self._again(job, error, free=free)
        except LostClaim:
            return
        except Exception:
            log.exception("can't record a failure", extra={"lane": job.lane, "subject": job.subject})

    async def _again(self, job: Job, error: str, *, free: bool) -> None:
        wait = backoff(job.attempts, first=self.step.first_wait, most=self.step.longest_wait)

        def retry(tx: Transaction) -> None:
            tx.jobs.retry(job, tx.now + wait, error, free=free)

        await self.store.write(retry)

    # -------------------------------------------------------------- leases

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.lease.total_seconds() / 3)
            try:
                await self._renew_held()
            except StoreError as error:
                log.warning("can't renew leases", extra={"lane": self.step.lane}, exc_info=error)

    async def _renew_held(self) -> None:
        """Keep the leases of what is at work; what was lost to another worker is stopped."""
        held = dict(self.running)
        kept = {(job.id, job.epoch) for job in await self.store.renew(list(held.values()))} if held else set()
        self._renewed = time.monotonic()
        for task, job in held.items():
            if (job.id, job.epoch) not in kept:
                task.cancel()
