"""One open transaction with its nouns; a Look is the same thing on a connection that can't write."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from bot.model import Lane
from storage.alerts import Alerts
from storage.arrivals import Arrivals
from storage.articles import Articles
from storage.audit import AuditTrail
from storage.blocks import Blocks
from storage.budgets import Budgets
from storage.conversations import Conversations
from storage.cursors import Cursors
from storage.desk import DeskRow
from storage.edits import Edits
from storage.figures import Figures
from storage.jobs import Jobs
from storage.outbox import Outbox
from storage.people import People
from storage.threads import Threads
from storage.tickets import Tickets


class SqlTransaction:
    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection = connection
        self.touched: set[Lane] = set()
        self._ask = now

    @cached_property
    def now(self) -> datetime:
        return self._ask()

    @cached_property
    def arrivals(self) -> Arrivals:
        return Arrivals(self)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self)

    @cached_property
    def threads(self) -> Threads:
        return Threads(self)

    @cached_property
    def tickets(self) -> Tickets:
        return Tickets(self)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self)

    @cached_property
    def people(self) -> People:
        return People(self)

    @cached_property
    def articles(self) -> Articles:
        return Articles(self)

    @cached_property
    def audit(self) -> AuditTrail:
        return AuditTrail(self)

    @cached_property
    def desk(self) -> DeskRow:
        return DeskRow(self)

    @cached_property
    def blocks(self) -> Blocks:
        return Blocks(self)

    @cached_property
    def cursors(self) -> Cursors:
        return Cursors(self)

    @cached_property
    def edits(self) -> Edits:
        return Edits(self)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self)

    @cached_property
    def budgets(self) -> Budgets:
        return Budgets(self)

    @cached_property
    def figures(self) -> Figures:
        return Figures(self)
