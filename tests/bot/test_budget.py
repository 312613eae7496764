"""The model's budget: never overspent, its end told once a day, and back the next day."""

import asyncio
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.budget import Budget
from bot.calling import Place
from bot.clock import SetClock
from bot.health import Health, Limits
from bot.rows import Spent
from storage import migrate
from storage.store import SqlStore
from tests.walks.desk import MONDAY

PLACE = Place("agents", {"to": {"address": "terminal"}})
LIMITS = Limits(timedelta(minutes=10), timedelta(minutes=10), 5.0)


async def alerts(store: SqlStore) -> list[str]:
    rows = await store.read(lambda look: look.outbox.rows())
    return [row.subject for row in rows if row.kind == "alert" and "budget" in row.subject]


async def test_when_it_is_spent_nobody_calls_and_the_agents_are_told_once(database_url: str) -> None:
    migrate.upgrade(database_url)
    clock = SetClock(MONDAY)
    async with SqlStore(database_url, clock) as store:
        budget = Budget(store, PLACE, Spent(1000), largest=Spent(400))
        taken = [await budget.reserve(400, 0.0) for _ in range(5)]
        assert [one is not None for one in taken] == [True, True, False, False, False]
        assert await alerts(store) == ["The desk is unwell: model budget"]
        await budget.settle(taken[0], 50, 0.0)
        assert await budget.reserve(400, 0.0) is not None
        clock.instant += timedelta(days=1)
        health = Health(store, PLACE, LIMITS, free=lambda: None, model=lambda: None, host="a")
        await health.check()
        assert await alerts(store) == ["The desk is unwell: model budget", "Over: model budget"]
        assert await budget.reserve(400, 0.0) is not None


async def test_a_call_never_costs_more_than_was_reserved_for_it(database_url: str) -> None:
    """What a server says about its own usage is as hostile as everything else it says."""
    migrate.upgrade(database_url)
    async with SqlStore(database_url, SetClock(MONDAY)) as store:
        budget = Budget(store, PLACE, Spent(1000, 10.0), largest=Spent(400, 4.0))
        reserved = await budget.reserve(400, 4.0)
        await budget.settle(reserved, 10**9, 1e9)
        assert await store.read(lambda look: look.budgets.spent(MONDAY.date())) == Spent(400, 4.0)


CALLS = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 400)), max_size=40)


@given(limit=st.integers(0, 5000), calls=CALLS)
@settings(max_examples=20, deadline=None)
def test_whatever_is_asked_for_the_limit_holds(
    limit: int, calls: list[tuple[int, int]], tmp_path_factory: object
) -> None:
    folder: Path = tmp_path_factory.mktemp("budget")
    asyncio.run(_spend(f"sqlite:///{folder / 'firstline.db'}", limit, calls))


async def _spend(url: str, limit: int, calls: list[tuple[int, int]]) -> None:
    async with SqlStore(url, SetClock(MONDAY)) as store:
        budget = Budget(store, PLACE, Spent(limit), largest=Spent(400))
        for asked, used in calls:
            reserved = await budget.reserve(asked, 0.0)
            assert limit or reserved, "0 is no limit"
            if reserved:
                await budget.settle(reserved, used, 0.0)
            spent = await store.read(lambda look: look.budgets.spent(MONDAY.date()))
            assert limit == 0 or spent.tokens <= limit
