"""Stores to try the engine with, and works that say what they did. Rows of `cursor` stand for what is stored."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.ids import new_id
from bot.model import Arrival
from bot.store import Transaction
from storage.dialect import Limits
from storage.schema import cursor
from storage.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUICK = Limits(lock=0.3, read=0.5, reach=0.3, poll=0.05, idle=0.1)


@asynccontextmanager
async def opened(url: str, limits: Limits = QUICK) -> AsyncIterator[SqlStore]:
    async with SqlStore(url, limits=limits) as store:
        yield store


def put(name: str, bulk: int = 0) -> Callable[[Transaction], str]:
    """A work that stores a row and returns its name."""

    def put(tx: Any) -> str:
        insert(tx, name, bulk)
        return name

    return put


def insert(tx: Any, name: str, bulk: int = 0) -> None:
    tx.connection.execute(sa.insert(cursor).values(name=name, value="x" * bulk, updated_at=NOON))


async def names(store: SqlStore) -> set[str]:
    return await store.read(lambda look: set(look.connection.scalars(sa.select(cursor.c.name))))


def arrival(key: str, size: int = 10, **envelope: Any) -> Arrival:
    return Arrival(new_id(), "smtp", key, b"x" * size, envelope)


@asynccontextmanager
async def held(store: SqlStore) -> AsyncIterator[None]:
    """The writer is busy with one work; what is submitted in here is a batch as soon as this is left."""
    reached, release = threading.Event(), threading.Event()

    def hold(tx: object) -> None:
        reached.set()
        assert release.wait(10)

    holding = asyncio.create_task(store.write(hold))
    await asyncio.to_thread(reached.wait, 10)
    try:
        yield
        await asyncio.sleep(0)  # tasks that were made in here submit their work
    finally:
        release.set()
    await holding


async def together(store: SqlStore, *asked: Awaitable[Any]) -> list[Any]:
    """What each of them was told, when all of them were one batch."""
    async with held(store):
        waiting = asyncio.gather(*asked, return_exceptions=True)
    return await waiting


def kinds(told: list[Any]) -> list[Any]:
    """Errors by their class, values as they are."""
    return [type(one) if isinstance(one, BaseException) else one for one in told]
