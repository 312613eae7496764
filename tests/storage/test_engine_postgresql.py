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


@pytest.fixture
async def store(postgresql_url: str) -> AsyncIterator[SqlStore]:
    async with opened(postgresql_url) as store:
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


async def test_a_deadlock_in_mid_batch_costs_nobody_anything(store: SqlStore, postgresql_url: str) -> None:
    for name in ("one", "two"):
        await store.write(put(name))
    first_held, crossed = threading.Event(), threading.Event()

    def other_host() -> None:
        with foreign(postgresql_url) as connection:
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


async def test_a_lock_that_is_not_given_back_makes_one_caller_busy(store: SqlStore, postgresql_url: str) -> None:
    await store.write(put("taken"))
    with foreign(postgresql_url) as connection:
        connection.execute("UPDATE cursor SET value = '1' WHERE name = 'taken'")
        told = await together(store, store.write(put("a")), store.write(touch("taken")), store.write(put("b")))
    assert kinds(told) == ["a", StoreBusy, "b"]
    assert await names(store) == {"taken", "a", "b"}


# ------------------------------------------------------------------ a connection that is cut


async def test_a_connection_cut_in_mid_batch_is_made_anew(store: SqlStore, postgresql_url: str) -> None:
    cut: list[int] = []

    def cutting(tx: Any) -> str:
        if not cut:
            cut.append(tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())
            with foreign(postgresql_url) as connection:
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

    async def __aenter__(self) -> str:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        user = self.target.netloc.rpartition("@")[0]
        # Without encryption, so that COMMIT can be read.
        return self.target._replace(netloc=f"{user}@127.0.0.1:{port}", query="sslmode=disable").geturl()

    async def __aexit__(self, *_: object) -> None:
        self.server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(self.target.hostname, self.target.port)
        back = asyncio.create_task(self._pass(up_reader, writer))
        try:
            while data := await reader.read(65536):
                if b"COMMIT" in data and self.on_commit != "pass on":
                    await self._cut(data, up_reader, up_writer, back)
                    return
                up_writer.write(data)
        except ConnectionError:
            pass
        finally:
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
            assert b"COMMIT" in await up_reader.read(65536)
        self.on_commit = "pass on"

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass


@pytest.mark.parametrize(("cut", "stored"), [("cut before", set()), ("cut after", {"a", "b"})])
async def test_a_connection_cut_in_commit_leaves_a_doubt(postgresql_url: str, cut: str, stored: set[str]) -> None:
    proxy = Proxy(postgresql_url)
    async with proxy as url, opened(url) as store:
        proxy.on_commit = cut
        told = await asyncio.gather(store.write(put("a")), store.write(put("b")), return_exceptions=True)
        while proxy.on_commit != "pass on":
            told = await asyncio.gather(store.write(put("a")), store.write(put("b")), return_exceptions=True)
        assert proxy.commits == 1
        assert CommitUnknown in kinds(told)
        assert await store.write(put("later")) == "later"
