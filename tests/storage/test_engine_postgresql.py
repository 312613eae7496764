"""Deadlocks, connections that are cut at the worst moments, a server that is away, and other hosts' commits."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from bot.clock import SetClock
from bot.model import Lane
from bot.store import CommitUnknown, SchemaMismatch, StoreBusy
from storage.store import SqlStore
from tests.storage.engine import NOON, QUICK, arrival, insert, kinds, names, opened, put, together
from tests.waiting import until


@pytest.fixture
async def store(postgresql_desk: str) -> AsyncIterator[SqlStore]:
    async with opened(postgresql_desk) as store:
        yield store


@contextmanager
def foreign(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url) as connection:
        yield connection


def touch(name: str) -> Any:
    def touch(tx: Any) -> str:
        tx.connection.execute(sa.text("UPDATE cursor SET value = '\"touched\"' WHERE name = :name"), {"name": name})
        return name

    return touch


# ------------------------------------------------------------------ locks


async def test_a_deadlock_in_mid_batch_costs_nobody_anything(store: SqlStore, postgresql_desk: str) -> None:
    for name in ("one", "two"):
        await store.write(put(name))
    first_held, crossed = threading.Event(), threading.Event()

    def other_host() -> None:
        with foreign(postgresql_desk) as connection:
            connection.execute("SET deadlock_timeout = '10s'")  # so that it is the store that is chosen to give way
            connection.execute("UPDATE cursor SET value = '1' WHERE name = 'two'")
            assert first_held.wait(10)
            crossed.set()
            connection.execute("UPDATE cursor SET value = '1' WHERE name = 'one'")

    def wait_for_other(tx: Any) -> None:
        tx.connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        tx.connection.exec_driver_sql("SET LOCAL deadlock_timeout = '50ms'")
        first_held.set()
        assert crossed.wait(10)

    other = asyncio.create_task(asyncio.to_thread(other_host))
    works = [put("a"), touch("one"), wait_for_other, touch("two"), put("b")]
    told = await together(store, *(store.write(work) for work in works))
    await other
    assert told == ["a", "one", None, "two", "b"]
    assert store.figures.reruns == len(works)
    assert await names(store) == {"a", "b", "one", "two"}


async def test_a_lock_that_is_not_given_back_makes_one_caller_busy(store: SqlStore, postgresql_desk: str) -> None:
    await store.write(put("taken"))
    with foreign(postgresql_desk) as connection:
        connection.execute("UPDATE cursor SET value = '1' WHERE name = 'taken'")
        told = await together(store, store.write(put("a")), store.write(touch("taken")), store.write(put("b")))
    assert kinds(told) == ["a", StoreBusy, "b"]
    assert await names(store) == {"taken", "a", "b"}


@pytest.mark.parametrize(("losses", "told", "runs"), [(2, "won", 3), (9, StoreBusy, 4)])
async def test_a_lost_race_is_run_again_three_times_at_most(store: SqlStore, losses: int, told: Any, runs: int) -> None:
    ran: list[int] = []

    def racing(tx: Any) -> str:
        ran.append(1)
        if len(ran) <= losses:
            tx.connection.exec_driver_sql("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
        return "won"

    assert kinds(await together(store, store.write(racing), store.write(put("a")))) == [told, "a"]
    assert len(ran) == runs  # once in the batch, the others alone


# ------------------------------------------------------------------ a connection that is cut


async def test_a_connection_cut_in_mid_batch_is_made_anew(store: SqlStore, postgresql_desk: str) -> None:
    cut: list[int] = []

    def cutting(tx: Any) -> str:
        if not cut:
            cut.append(tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())
            with foreign(postgresql_desk) as connection:
                connection.execute("SELECT pg_terminate_backend(%s)", cut)
        insert(tx, "cut")
        return "cut"

    asked = [store.keep([arrival("k")]), store.write(put("a")), store.write(cutting), store.write(put("b"))]
    told = await together(store, *asked)
    assert told[1:] == ["a", "cut", "b"]
    assert await names(store) == {"a", "cut", "b"}
    assert len(await store.read(lambda look: look.arrivals.since(None, state=None, limit=9))) == 1


class Proxy:
    """Stands before the server. `on_commit` says what becomes of the connection whose client says COMMIT."""

    def __init__(self, url: str) -> None:
        self.target = urlsplit(url)
        self.on_commit = "pass on"
        self.commits = 0
        self.silent = False
        self.open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> str:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        user = self.target.netloc.rpartition("@")[0]
        # Without encryption, so that COMMIT can be read.
        return self.target._replace(netloc=f"{user}@127.0.0.1:{self.port}", query="sslmode=disable").geturl()

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Cut every connection, and take no new one."""
        self.server.close()
        for writer in self.open:
            writer.transport.abort()
        await until(lambda: not self.open)

    async def come_back(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(self.target.hostname, self.target.port)
        self.open.add(writer)
        back = asyncio.create_task(self._pass(up_reader, writer))
        try:
            while data := await reader.read(65536):
                if b"COMMIT\0" in data and self.on_commit != "pass on":
                    await self._cut(data, up_reader, up_writer, back)
                    return
                up_writer.write(data)
        except ConnectionError:
            pass
        finally:
            self.open.remove(writer)
            back.cancel()
            up_writer.transport.abort()
            writer.transport.abort()

    async def _cut(
        self, data: bytes, up_reader: asyncio.StreamReader, up_writer: asyncio.StreamWriter, back: asyncio.Task[None]
    ) -> None:
        """Before the server has heard of it, or after it has answered and before the client has."""
        self.commits += 1
        back.cancel()
        await asyncio.wait([back])
        if self.on_commit == "cut after":
            up_writer.write(data)
            assert b"COMMIT\0" in await up_reader.read(65536)
        self.on_commit = "pass on"

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if not self.silent:
                    writer.write(data)
        except ConnectionError:
            pass


@pytest.mark.parametrize(("cut", "stored"), [("cut before", set()), ("cut after", {"a", "b"})])
async def test_a_connection_cut_in_commit_leaves_a_doubt(postgresql_desk: str, cut: str, stored: set[str]) -> None:
    proxy = Proxy(postgresql_desk)

    def arm(tx: Any) -> None:
        proxy.on_commit = cut

    async with proxy as url, opened(url) as store:
        told = await together(store, store.write(put("a")), store.write(arm), store.write(put("b")))
        assert kinds(told) == [CommitUnknown] * 3
        assert proxy.commits == 1
        assert await names(store) == stored
        assert await store.write(put("later")) == "later"


async def test_while_the_server_is_away_everybody_in_line_is_told_soon(postgresql_desk: str) -> None:
    proxy = Proxy(postgresql_desk)
    async with proxy as url, opened(url) as store:
        await store.write(put("before"))
        await proxy.leave()
        loop = asyncio.get_running_loop()
        began = loop.time()
        told = await asyncio.gather(*(store.write(put(str(n))) for n in range(1000)), return_exceptions=True)
        assert set(kinds(told)) == {StoreBusy}
        assert loop.time() - began < 10 * QUICK.reach  # one wait for all of them, not one for each
        with pytest.raises(StoreBusy):
            await names(store)
        await proxy.come_back()
        assert await store.write(put("after")) == "after"
        assert await names(store) == {"before", "after"}


async def test_a_server_that_has_stopped_hangs_nobody(postgresql_desk: str) -> None:
    proxy = Proxy(postgresql_desk)
    async with proxy as url, opened(url, replace(QUICK, stuck=0.5)) as store:
        await store.write(put("before"))
        await names(store)
        proxy.silent = True
        async with asyncio.timeout(8):
            with pytest.raises(StoreBusy):
                await names(store)
            told = await asyncio.gather(store.write(put("a")), store.write(put("b")), return_exceptions=True)
        assert kinds(told) == [StoreBusy, StoreBusy]
        proxy.silent = False
        # A connection that was begun in the silence may still be waited for: who is told "busy" asks again.
        await until(lambda: stored(store, "after"))
        assert await names(store) == {"before", "after"}


async def stored(store: SqlStore, name: str) -> bool:
    try:
        return await store.write(put(name)) == name
    except StoreBusy:
        return False


# ------------------------------------------------------------------ other hosts


async def test_a_commit_wakes_the_other_hosts(store: SqlStore, postgresql_desk: str) -> None:
    async with SqlStore(postgresql_desk, limits=QUICK) as other:
        for lane in Lane:
            other.signal(lane).clear()
        # The first word may come before the other one listens; it is then told that it may have missed something.
        await store.keep([arrival("k")])
        for lane in Lane:
            await asyncio.wait_for(other.signal(lane).wait(), 5)
        assert len(await other.claim(Lane.READ, at_most=9, lease=timedelta(seconds=60))) == 1
        for lane in Lane:
            other.signal(lane).clear()
        await store.write(lambda tx: tx.jobs.put(Lane.TRIAGE, "a conversation"))
        await asyncio.wait_for(other.signal(Lane.TRIAGE).wait(), 5)


async def test_a_host_that_can_not_hear_looks_time_and_again(store: SqlStore, postgresql_desk: str) -> None:
    with foreign(postgresql_desk) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN firstline'"
            " AND datname = current_database()"
        )
        connection.commit()
        store.signal(Lane.READ).clear()
        await asyncio.wait_for(store.signal(Lane.READ).wait(), 5)


async def test_the_servers_clock_counts_unless_a_test_sets_one(store: SqlStore, postgresql_desk: str) -> None:
    def ask(tx: Any) -> tuple[datetime, datetime]:
        return tx.now, tx.connection.scalar(sa.text("SELECT statement_timestamp()"))

    asked, server = await store.write(ask)
    assert server - asked < timedelta(seconds=5)
    assert asked.tzinfo is UTC
    async with SqlStore(postgresql_desk, clock=SetClock(NOON), limits=QUICK) as still:
        assert await still.write(lambda tx: tx.now) == NOON
        assert await still.read(lambda look: look.now) == NOON


async def test_a_schema_is_never_made_in_passing(postgresql_url: str) -> None:
    with pytest.raises(SchemaMismatch, match="firstline migrate"):
        await SqlStore(postgresql_url, limits=QUICK).start()


async def test_a_closed_store_leaves_no_connection(postgresql_desk: str) -> None:
    async with SqlStore(postgresql_desk, limits=QUICK) as store:
        await store.write(put("a"))
        await names(store)
    ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with foreign(postgresql_desk) as connection:
        await until(lambda: connection.execute(ours).fetchone() == (0,))
