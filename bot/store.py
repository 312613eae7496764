"""What the desk asks of its database: the Store. The nouns it hands out are in `bot/nouns.py`.

A `Look` reads, a `Transaction` also writes; both hand out the nouns. A transaction is a plain function that runs in the
writer's thread: it can't wait for anything, and it may run more than once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.figures import FiguresLook
from bot.model import Arrival, Job, Kept, Lane
from bot.nouns import (
    Alerts,
    AlertsLook,
    Arrivals,
    ArrivalsLook,
    Articles,
    ArticlesLook,
    AuditLook,
    AuditTrail,
    Blocks,
    BlocksLook,
    Budgets,
    BudgetsLook,
    Conversations,
    ConversationsLook,
    Cursors,
    CursorsLook,
    DeskLook,
    DeskWrite,
    Edits,
    Jobs,
    JobsLook,
    Outbox,
    OutboxLook,
    People,
    PeopleLook,
    Threads,
    ThreadsLook,
    Tickets,
    TicketsLook,
)

T = TypeVar("T")


class StoreError(Exception):
    """The database did not do what was asked."""


class StoreBusy(StoreError):
    """The database is busy or away just now; nothing was stored. Ask again."""


class StoreFull(StoreError):
    """The disk or the database is full; nothing was stored. It goes on by itself when there is room again."""


class StoreBroken(StoreError):
    """The database answered with an I/O error; nothing more is written until the desk has been started again."""


class CommitUnknown(StoreError):
    """The connection was lost after COMMIT was sent: the work may or may not be stored. Look by key."""


class SchemaMismatch(StoreError):
    """The database's schema is not the one that this version works with."""


class Conflict(StoreError):
    """A unique key was taken by somebody else in the meantime; the work alone was undone. Run it again."""


async def until_settled(write: Callable[[], Awaitable[T]]) -> T:
    """Losing a race for a key is normal: run again and find the winner. Raises Conflict when it goes on and on."""
    for _ in range(4):
        try:
            return await write()
        except Conflict:
            continue
    return await write()


class LostClaim(StoreError):
    """Another worker has claimed the Job since; everything of this work was undone."""


class Store(Protocol):
    async def keep(self, arrivals: Sequence[Arrival]) -> Sequence[Kept]:
        """Commit the Arrivals with their read Jobs, before any other work; waiting callers share the commit."""
        ...

    async def write(self, work: Callable[["Transaction"], T], *, size: int = 0) -> T:
        """Run the work in one commit, shared with others; `size`: bytes it will store. Returns after the commit.

        Raises the work's own exception (it alone is undone) or a StoreError. The work may run more than once, so it
        touches nothing but its transaction.
        """
        ...

    async def read(self, look: Callable[["Look"], T]) -> T:
        """Run the look on a snapshot. It can't write and has 2 seconds (then StoreBusy)."""
        ...

    async def claim(self, lane: Lane, *, at_most: int, lease: timedelta) -> list[Job]:
        """Take due Jobs, oldest first; each claim raises the Job's epoch and counts an attempt."""
        ...

    def signal(self, lane: Lane) -> asyncio.Event:
        """Set when a commit, ours or another process's, may have made work in the lane. A hint: the table is the
        truth. Whoever waits clears it before looking."""
        ...

    async def renew(self, jobs: Sequence[Job]) -> Sequence[Job]:
        """Lengthen the leases by what they were; returns the Jobs that are still ours."""
        ...


class Look(Protocol):
    @property
    def now(self) -> datetime:
        """The store's instant, asked once a transaction."""
        ...

    @property
    def arrivals(self) -> ArrivalsLook: ...
    @property
    def jobs(self) -> JobsLook: ...
    @property
    def conversations(self) -> ConversationsLook: ...
    @property
    def threads(self) -> ThreadsLook: ...
    @property
    def tickets(self) -> TicketsLook: ...
    @property
    def outbox(self) -> OutboxLook: ...
    @property
    def people(self) -> PeopleLook: ...
    @property
    def articles(self) -> ArticlesLook: ...
    @property
    def audit(self) -> AuditLook: ...
    @property
    def desk(self) -> DeskLook: ...
    @property
    def blocks(self) -> BlocksLook: ...
    @property
    def cursors(self) -> CursorsLook: ...
    @property
    def alerts(self) -> AlertsLook: ...
    @property
    def budgets(self) -> BudgetsLook: ...
    @property
    def figures(self) -> FiguresLook: ...


class Transaction(Look, Protocol):
    @property
    def arrivals(self) -> Arrivals: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def threads(self) -> Threads: ...
    @property
    def tickets(self) -> Tickets: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def people(self) -> People: ...
    @property
    def articles(self) -> Articles: ...
    @property
    def audit(self) -> AuditTrail: ...
    @property
    def desk(self) -> DeskWrite: ...
    @property
    def blocks(self) -> Blocks: ...
    @property
    def edits(self) -> Edits: ...
    @property
    def cursors(self) -> Cursors: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def budgets(self) -> Budgets: ...
