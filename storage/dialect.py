"""What the engine asks of a database; database.py answers for SQLite and for PostgreSQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.clock import Clock


@dataclass(frozen=True)
class Limits:
    """How long the store waits for what, in seconds."""

    lock: float = 5.0  # for a lock that another process or connection holds
    write: float = 30.0  # for one statement on a server
    stuck: float = 60.0  # for one batch, before its connection is cut
    read: float = 2.0  # for one look
    reach: float = 5.0  # for a server that is away
    poll: float = 0.5  # between two looks for what other processes wrote
    idle: float = 5.0  # without work, until the write-ahead log is emptied


class Database(ABC):
    """`name` is what messages call it, without a password. `remote`: it may come back by itself when it is away."""

    name: str
    remote: bool
    fix = ""  # the command that brings the schema up to date, when it isn't done at start
    announcement = ""  # said in a transaction whose commit concerns other processes

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self.clock = clock
        self.limits = limits

    @abstractmethod
    def writer(self) -> Engine:
        """For a connection that will write: its transactions take the lock as they begin, where there is one."""

    @abstractmethod
    def looker(self) -> Engine:
        """For a look outside the loop."""

    @abstractmethod
    def readers(self) -> AsyncEngine:
        """The pool of connections that can't write."""

    @abstractmethod
    def alive(self, raw: Any) -> bool:
        """The driver's connection is in a transaction, and in a sound one."""

    @abstractmethod
    def is_over(self, raw: Any) -> bool:
        """The driver's connection is in no transaction any more."""

    @abstractmethod
    def ends_doubtfully(self, raw: Any) -> bool:
        """After an error of COMMIT: nobody here can say whether it happened."""

    @abstractmethod
    def now(self, connection: Connection) -> datetime: ...

    @abstractmethod
    def version(self, raw: Any) -> int:
        """Moves when another process has committed, where `listen` doesn't say so."""

    @abstractmethod
    async def listen(self, heard: Callable[[], None]) -> None:
        """Until cancelled: call `heard` when another process has committed, or time and again while that is unknown."""

    @abstractmethod
    def rest(self, raw: Any) -> None:
        """Tidy up while nobody writes."""

    @abstractmethod
    def exists(self) -> bool:
        """There is something to connect to, as far as can be told without connecting."""

    @abstractmethod
    def create(self) -> None:
        """Make what can be made without connecting."""

    @abstractmethod
    def lock_schema(self, connection: Connection) -> None:
        """In a transaction of the writer's: of two that want to migrate, one waits here until the other is done."""

    @abstractmethod
    def has_room(self) -> bool: ...

    @abstractmethod
    async def interrupt(self, connection: AsyncConnection) -> None:
        """Break off the statement that a reader's connection is running, by force if need be."""

    @abstractmethod
    def cut(self, raw: Any) -> None:
        """From another thread: whoever waits for an answer on this connection waits no longer, where that can be."""
