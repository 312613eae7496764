"""A database behind its URL. Here, and in fulltext.py, stands all that SQLite and PostgreSQL do differently."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.clock import Clock, HostClock
from storage.dialect import Database, Limits

# A disk with less room than this answers with I/O errors where it means that it is full.
ROOM = 16 * 1024 * 1024

READERS = 4

# How long to wait before trying to hear the other processes again.
DEAF = 1.0


def database(url: str, clock: Clock | None = None, limits: Limits | None = None) -> Database:
    """Raises ValueError when the URL names no database that we know."""
    kinds: dict[str, type[SQLite | PostgreSQL]] = {
        "sqlite": SQLite,
        "postgresql": PostgreSQL,
        "postgres": PostgreSQL,
    }
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme not in kinds:
        raise ValueError(f"a database is sqlite:///FILE or postgresql://USER@HOST/NAME, not {scheme!r}")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as problem:
        raise ValueError(f"the database's URL can't be read: it should look like {scheme}://…") from problem
    return kinds[scheme](parsed, clock or HostClock(), limits or Limits())


class SQLite(Database):
    remote = False

    def __init__(self, url: URL, clock: Clock, limits: Limits) -> None:
        super().__init__(clock, limits)
        if not url.database or url.database == ":memory:":
            raise ValueError("SQLite needs a file: sqlite:///FILE")
        if url.query or url.host:
            raise ValueError(
                "SQLite's URL is sqlite:///FILE, or sqlite:////FILE from the root; nothing follows the file"
            )
        self.path = Path(url.database)
        self.name = f"the database {self.path}"

    def writer(self) -> Engine:
        engine = create_engine(self._url("pysqlite"), poolclass=NullPool, **self._options())
        self._on_connect(
            engine, "journal_mode=wal", "synchronous=full", "foreign_keys=on", "journal_size_limit=67108864"
        )
        return _begins(engine, "BEGIN IMMEDIATE")

    def looker(self) -> Engine:
        engine = create_engine(self._url("pysqlite"), poolclass=NullPool, **self._options())
        self._on_connect(engine, "query_only=on")
        return _begins(engine, "BEGIN")

    def readers(self) -> AsyncEngine:
        engine = create_async_engine(self._url("aiosqlite"), **_pool(self.limits), **self._options())
        self._on_connect(engine.sync_engine, "query_only=on")
        # Not BEGIN IMMEDIATE: readers that take the writer's lock wait for it, and it for them.
        _begins(engine.sync_engine, "BEGIN")
        return engine

    def alive(self, raw: Any) -> bool:
        return bool(raw.in_transaction)

    def is_over(self, raw: Any) -> bool:
        return not raw.in_transaction

    def ends_doubtfully(self, raw: Any) -> bool:
        return False

    def now(self, connection: Connection) -> datetime:
        return self.clock.now()

    def version(self, raw: Any) -> int:
        return int(raw.execute("PRAGMA data_version").fetchone()[0])

    async def listen(self, heard: Callable[[], None]) -> None:
        pass

    def rest(self, raw: Any) -> None:
        # A truncating checkpoint waits for readers with the write lock in its hand, so it may not wait at all.
        raw.execute("PRAGMA busy_timeout=0")
        try:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            raw.execute(f"PRAGMA busy_timeout={int(self.limits.lock * 1000)}")

    def exists(self) -> bool:
        return self.path.exists()

    def create(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # For our own eyes only; SQLite gives -wal and -shm the same mode.
        os.close(os.open(self.path, os.O_RDONLY | os.O_CREAT, 0o600))

    def lock_schema(self, connection: Connection) -> None:
        pass  # BEGIN IMMEDIATE has

    def has_room(self) -> bool:
        try:
            disk = os.statvfs(self.path.parent)
        except OSError:
            return True  # then want of room is not what is wrong
        return disk.f_bavail * disk.f_frsize >= ROOM

    async def interrupt(self, connection: AsyncConnection) -> None:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.interrupt()

    def cut(self, raw: Any) -> None:
        pass  # what a disk does not answer nobody can break off

    def _url(self, driver: str) -> URL:
        return URL.create(f"sqlite+{driver}", database=str(self.path))

    def _options(self) -> dict[str, Any]:
        # Without isolation_level=None the module begins transactions by itself, and only before the first write.
        return {"connect_args": {"isolation_level": None, "timeout": self.limits.lock}, "hide_parameters": True}

    def _on_connect(self, engine: Engine, *pragmas: str) -> None:
        @event.listens_for(engine, "connect")
        def set_up(raw: Any, _: object) -> None:
            cursor = raw.cursor()
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()


class PostgreSQL(Database):
    remote = True
    fix = "firstline migrate"

    def __init__(self, url: URL, clock: Clock, limits: Limits) -> None:
        super().__init__(clock, limits)
        self.url = url.set(drivername="postgresql+psycopg")
        self.name = f"the database {url.database} on {url.host or url.query.get('host') or 'this machine'}"
        self._sender = secrets.token_hex(8)
        self.announcement = f"NOTIFY firstline, '{self._sender}'"

    def writer(self) -> Engine:
        engine = create_engine(self.url, poolclass=NullPool, **self._options(self.limits.write))
        return _begins(engine, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")

    def looker(self) -> Engine:
        engine = create_engine(self.url, poolclass=NullPool, **self._options(self.limits.read))
        return _begins(engine, "BEGIN READ ONLY")

    def readers(self) -> AsyncEngine:
        engine = create_async_engine(self.url, **_pool(self.limits), **self._options(self.limits.read))
        _begins(engine.sync_engine, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return engine

    def alive(self, raw: Any) -> bool:
        return bool(raw.info.transaction_status == _IN_TRANSACTION)

    def is_over(self, raw: Any) -> bool:
        return bool(raw.info.transaction_status == _IDLE)

    def ends_doubtfully(self, raw: Any) -> bool:
        return bool(raw.closed)

    def now(self, connection: Connection) -> datetime:
        if not isinstance(self.clock, HostClock):
            return self.clock.now()
        asked: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return asked.astimezone(UTC)

    def version(self, raw: Any) -> int:
        return 0

    async def listen(self, heard: Callable[[], None]) -> None:
        import psycopg  # an optional package, which a desk on SQLite may lack

        target = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(target, **self._link()) as connection:
                    await connection.execute("LISTEN firstline")
                    heard()
                    async for word in connection.notifies():
                        if word.payload != self._sender:
                            heard()
            except (psycopg.Error, OSError):
                heard()  # the writer meets the same trouble and says so; until it is over, the tables are asked
            await asyncio.sleep(DEAF)

    def rest(self, raw: Any) -> None:
        pass

    def exists(self) -> bool:
        return True

    def create(self) -> None:
        pass  # its administrator does

    def lock_schema(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")

    def has_room(self) -> bool:
        return True  # a server names a full disk itself

    async def interrupt(self, connection: AsyncConnection) -> None:
        # The server's statement_timeout comes first. A server that has stopped altogether does not even cancel.
        await asyncio.sleep(self.limits.read / 4)
        self.cut((await connection.get_raw_connection()).driver_connection)

    def cut(self, raw: Any) -> None:
        with suppress(OSError), socket.socket(fileno=os.dup(raw.fileno())) as same:
            same.shutdown(socket.SHUT_RDWR)

    def _options(self, statement: float) -> dict[str, Any]:
        settings = {
            "statement_timeout": int(statement * 1000),
            # Other hosts hold a row for a batch's length; the works that wait behind ours have waited enough by then.
            "lock_timeout": int(min(self.limits.lock, 2.0) * 1000),
            "idle_in_transaction_session_timeout": 60_000,
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return {"connect_args": {"options": options, **self._link()}, "hide_parameters": True}

    def _link(self) -> dict[str, Any]:
        """A server that does not acknowledge what we sent for so long is taken for gone, also during COMMIT."""
        return {
            "autocommit": True,
            "application_name": "firstline",
            "connect_timeout": max(2, round(self.limits.reach)),  # 2 is the least that libpq takes
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
        }


# psycopg.pq.TransactionStatus; a transaction that failed has another.
_IDLE, _IN_TRANSACTION = 0, 2

_MIGRATING = 0x46697273746C696E  # "Firstlin", so that no other program's advisory lock is in the way


def _begins(engine: Engine, statement: str) -> Engine:
    """The drivers are told to begin nothing themselves, so that one word of ours says how, on both databases."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return engine


def _pool(limits: Limits) -> dict[str, Any]:
    return {"pool_size": READERS, "max_overflow": 0, "pool_timeout": limits.read}
