"""How far a request has come on its walk, read from the database inside a desk or beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from bot.model import Audience, DeliveryState, Job, JobState, Lane, Message
from bot.rows import ArrivalRow, DecisionRow, DeliveryRow
from bot.store import Look


@dataclass(frozen=True)
class Way:
    """One request. `owed`: all that its Decision owes anybody; `work`: the Jobs on it that are not done."""

    arrival: ArrivalRow
    message: Message | None
    decision: DecisionRow | None
    owed: tuple[DeliveryRow, ...]
    work: tuple[Job, ...]

    @property
    def waits_for(self) -> str:
        """What is still to be done, by whom and on what; empty at the end."""
        if self.problem:
            return ""
        for job in self.work:
            why = f": {job.error}" if job.error else ""
            return f"{_WAITING[job.lane]}{why}"
        return ""

    @property
    def problem(self) -> str:
        """What ended the walk before its end; empty while all is well."""
        for job in self.work:
            if job.state is JobState.BURIED:
                return f"its work in the lane {job.lane} was set aside: {job.error}"
        for one in self.owed:
            if one.state is DeliveryState.UNDELIVERABLE:
                return f"the {one.kind} could not be delivered: {one.error}"
        return ""

    @property
    def is_over(self) -> bool:
        return not self.waits_for


_WAITING = {Lane.READ: "to be read", Lane.TRIAGE: "for a decision", Lane.DELIVER: "for its replies to be delivered"}


def way(look: Look, arrival: UUID) -> Way | None:
    """None when this database knows no such Arrival."""
    row = look.arrivals.row(arrival)
    if row is None:
        return None
    message = look.conversations.of_arrival(arrival)
    work = tuple(_work(look, arrival, message))
    if message is None or not message.decided:
        return Way(row, message, None, (), work)
    decision, until = _decision(look, message)
    owed = look.outbox.rows(conversation=message.conversation) if decision else []
    of_it = tuple(one for one in owed if decision and _since(one, decision) and not (until and _since(one, until)))
    return Way(row, message, decision, of_it, work)


def _decision(look: Look, message: Message) -> tuple[DecisionRow | None, DecisionRow | None]:
    """That which covered the message, and the next of its Conversation."""
    filed = message.filed_at or message.kept_at
    later = [one for one in look.conversations.decisions(message.conversation) if one.created_at >= filed]
    first, second = (*later, None, None)[:2]
    return first, second


def _since(one: DeliveryRow, decision: DecisionRow) -> bool:
    """A Decision and its Parcels are one commit, so they have one time."""
    return one.created_at >= decision.created_at


def _work(look: Look, arrival: UUID, message: Message | None) -> Iterator[Job]:
    subjects = [(Lane.READ, arrival)]
    if message:
        subjects.append((Lane.TRIAGE, message.conversation))
        for audience in Audience:
            subjects += [(Lane.DELIVER, one.id) for one in look.threads.of(message.conversation, audience)]
    found = (look.jobs.find(lane, str(subject)) for lane, subject in subjects)
    return (job for job in found if job)
