"""What shares a commit and what becomes of each work in it, on both databases."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot import failpoints
from bot.store import CommitUnknown, Conflict
from storage.line import KEEPS, WORKS
from storage.link import TransactionTaken
from storage.store import SqlStore
from tests.storage.engine import QUICK, arrival, held, insert, kinds, names, opened, put, together


@pytest.fixture
async def store(desk_url: str) -> AsyncIterator[SqlStore]:
    async with opened(desk_url, replace(QUICK, read=10.0)) as store:
        yield store


class Mistake(Exception):
    pass


def mistaken(tx: Any) -> None:
    insert(tx, "mistaken")
    raise Mistake


# ------------------------------------------------------------------ one commit


async def test_works_share_a_commit_and_each_gets_its_value(store: SqlStore) -> None:
    told = await together(store, *(store.write(put(str(n))) for n in range(20)))
    assert told == [str(n) for n in range(20)]
    assert await names(store) == set(told)
    assert store.figures.sizes[20] == 1


async def test_a_batch_is_no_larger_than_it_may_be(store: SqlStore) -> None:
    await together(store, *(store.write(put(str(n))) for n in range(WORKS + 1)))
    assert store.figures.sizes[WORKS] == 1
    await together(store, *(store.write(put(f"big {n}"), size=900_000) for n in range(12)))
    assert store.figures.sizes[8] == 1
    assert store.figures.sizes[4] == 1


async def test_a_large_work_has_a_commit_for_itself(store: SqlStore) -> None:
    sizes = [10, 1_000_001, 10, 10]
    await together(store, *(store.write(put(str(n)), size=size) for n, size in enumerate(sizes)))
    assert store.figures.sizes == {1: 3, 2: 1}  # one of those alone held the others up


async def test_keeps_go_first(store: SqlStore) -> None:
    order: list[str] = []

    def note(tx: Any) -> None:
        order.append(f"{len(tx.arrivals.since(None, state=None, limit=10))} kept")

    await together(store, store.write(note), store.keep([arrival("a")]), store.keep([arrival("b"), arrival("c")]))
    assert order == ["3 kept"]


async def test_a_flood_of_keeps_leaves_room_for_works(store: SqlStore) -> None:
    keeps = [store.keep([arrival(str(n))]) for n in range(3 * KEEPS)]
    done: list[int] = []

    def look(tx: Any) -> None:
        done.append(len(tx.arrivals.since(None, state=None, limit=1000)))

    await together(store, *keeps, store.write(look))
    assert done == [KEEPS]


async def test_large_keeps_take_turns_with_works(store: SqlStore) -> None:
    seen: list[int] = []

    def look(tx: Any) -> None:
        seen.append(len(tx.arrivals.since(None, state=None, limit=1000)))

    large = [store.keep([arrival(str(n), size=1_000_001)]) for n in range(3)]
    await together(store, *large, store.write(look))
    assert seen == [1]


async def test_a_repeat_in_the_same_batch_is_kept_once(store: SqlStore) -> None:
    first, again = await together(store, store.keep([arrival("same")]), store.keep([arrival("same")]))
    assert (first[0].seen_before, again[0].seen_before) == (False, True)
    assert first[0].id == again[0].id


async def test_keeping_nothing_is_nothing(store: SqlStore) -> None:
    assert await store.keep([]) == []
    assert store.figures.batches == 0


# ------------------------------------------------------------------ what fails alone


async def test_a_work_that_raises_fails_alone(store: SqlStore) -> None:
    told = await together(store, store.write(put("a")), store.write(mistaken), store.write(put("b")))
    assert kinds(told) == ["a", Mistake, "b"]
    assert await names(store) == {"a", "b"}
    assert store.figures.reruns == 0


async def test_even_an_exception_that_no_future_may_carry_reaches_its_caller(store: SqlStore) -> None:
    told = await together(store, store.write(put("a")), store.write(lambda tx: next(iter(()))), store.write(put("b")))
    assert kinds(told) == ["a", RuntimeError, "b"]
    assert isinstance(told[1].__cause__, StopIteration)


async def test_the_only_work_of_a_batch_fails_alone_as_well(store: SqlStore) -> None:
    with pytest.raises(Mistake):
        await store.write(mistaken)
    assert await names(store) == set()
    assert await store.write(put("later")) == "later"


async def test_a_taken_key_is_a_conflict(store: SqlStore) -> None:
    told = await together(store, store.write(put("a")), store.write(put("a")), store.write(put("b")))
    assert kinds(told) == ["a", Conflict, "b"]
    assert isinstance(told[1].__cause__, sa.exc.IntegrityError)
    assert await names(store) == {"a", "b"}
    with pytest.raises(Conflict):
        await store.write(put("a"))


async def test_another_broken_constraint_is_the_works_own(store: SqlStore) -> None:
    def nothing(tx: Any) -> None:
        tx.connection.execute(sa.text("INSERT INTO cursor (name, value, updated_at) VALUES ('x', NULL, NULL)"))

    told = await together(store, store.write(put("a")), store.write(nothing))
    assert kinds(told) == ["a", sa.exc.IntegrityError]
    assert await names(store) == {"a"}


async def test_a_mistake_in_a_statement_is_told_to_its_work_only(store: SqlStore) -> None:
    def wrong(tx: Any) -> None:
        insert(tx, "wrong")
        tx.connection.execute(sa.text("SELECT nonsense FROM nowhere"))

    told = await together(store, store.write(put("a")), store.write(wrong), store.write(put("b")))
    assert told[0] == "a"
    assert isinstance(told[1], sa.exc.DBAPIError)
    assert told[2] == "b"
    assert await names(store) == {"a", "b"}


async def test_one_bad_arrival_does_not_hold_up_the_others(store: SqlStore) -> None:
    good, bad = arrival("good"), arrival("bad", nonsense=object())
    told = await together(store, store.keep([good]), store.keep([bad]), store.write(put("a")))
    assert told[0][0].id == good.id
    assert isinstance(told[1], Exception)
    assert told[2] == "a"
    assert [row.id for row in await store.read(lambda look: look.arrivals.since(None, state=None, limit=9))] == [
        good.id
    ]


# ------------------------------------------------------------------ works that hide what happened


def swallowing(tx: Any) -> str:
    insert(tx, "before")
    with suppress(sa.exc.IntegrityError):
        insert(tx, "taken")
    return "as if nothing had happened"


async def test_a_work_that_swallows_an_error_does_not_get_away_with_it(store: SqlStore) -> None:
    await store.write(put("taken"))
    told = await together(store, store.write(put("a")), store.write(swallowing))
    assert kinds(told) == ["a", Conflict]
    with pytest.raises(Conflict):
        await store.write(swallowing)
    assert await names(store) == {"taken", "a"}


async def test_a_work_that_undoes_its_failed_statement_goes_on(store: SqlStore) -> None:
    def careful(tx: Any) -> str:
        try:
            with tx.connection.begin_nested():
                insert(tx, "taken")
        except sa.exc.IntegrityError:
            insert(tx, "instead")
        return "done"

    await store.write(put("taken"))
    assert await together(store, store.write(put("a")), store.write(careful)) == ["a", "done"]
    assert await names(store) == {"taken", "a", "instead"}


@pytest.mark.parametrize("word", ["COMMIT", "ROLLBACK"])
async def test_a_work_that_ends_the_transaction_is_told_and_nobody_else_suffers(store: SqlStore, word: str) -> None:
    def rude(tx: Any) -> None:
        tx.connection.exec_driver_sql(word)
        insert(tx, "rude")

    told = await together(store, store.write(rude), store.write(put("a")), store.write(put("b")))
    assert kinds(told) == [TransactionTaken, "a", "b"]
    assert await names(store) == {"a", "b"}


# ------------------------------------------------------------------ callers that went away


async def test_a_caller_who_left_in_time_is_skipped(store: SqlStore) -> None:
    async with held(store):
        leaving = asyncio.create_task(store.write(put("left")))
        staying = asyncio.create_task(store.write(put("stayed")))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
    assert await staying == "stayed"
    assert await names(store) == {"stayed"}


async def test_what_had_begun_is_stored_though_its_caller_left(store: SqlStore) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Any) -> None:
        insert(tx, "begun")
        begun.set()
        assert go_on.wait(10)

    leaving = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    leaving.cancel()
    await asyncio.wait([leaving])
    go_on.set()
    assert await store.write(put("next")) == "next"
    assert await names(store) == {"begun", "next"}


# ------------------------------------------------------------------ failpoints


async def test_a_failure_before_the_commit_runs_the_works_again(store: SqlStore) -> None:
    failpoints.arm("commit.before.put:fail@2")
    try:
        told = await together(store, store.keep([arrival("k")]), store.write(put("a")), store.write(put("b")))
    finally:
        failpoints.arm(None)
    assert told[1:] == ["a", "b"]
    assert await names(store) == {"a", "b"}
    assert store.figures.reruns == 3


async def test_a_failure_after_the_commit_leaves_everybody_in_doubt(store: SqlStore) -> None:
    failpoints.arm("commit.after.keep:fail@1")
    try:
        told = await together(store, store.keep([arrival("k")]), store.write(put("a")))
    finally:
        failpoints.arm(None)
    assert kinds(told) == [CommitUnknown, CommitUnknown]
    assert await names(store) == {"a"}


async def test_every_work_passes_its_failpoints(store: SqlStore) -> None:
    failpoints.arm("list:count@1")
    try:
        await together(store, store.keep([arrival("k")]), store.write(put("a")), store.write(put("b")))
        passed = dict(failpoints.passed)
    finally:
        failpoints.arm(None)
    assert {name: count for name, count in passed.items() if "hold" not in name} == {
        "commit.before.keep": 1,
        "commit.before.put": 2,
        "commit.after.keep": 1,
        "commit.after.put": 2,
    }


# ------------------------------------------------------------------ what a snapshot sees


async def test_nobody_is_answered_before_the_commit(store: SqlStore) -> None:
    """Each caller, once told, finds its row from another connection."""

    async def write_and_look(name: str) -> bool:
        await store.write(put(name))
        return name in await names(store)

    assert all(await asyncio.gather(*(write_and_look(str(n)) for n in range(60))))


async def test_the_instant_is_asked_once_a_transaction(store: SqlStore) -> None:
    first, second = await store.write(lambda tx: (tx.now, tx.now))
    assert first == second
    assert first.tzinfo is not None
    assert await store.read(lambda look: look.now) >= first
