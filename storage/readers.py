"""The pool of connections that only look."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import StoreBusy
from storage.dialect import Database
from storage.errors import Verdict, store_error, verdict
from storage.transaction import SqlTransaction

T = TypeVar("T")

# An interrupt hits only a statement that is running, so it is repeated until the look has ended.
AGAIN = 0.05
# What a connection gets beyond the limit to say itself that it was broken off, before it is given up.
GRACE = 1.0


class Readers:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine = database.readers()

    async def read(self, look: Callable[[SqlTransaction], T]) -> T:
        """Raises StoreBusy when no connection is free or the look takes too long."""
        limit = self._database.limits.read
        try:
            async with asyncio.timeout(limit + GRACE) as timeout:
                return await self._read(look)
        except TimeoutError:
            if not timeout.expired():
                raise
        except NoConnection:
            pass
        except DBAPIError as error:
            raise store_error(error, self._database.name, room=self._database.has_room()) from error
        raise StoreBusy(f"{self._database.name} took longer than {limit:g} s to look something up: try again")

    async def close(self) -> None:
        await self._engine.dispose()

    async def _read(self, look: Callable[[SqlTransaction], T]) -> T:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._database.limits.read
        try:
            return await self._once(look)
        except DBAPIError as error:
            if verdict(error) is not Verdict.LOST or loop.time() > end:
                raise
        # The pool's connections may all be of the time before the server was started again.
        await self._engine.dispose()
        return await self._once(look)

    async def _once(self, look: Callable[[SqlTransaction], T]) -> T:
        def run(connection: Connection) -> T:
            return look(SqlTransaction(connection, lambda: self._database.now(connection)))

        async with self._engine.connect() as connection:
            watch = asyncio.create_task(self._break_off(connection))
            try:
                return await connection.run_sync(run)
            finally:
                watch.cancel()

    async def _break_off(self, connection: AsyncConnection) -> None:
        await asyncio.sleep(self._database.limits.read)
        while True:
            await self._database.interrupt(connection)
            await asyncio.sleep(AGAIN)
