"""What is told once, and what may not be overspent, on both databases and with several at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from bot.clock import SetClock
from bot.model import JobState, Lane
from bot.rows import Spent
from tests.storage.conftest import NOON, Begin, later

DAY = date(2026, 3, 2)
REMIND = timedelta(hours=20)


def test_a_trouble_is_told_when_it_is_new_when_it_comes_back_and_when_it_lasts(begin: Begin, clock: SetClock) -> None:
    def told(text: str = "full") -> bool:
        with begin() as tx:
            return tx.alerts.begin("disk", text, remind=REMIND)

    assert told()
    later(clock, hours=1)
    assert not told("fuller")
    later(clock, hours=20)
    assert told("still full")
    with begin() as tx:
        (up,) = tx.alerts.up()
        assert (up.text, up.since, up.told_at) == ("still full", NOON, clock.now())
        assert tx.alerts.end("disk")
        assert not tx.alerts.end("disk")
        assert tx.alerts.up() == []
    assert told("again")
    with begin() as tx:
        assert tx.alerts.up()[0].since == clock.now()


def test_of_several_who_see_it_at_once_one_tells(begin: Begin) -> None:
    def tell(_: int) -> bool:
        with begin() as tx:
            return tx.alerts.begin("disk", "full", remind=REMIND)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(tell, range(8))) == 1


@pytest.mark.parametrize("limit", [Spent(100, 0.0), Spent(0, 10.0)])
def test_a_slice_is_never_overspent_whoever_takes_at_once(begin: Begin, limit: Spent) -> None:
    def take(_: int) -> bool:
        with begin() as tx:
            return tx.budgets.take(DAY, 3, Spent(30, 3.0), limit=limit)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, range(8))) == 3
    with begin() as tx:
        assert tx.budgets.spent(DAY) == Spent(90, 9.0)
        assert tx.budgets.spent(DAY + timedelta(days=1)) == Spent(0, 0.0)


def test_what_a_call_did_not_cost_can_be_spent_again(begin: Begin) -> None:
    with begin() as tx:
        assert tx.budgets.take(DAY, 0, Spent(90, 0.0), limit=Spent(100, 0.0))
        tx.budgets.correct(DAY, 0, Spent(-60, 0.0))
        assert tx.budgets.take(DAY, 0, Spent(70, 0.0), limit=Spent(100, 0.0))
        assert tx.budgets.spent(DAY) == Spent(100, 0.0)


def test_without_a_limit_everything_may_be_taken(begin: Begin) -> None:
    with begin() as tx:
        assert tx.budgets.take(DAY, 0, Spent(10**12, 1e9), limit=Spent())


def test_a_claim_tells_when_the_one_before_it_had_run_out(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        tx.jobs.put(Lane.READ, "a")
    for lapsed in (False, True):
        with begin() as tx:
            (job,) = tx.jobs.claim(Lane.READ, at_most=1, lease=timedelta(seconds=60))
            assert job.lapsed is lapsed
        later(clock, seconds=61)
    with begin() as tx:
        (job,) = tx.jobs.claim(Lane.READ, at_most=1, lease=timedelta(seconds=60))
        tx.jobs.retry(job, clock.now(), "put off")
        (job,) = tx.jobs.claim(Lane.READ, at_most=1, lease=timedelta(seconds=60))
        assert not job.lapsed
        assert job.state is JobState.WAITING
