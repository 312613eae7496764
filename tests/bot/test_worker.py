"""The loop of a lane, on a real store."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from bot.clock import HostClock
from bot.model import Job, JobState, Lane
from bot.store import StoreBusy
from bot.worker import Worker
from storage import migrate
from storage.store import SqlStore
from tests.waiting import until


class Doing:
    """A step that does what the test wants and remembers."""

    lane = Lane.TRIAGE
    tries = 3
    first_wait = 0.01
    longest_wait = 0.02

    def __init__(self, store: SqlStore, do: Callable[[Job], Awaitable[None]]) -> None:
        self.store = store
        self.do = do
        self.ran: list[Job] = []

    async def run(self, job: Job) -> None:
        self.ran.append(job)
        await self.do(job)
        await self.store.write(lambda tx: tx.jobs.finish(job))

    async def give_up(self, job: Job, error: str) -> None:
        await self.store.write(lambda tx: tx.jobs.bury(job, error))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    migrate.upgrade(database_url)
    async with SqlStore(database_url) as store:
        yield store


async def put(store: SqlStore, *subjects: str) -> None:
    def work(tx: object) -> None:
        for subject in subjects:
            tx.jobs.put(Lane.TRIAGE, subject)

    await store.write(work)


async def left(store: SqlStore) -> list[Job]:
    return await store.read(lambda look: look.jobs.rows())


async def nothing(job: Job) -> None:
    return


def worker(store: SqlStore, step: Doing, **more: object) -> Worker:
    return Worker(store, step, HostClock(), **{"at_once": 3, "poll": 5.0} | more)


async def drained(running: asyncio.Task[None], w: Worker) -> None:
    w.drain()
    await asyncio.wait_for(running, 5)


async def test_work_is_done_once_and_the_queue_is_empty(store: SqlStore) -> None:
    step = Doing(store, nothing)
    w = worker(store, step)
    running = asyncio.create_task(w.run())
    await put(store, *(str(n) for n in range(20)))
    await until(lambda: len(step.ran) == 20)
    await drained(running, w)
    assert sorted(int(job.subject) for job in step.ran) == list(range(20))
    assert await left(store) == []


async def test_new_work_wakes_a_sleeping_lane(store: SqlStore) -> None:
    step = Doing(store, nothing)
    w = worker(store, step, poll=60.0)
    running = asyncio.create_task(w.run())
    for number in range(3):
        await put(store, "same")
        await until(lambda number=number: len(step.ran) == number + 1, deadline=3)
        await until(lambda: not w.running)
    await drained(running, w)


async def test_what_fails_is_tried_again_and_then_set_aside(store: SqlStore) -> None:
    async def fail(job: Job) -> None:
        raise ValueError("poison")

    step = Doing(store, fail)
    w = worker(store, step)
    running = asyncio.create_task(w.run())
    await put(store, "bad")
    await until(lambda: len(step.ran) == 3)
    await drained(running, w)
    (job,) = await left(store)
    assert (job.state, job.error, job.attempts) == (JobState.BURIED, "ValueError: poison", 3)


async def test_the_stores_troubles_use_up_no_tries(store: SqlStore) -> None:
    async def fail_five_times(job: Job) -> None:
        if len(step.ran) <= 5:
            raise StoreBusy("locked")

    step = Doing(store, fail_five_times)
    w = worker(store, step)
    running = asyncio.create_task(w.run())
    await put(store, "one")
    await until(lambda: len(step.ran) == 6)
    await drained(running, w)
    assert await left(store) == []


async def test_a_lost_claim_is_stopped_and_its_late_write_fenced(store: SqlStore) -> None:
    stopped = asyncio.Event()

    async def hang(job: Job) -> None:
        if len(step.ran) > 1:
            return
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.set()
            raise

    step = Doing(store, hang)
    w = worker(store, step, lease=timedelta(seconds=0.6))
    running = asyncio.create_task(w.run())
    await put(store, "one")
    await until(lambda: step.ran)
    await store.write(lambda tx: tx.jobs.dig_up(Lane.TRIAGE, "one"))
    await asyncio.wait_for(stopped.wait(), 5)
    await until(lambda: len(step.ran) == 2)
    await drained(running, w)
    assert step.ran[1].epoch > step.ran[0].epoch


async def test_a_lease_is_renewed_while_the_work_lasts(store: SqlStore) -> None:
    release = asyncio.Event()

    async def wait(job: Job) -> None:
        await release.wait()

    step = Doing(store, wait)
    w = worker(store, step, lease=timedelta(seconds=0.3), poll=0.05)
    running = asyncio.create_task(w.run())
    await put(store, "one")
    await until(lambda: step.ran)
    (first,) = await left(store)
    await until(lambda: _renewed(store, first))
    release.set()
    await drained(running, w)
    assert len(step.ran) == 1
    assert await left(store) == []


async def _renewed(store: SqlStore, first: Job) -> bool:
    (job,) = await left(store)
    return job.lease_until > first.lease_until + timedelta(seconds=0.5)


async def test_a_drain_waits_for_what_is_at_work_and_claims_nothing_more(store: SqlStore) -> None:
    release = asyncio.Event()

    async def wait(job: Job) -> None:
        await release.wait()

    step = Doing(store, wait)
    w = worker(store, step, at_once=1)
    running = asyncio.create_task(w.run())
    await put(store, "one", "two")
    await until(lambda: step.ran)
    w.drain()
    release.set()
    await asyncio.wait_for(running, 5)
    assert len(step.ran) == 1
    assert [job.lease_until for job in await left(store)] == [None]


async def test_one_job_that_hangs_does_not_hold_up_the_others(store: SqlStore) -> None:
    async def hang_first(job: Job) -> None:
        if job.subject == "hangs":
            await asyncio.sleep(60)

    step = Doing(store, hang_first)
    w = worker(store, step, at_once=2)
    running = asyncio.create_task(w.run())
    await put(store, "hangs", *(str(n) for n in range(10)))
    await until(lambda: len(step.ran) == 11)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class Woken(Worker):
    """One whose claiming loop runs before its renewing, as either may after a stop."""

    async def _renew(self) -> None:
        await asyncio.Event().wait()


async def test_a_worker_that_was_stopped_does_not_claim_what_it_is_still_working_on(store: SqlStore) -> None:
    release = asyncio.Event()

    async def wait(job: Job) -> None:
        await release.wait()

    step = Doing(store, wait)
    w = Woken(store, step, HostClock(), at_once=3, lease=timedelta(seconds=0.6), poll=0.05)
    running = asyncio.create_task(w.run())
    await put(store, "one")
    await until(lambda: step.ran)
    # As SIGSTOP does it: nothing of this process runs until long after the lease has ended.
    time.sleep(1.0)  # noqa: ASYNC251
    await put(store, "two")
    await until(lambda: len(step.ran) == 2)
    release.set()
    await drained(running, w)
    assert [job.subject for job in step.ran] == ["one", "two"]
    assert await left(store) == []
