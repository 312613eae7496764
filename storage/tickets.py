"""Tickets and the Escalations that go with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, or_, select, update

from bot.ids import new_id
from bot.model import UNSOLVED, Escalation, Priority, Ticket, TicketState
from storage.noun import Noun
from storage.schema import SNOOZED_SQL, agent, escalation, ticket, ticket_number

# Numbers begin here, so that the first customers aren't told how new the desk is.
FIRST = 1000

_ROW = select(ticket, agent.c.name.label("assignee_name")).outerjoin(agent, agent.c.id == ticket.c.assignee)


class Tickets(Noun):
    def get(self, number: int) -> Ticket | None:
        return self._one(_ROW.where(ticket.c.number == number))

    def unsolved(self, conversation: UUID) -> Ticket | None:
        return self._one(_ROW.where(ticket.c.conversation == conversation, ticket.c.state.in_(UNSOLVED)))

    def last(self, conversation: UUID) -> Ticket | None:
        statement = _ROW.where(ticket.c.conversation == conversation)
        return self._one(statement.order_by(ticket.c.number.desc()).limit(1))

    def rows(
        self,
        *,
        states: Sequence[TicketState] | None = None,
        snoozed: bool | None = None,
        after: int | None = None,
        limit: int = 200,
    ) -> list[Ticket]:
        statement = _ROW.order_by(ticket.c.number).limit(limit)
        if states is not None:
            statement = statement.where(ticket.c.state.in_(states))
        if snoozed is not None:
            until = ticket.c.snoozed_until
            statement = statement.where(until > self.now if snoozed else or_(until.is_(None), until <= self.now))
        if after is not None:
            statement = statement.where(ticket.c.number > after)
        return [_ticket(row) for row in self.run(statement)]

    def overslept(self, *, limit: int = 500) -> list[int]:
        # The first condition is spelled as the partial index spells it.
        over = select(ticket.c.number).where(SNOOZED_SQL, ticket.c.snoozed_until <= self.now)
        return list(self.run(over.order_by(ticket.c.snoozed_until).limit(limit)).scalars())

    def of(self, conversation: UUID) -> list[Ticket]:
        statement = _ROW.where(ticket.c.conversation == conversation)
        return [_ticket(row) for row in self.run(statement.order_by(ticket.c.number))]

    def escalations(self, of: UUID) -> list[Escalation]:
        statement = (
            select(escalation, agent.c.name)
            .outerjoin(agent, agent.c.id == escalation.c.taken_by)
            .where(escalation.c.ticket == of)
        )
        return [_escalation(row) for row in self.run(statement.order_by(escalation.c.id))]

    # -------------------------------------------------------------- writing

    def file(
        self,
        conversation: UUID,
        *,
        team: str,
        priority: str,
        category: str,
        title: str,
        reason: str,
        draft: str = "",
    ) -> Ticket:
        there = self.unsolved(conversation)
        if there is not None:
            return self._renew(there, priority, reason, draft)
        number = FIRST + self.run(insert(ticket_number).returning(ticket_number.c.number)).scalar_one()
        self.run(
            insert(ticket).values(
                id=new_id(),
                number=number,
                conversation=conversation,
                team=team,
                state=TicketState.NEW,
                priority=priority,
                category=category,
                title=title,
                reason=reason,
                draft=draft,
                created_at=self.now,
                updated_at=self.now,
                state_since=self.now,
            )
        )
        return self._present(number)

    def become(self, number: int, state: TicketState, *, closed_as: str = "") -> None:
        until = ticket.c.snoozed_until if state in UNSOLVED else None
        self._set(number, state=state, state_since=self.now, closed_as=closed_as, snoozed_until=until)

    def take(self, number: int, who: UUID) -> bool:
        nobodys = update(ticket).where(ticket.c.number == number, ticket.c.assignee.is_(None))
        taken = nobodys.values(assignee=who, assigned_at=self.now, updated_at=self.now)
        return self.run(taken).rowcount == 1

    def assign(self, number: int, who: UUID | None) -> None:
        self._set(number, assignee=who, assigned_at=self.now if who else None)

    def set_priority(self, number: int, priority: Priority) -> None:
        self._set(number, priority=priority)

    def set_category(self, number: int, category: str) -> None:
        self._set(number, category=category)

    def snooze(self, number: int, until: datetime) -> None:
        self._set(number, snoozed_until=until)

    def wake(self, number: int, *, overslept: bool = False) -> bool:
        snoozed = update(ticket).where(ticket.c.number == number, ticket.c.snoozed_until.is_not(None))
        if overslept:
            snoozed = snoozed.where(ticket.c.snoozed_until <= self.now)
        awake = {"state": TicketState.OPEN, "state_since": self.now, "snoozed_until": None, "updated_at": self.now}
        return self.run(snoozed.values(awake)).rowcount == 1

    def call(self, of: UUID, reason: str) -> Escalation:
        made = Escalation(new_id(), of, reason, self.now)
        self.run(insert(escalation).values(id=made.id, ticket=of, reason=reason, created_at=self.now))
        return made

    def called(self, number: int) -> None:
        of = select(ticket.c.id).where(ticket.c.number == number).scalar_subquery()
        uncalled = update(escalation).where(escalation.c.ticket == of, escalation.c.called_at.is_(None))
        self.run(uncalled.values(called_at=self.now))

    def taken(self, of: UUID, who: UUID) -> None:
        untaken = update(escalation).where(escalation.c.ticket == of, escalation.c.taken_at.is_(None))
        self.run(untaken.values(taken_by=who, taken_at=self.now))

    # -------------------------------------------------------------- parts

    def _renew(self, there: Ticket, priority: str, reason: str, draft: str) -> Ticket:
        order = list(Priority)
        higher = max(there.priority, Priority(priority), key=order.index)
        self._set(there.number, priority=higher, reason=reason, draft=draft or there.draft, snoozed_until=None)
        return self._present(there.number)

    def _set(self, number: int, **values: Any) -> None:
        self.run(update(ticket).where(ticket.c.number == number).values(updated_at=self.now, **values))

    def _present(self, number: int) -> Ticket:
        found = self.get(number)
        if found is None:
            raise LookupError(f"no ticket {number}")
        return found

    def _one(self, statement: Select[Any]) -> Ticket | None:
        row = self.one(statement)
        return _ticket(row) if row else None


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        number=row.number,
        conversation=row.conversation,
        team=row.team,
        state=TicketState(row.state),
        priority=Priority(row.priority),
        category=row.category,
        title=row.title,
        reason=row.reason,
        draft=row.draft,
        assignee=row.assignee_name or "",
        created_at=row.created_at,
        updated_at=row.updated_at,
        state_since=row.state_since or row.updated_at,
        assigned_at=row.assigned_at,
        snoozed_until=row.snoozed_until,
        closed_as=row.closed_as,
    )


def _escalation(row: Row[Any]) -> Escalation:
    return Escalation(row.id, row.ticket, row.reason, row.created_at, row.called_at, row.name or "", row.taken_at)
