"""Counting. Each statement goes through an index or a table that stays small, however old the desk is."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text

from bot.figures import Activity, Decided, Handed, LaneFigures, Untaken
from bot.model import UNSOLVED, DeliveryState, JobState, Lane, ParcelKind, TicketState
from storage.jobs import LONGEST_LEASE
from storage.noun import Noun
from storage.schema import (
    IN_FLIGHT_SQL,
    UNSOLVED_SQL,
    arrival,
    decision,
    delivery,
    escalation,
    job,
    parcel,
    pause,
    ticket,
)

# Each database tells its size in its own words.
SIZE = {
    "sqlite": text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
    "postgresql": text("SELECT pg_database_size(current_database())"),
}

_NUMBER = func.count().label("number")


class Figures(Noun):
    def lanes(self) -> list[LaneFigures]:
        claimed = case((self._claimed(), 1), else_=0)
        statement = (
            select(
                job.c.lane,
                func.sum(case((job.c.state == JobState.BURIED, 1), else_=0)).label("buried"),
                func.sum(claimed).label("claimed"),
                _NUMBER,
                func.min(self._waits_since()).label("oldest"),
            )
            .outerjoin(pause, and_(job.c.lane == Lane.DELIVER, pause.c.channel == job.c.channel))
            .group_by(job.c.lane)
        )
        found = {row.lane: row for row in self.run(statement)}
        return [self._lane(lane, found.get(lane)) for lane in Lane]

    def since(self, instant: datetime) -> Activity:
        kept = {
            row.state: row.number
            for row in self.run(select(arrival.c.state, _NUMBER).where(arrival.c.kept_at >= instant).group_by("state"))
        }
        return Activity(sum(kept.values()), kept.get("set aside", 0), self._decided(instant), self._handed(instant))

    def tickets(self) -> dict[TicketState, int]:
        # Spelled as the partial index spells it: a list of bound values would not use it.
        counted = select(ticket.c.state, _NUMBER).where(UNSOLVED_SQL).group_by(ticket.c.state)
        found = {row.state: row.number for row in self.run(counted)}
        return {state: found.get(state, 0) for state in UNSOLVED}

    def untaken(self) -> Untaken:
        # Not a join: SQLite would go through all Escalations there have ever been to find the few unsolved Tickets.
        unsolved = select(ticket.c.id).where(UNSOLVED_SQL)
        calls = select(_NUMBER, func.min(escalation.c.created_at).label("oldest")).where(
            escalation.c.ticket.in_(unsolved), escalation.c.taken_at.is_(None)
        )
        row = self.run(calls).one()
        return Untaken(row.number, row.oldest)

    def owed(self) -> dict[DeliveryState, int]:
        counted = select(delivery.c.state, _NUMBER).where(IN_FLIGHT_SQL).group_by(delivery.c.state)
        return {DeliveryState(row.state): row.number for row in self.run(counted)}

    def size(self) -> int:
        return int(self.run(SIZE[self.tx.connection.dialect.name]).scalar_one())

    # -------------------------------------------------------------- parts

    def _lane(self, lane: Lane, row: Any) -> LaneFigures:
        if row is None:
            return LaneFigures(lane)
        oldest = max(0.0, (self.now - row.oldest).total_seconds()) if row.oldest else 0.0
        return LaneFigures(lane, row.number - row.claimed - row.buried, row.claimed, row.buried, oldest)

    def _claimed(self) -> ColumnElement[bool]:
        """As the queue sees it: a lease that is too far away is that of a host whose clock was wrong."""
        return and_(job.c.lease_until > self.now, job.c.lease_until <= self.now + LONGEST_LEASE)

    def _waits_since(self) -> ColumnElement[datetime | None]:
        """Null for what isn't due, is at work or is buried. Each probe of a channel that is away puts off its Jobs."""
        away_since = case((job.c.created_at > pause.c.since, job.c.created_at), else_=pause.c.since)
        return case(
            (or_(job.c.state == JobState.BURIED, self._claimed()), None),
            (pause.c.channel.is_not(None), away_since),
            (job.c.run_at <= self.now, job.c.run_at),
        )

    def _decided(self, instant: datetime) -> tuple[Decided, ...]:
        tokens = func.sum(decision.c.tokens_in + decision.c.tokens_out).label("tokens")
        counted = (
            select(decision.c.action, decision.c.triager, _NUMBER, tokens, func.sum(decision.c.cost).label("cost"))
            .where(decision.c.created_at >= instant)
            .group_by(decision.c.action, decision.c.triager)
            .order_by(decision.c.action, decision.c.triager)
        )
        return tuple(
            Decided(row.action, row.triager, row.number, int(row.tokens), float(row.cost)) for row in self.run(counted)
        )

    def _handed(self, instant: datetime) -> tuple[Handed, ...]:
        counted = (
            select(parcel.c.kind, delivery.c.state, _NUMBER)
            .select_from(delivery.join(parcel, parcel.c.id == delivery.c.id))
            .where(delivery.c.created_at >= instant)
            .group_by(parcel.c.kind, delivery.c.state)
            .order_by(parcel.c.kind, delivery.c.state)
        )
        return tuple(Handed(ParcelKind(row.kind), DeliveryState(row.state), row.number) for row in self.run(counted))
