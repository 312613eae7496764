"""How a command reaches the desk's database, beside a running desk or without one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from bot.store import Look, Store, Transaction
from config.settings import load

T = TypeVar("T")


def read(look: Callable[[Look], T]) -> T:
    return look_round(lambda store: store.read(look))


def write(work: Callable[[Transaction], T]) -> T:
    return run(lambda store: store.write(work))


def run(use: Callable[[Store], Awaitable[T]]) -> T:
    """With the database that the settings name."""
    return asyncio.run(_with_store(use, looking=False))


def look_round(use: Callable[[Store], Awaitable[T]]) -> T:
    """The same for what only reads: it needs no write lock, and a busy desk doesn't hold it up."""
    return asyncio.run(_with_store(use, looking=True))


async def paged(store: Store, page: Callable[[Look, T | None], list[T]]) -> AsyncIterator[T]:
    """All rows, however many: each page is a short look of its own and begins after the last row of the one before."""
    last: T | None = None
    while rows := await store.read(_after(page, last)):
        for row in rows:
            yield row
        last = rows[-1]


def _after(page: Callable[[Look, T | None], list[T]], last: T | None) -> Callable[[Look], list[T]]:
    return lambda look: page(look, last)


async def _with_store(use: Callable[[Store], Awaitable[T]], *, looking: bool) -> T:
    # Only here: it knows every part of the desk, and `--help` needs none of them.
    from config.app import open_store

    async with open_store(load(), looking=looking) as store:
        return await use(store)
