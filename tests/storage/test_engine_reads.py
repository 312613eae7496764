"""Looks: they can't write, see one moment, and have a limit. And both databases under any mixture of works."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Lane
from bot.store import Conflict, StoreBusy
from storage.database import READERS
from storage.store import SqlStore
from tests.storage.engine import QUICK, arrival, insert, names, opened, put
from tests.waiting import until

SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


@pytest.fixture
async def store(desk_url: str) -> AsyncIterator[SqlStore]:
    async with opened(desk_url) as store:
        yield store


def slow(look: Any) -> None:
    look.connection.exec_driver_sql(SLOW[look.connection.dialect.name])


async def test_a_look_can_not_write(store: SqlStore) -> None:
    with pytest.raises((sa.exc.DBAPIError, StoreBusy)):
        await store.read(put("written"))
    assert await names(store) == set()


async def test_a_look_that_takes_too_long_is_broken_off(store: SqlStore) -> None:
    began = asyncio.get_running_loop().time()
    with pytest.raises(StoreBusy):
        await store.read(slow)
    assert QUICK.read <= asyncio.get_running_loop().time() - began < QUICK.read + 5
    assert await names(store) == set()


async def test_many_short_questions_have_the_same_limit(store: SqlStore) -> None:
    def endless(look: Any) -> None:
        while True:
            look.connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreBusy):
        await store.read(endless)


async def test_slow_looks_hold_up_neither_writes_nor_the_readers_after_them(store: SqlStore) -> None:
    looking = [asyncio.create_task(store.read(slow)) for _ in range(READERS)]
    await asyncio.wait(looking, timeout=QUICK.read / 4)
    assert await asyncio.wait_for(store.write(put("a")), QUICK.read / 2) == "a"
    for one in looking:
        one.cancel()
    await asyncio.wait(looking)
    assert await names(store) == {"a"}


async def test_when_no_reader_is_free_the_store_is_busy(desk_url: str) -> None:
    async with opened(desk_url, replace(QUICK, read=1.0)) as store:
        told = await asyncio.gather(*(store.read(slow) for _ in range(READERS * 2)), return_exceptions=True)
        assert [type(one) for one in told] == [StoreBusy] * len(told)


async def test_a_look_sees_one_moment(store: SqlStore) -> None:
    """What is committed while it looks is not there, however often it looks."""
    loop = asyncio.get_running_loop()
    await store.write(put("before"))

    def look(look: Any) -> list[int]:
        count = sa.text("SELECT count(*) FROM cursor")
        first = look.connection.scalar(count)
        writing.append(loop.create_task(store.write(put("meanwhile"))))
        deadline = loop.time() + QUICK.read / 2
        while not writing[0].done() and loop.time() < deadline:
            look.connection.exec_driver_sql("SELECT 1")  # lets the loop run
        return [first, look.connection.scalar(count)]

    writing: list[asyncio.Task[str]] = []
    assert await store.read(look) == [1, 1]
    assert await writing[0] == "meanwhile"
    assert await names(store) == {"before", "meanwhile"}


async def test_an_error_of_the_looks_own_is_its_own(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError):
        await store.read(lambda look: 1 / 0)
    with pytest.raises(TimeoutError):
        await store.read(raising)


def raising(look: object) -> None:
    raise TimeoutError


# ------------------------------------------------------------------ jobs through the store


async def test_a_commit_wakes_the_lanes_that_it_leaves_work_for_and_no_others(store: SqlStore) -> None:
    if store.database.remote:
        await until(store.signal(Lane.CHORES).is_set, what="it hears the others, and says so once")
    for lane in Lane:
        store.signal(lane).clear()
    await store.keep([arrival("k")])
    assert [lane for lane in Lane if store.signal(lane).is_set()] == [Lane.READ]
    await store.write(put("a"))
    assert [lane for lane in Lane if store.signal(lane).is_set()] == [Lane.READ]
    await store.write(lambda tx: tx.jobs.put(Lane.DELIVER, "a thread"))
    assert [lane for lane in Lane if store.signal(lane).is_set()] == [Lane.READ, Lane.DELIVER]
    for lane in Lane:
        store.signal(lane).clear()
    (job,) = await store.claim(Lane.READ, at_most=5, lease=timedelta(seconds=40))
    assert await store.claim(Lane.READ, at_most=5, lease=timedelta(seconds=40)) == []
    assert await store.renew([job]) == [job]
    assert await store.renew([replace(job, epoch=job.epoch - 1)]) == []
    assert not any(store.signal(lane).is_set() for lane in Lane if lane is not Lane.CHORES)
    later = await store.read(lambda look: look.jobs.find(Lane.READ, job.subject))
    assert later is not None
    assert later.lease_until is not None
    assert job.lease_until is not None
    assert timedelta(0) <= later.lease_until - job.lease_until < timedelta(seconds=30)


async def test_closing_writes_what_waits(desk_url: str) -> None:
    release = threading.Event()

    def hold(tx: object) -> None:
        assert release.wait(10)

    async with opened(desk_url) as store:
        waiting = [asyncio.create_task(store.write(hold))]
        waiting += [asyncio.create_task(store.write(put(str(n)))) for n in range(120)]  # type: ignore[arg-type]
        await asyncio.sleep(0)
        closing = asyncio.create_task(store.close())
        await asyncio.sleep(0)
        release.set()
        await closing
        assert all(task.done() for task in waiting)
        with pytest.raises(StoreBusy):
            await store.write(put("late"))
    async with SqlStore(desk_url, limits=QUICK) as store:
        assert await names(store) == {str(n) for n in range(120)}


# ------------------------------------------------------------------ what was answered equals what is stored


class Mistake(Exception):
    pass


def _act(tx: Any, name: str, deed: str) -> str:
    insert(tx, name)
    if deed == "raise":
        raise Mistake
    if deed == "raise in SQL":
        tx.connection.exec_driver_sql("SELECT nonsense FROM nowhere")
    if deed == "repeat":
        insert(tx, name)
    if deed == "swallow":
        try:
            insert(tx, name)
        except sa.exc.IntegrityError:
            return name
    if deed == "mend":
        try:
            with tx.connection.begin_nested():
                insert(tx, name)
        except sa.exc.IntegrityError:
            return name
    if deed == "end":
        tx.connection.exec_driver_sql("ROLLBACK")
    return name


DEEDS = st.sampled_from(
    ["good", "good", "good", "raise", "raise in SQL", "repeat", "swallow", "mend", "end", "keep", "keep", "bad keep"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(st.lists(DEEDS, min_size=1, max_size=12), min_size=1, max_size=3))
async def test_what_is_answered_is_what_is_stored(store: SqlStore, rounds: list[list[str]]) -> None:
    await store.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM cursor").close())
    wanted: set[str] = set()
    answered: set[str] = set()
    for number, deeds in enumerate(rounds):
        asked: list[Any] = []
        for place, deed in enumerate(deeds):
            name = f"{number}.{place}.{deed}"
            if deed == "keep":
                asked.append(store.keep([arrival(name)]))
            elif deed == "bad keep":
                asked.append(store.keep([arrival(name, nonsense=object())]))
            else:
                asked.append(store.write(lambda tx, name=name, deed=deed: _act(tx, name, deed)))
                wanted |= {name} if deed in ("good", "mend") else set()
        told = await asyncio.gather(*asked, return_exceptions=True)
        answered |= {one for one in told if isinstance(one, str)}
        for deed, one in zip(deeds, told, strict=True):
            assert isinstance(one, Exception) == (deed not in ("good", "mend", "keep")), (deed, one)
            assert isinstance(one, Conflict) == (deed in ("repeat", "swallow"))
        kept = [one[0].id for one in told if isinstance(one, list)]
        assert {i for i in kept if await _is_kept(store, i)} == set(kept)
    assert answered == await names(store) == wanted


async def _is_kept(store: SqlStore, one: Any) -> bool:
    return await store.read(lambda look: look.arrivals.row(one)) is not None
