"""`firstline trace`: what became of one request, step by step."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from bot.model import Audience, Audit, Conversation, Escalation, Job, Lane, Message, Ticket
from bot.rows import ArrivalRow, DeliveryRow
from bot.store import Look
from config.cli import queue, reach, render, ticket_view
from config.errors import NotDone

Step = dict[str, Any]


def trace(
    named: Annotated[
        str, typer.Argument(metavar="ID|MESSAGE-ID|NUMBER", help="What 250 said, any id of ours, or a Ticket's number.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a step.")] = False,
) -> None:
    """The steps of one request with their times, oldest first: kept, read, decided, what was sent, who did what.

    Example: firstline trace 1001

    Example: firstline trace '<20260302.1@example.org>' --json
    """
    for step in reach.read(lambda look: steps(look, named)):
        if as_json:
            render.line(step)
        else:
            typer.echo(told(step))


def steps(look: Look, named: str) -> list[Step]:
    """In order of time; what came with one commit, in the order of the walk. Raises NotDone."""
    arrival = _arrival(look, named)
    known = look.conversations.find(named)
    conversation = look.conversations.get(known) if known else None
    if conversation:
        found = _of_conversation(look, conversation)
    elif arrival:
        found = _of_arrival(look, arrival)
    else:
        raise NotDone(f"nothing here is called {named}; give what `250` said, an id, a Message-ID or a ticket's number")
    return sorted(found, key=lambda step: step["at"])


# ------------------------------------------------------------------ finding


def _arrival(look: Look, named: str) -> ArrivalRow | None:
    try:
        return look.arrivals.row(UUID(named))
    except ValueError:
        return None


def _of_arrival(look: Look, arrival: ArrivalRow) -> Iterator[Step]:
    """Not a message yet, or never one."""
    yield _kept(arrival)
    if arrival.state != "kept":
        yield {"at": arrival.kept_at, "step": arrival.state, "id": arrival.id, "problem": arrival.problem}
    yield from _beside(look, (Lane.READ, str(arrival.id)))


def _of_conversation(look: Look, conversation: Conversation) -> Iterator[Step]:
    for message in conversation.messages:
        yield from _of_message(look, message)
    for decision in look.conversations.decisions(conversation.id):
        yield {"step": "decided", "conversation": conversation.id, **ticket_view.decision(decision)}
    for ticket in look.tickets.of(conversation.id):
        yield _ticket(ticket)
        for escalation in look.tickets.escalations(ticket.id):
            yield _escalation(ticket, escalation)
        yield from _audited(look, str(ticket.id))
    for delivery in look.outbox.rows(conversation=conversation.id, limit=10_000):
        yield _delivery(delivery)
    yield from _beside(look, (Lane.TRIAGE, str(conversation.id)))
    for thread in look.threads.of(conversation.id, Audience.CUSTOMER):
        yield from _beside(look, (Lane.DELIVER, str(thread.id)))


def _of_message(look: Look, message: Message) -> Iterator[Step]:
    arrival = look.arrivals.row(message.arrival) if message.arrival else None
    if arrival is None:
        yield _said(message)
    else:
        yield _kept(arrival)
        yield _read(message, arrival)
        yield from _beside(look, (Lane.READ, str(arrival.id)))
    yield from _audited(look, str(message.id))


def _beside(look: Look, of: tuple[Lane, str]) -> Iterator[Step]:
    """What the audit trail says of it, and the work on it that is not done."""
    lane, subject = of
    yield from _audited(look, subject)
    job = look.jobs.find(lane, subject)
    if job:
        yield _job(job, look)


def _audited(look: Look, target: str) -> Iterator[Step]:
    return (_audit(line) for line in look.audit.of(target))


# ------------------------------------------------------------------ one step


def _kept(arrival: ArrivalRow) -> Step:
    return {
        "at": arrival.kept_at,
        "step": "kept",
        "id": arrival.id,
        "channel": arrival.channel,
        "size": arrival.size,
        "state": arrival.state,
    }


def _read(message: Message, arrival: ArrivalRow) -> Step:
    """`at`: when it became a message; reading it again changes the message, not the time."""
    return {
        "at": message.filed_at or message.kept_at,
        "step": "set aside" if arrival.state == "set aside" else "read",
        "id": message.id,
        "arrival": arrival.id,
        "conversation": message.conversation,
        "author": message.author_name,
        "kind": message.kind,
        "verdict": message.verdict,
        "subject": message.subject,
        "signs": list(message.signs),
        "problems": list(message.problems),
        "problem": arrival.problem,
        "decided": message.decided,
    }


def _said(message: Message) -> Step:
    return {
        "at": message.kept_at,
        "step": "said",
        "id": message.id,
        "conversation": message.conversation,
        "author": message.author,
        "name": message.author_name,
        "visibility": message.visibility,
    }


def _ticket(ticket: Ticket) -> Step:
    return {"at": ticket.created_at, "step": "ticket", **ticket_view.keys(ticket)}


def _escalation(ticket: Ticket, escalation: Escalation) -> Step:
    return {
        "at": escalation.created_at,
        "step": "escalated",
        "id": escalation.id,
        "number": ticket.number,
        "reason": escalation.reason,
        "called_at": escalation.called_at,
        "taken_by": escalation.taken_by,
        "taken_at": escalation.taken_at,
    }


def _delivery(row: DeliveryRow) -> Step:
    return {
        "at": row.created_at,
        "step": "delivery",
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "channel": row.channel,
        "to": list(row.to),
        "message_id": row.message_id,
        "attempts": row.attempts,
        "delivered_at": row.delivered_at,
        "file": row.file,
        "error": row.error,
    }


def _job(job: Job, look: Look) -> Step:
    return {
        "at": job.run_at,
        "step": "job",
        "id": job.id,
        "lane": job.lane,
        "subject": job.subject,
        "state": queue.state(job, look),
        "attempts": job.attempts,
        "error": job.error,
    }


def _audit(line: Audit) -> Step:
    return {
        "at": line.at,
        "step": "audit",
        "id": line.target_id,
        "target": line.target,
        "actor": line.actor.kind,
        "name": line.actor.name,
        "verb": line.verb,
        "detail": dict(line.detail),
    }


# ------------------------------------------------------------------ for people


def told(step: Mapping[str, Any]) -> str:
    """A step on one line."""
    at = step["at"].astimezone()
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}  {step['step']:9}  {_what(step)}"


def _what(step: Mapping[str, Any]) -> str:
    match step["step"]:
        case "kept":
            return f"{step['id']} on {step['channel']}, {step['size']} bytes"
        case "decided":
            return ticket_view.describe(step)
        case "ticket":
            return _cells(step["number"], step["state"], step["priority"], step["reason"])
        case "escalated":
            return _cells(step["number"], step["reason"], step["taken_by"] and f"taken by {step['taken_by']}")
        case "delivery":
            return _cells(step["kind"], f"to {render.cell(step['to'])}", _handed_over(step), step["error"])
        case "job":
            return _cells(f"{step['lane']} is {step['state']}", f"{step['attempts']} attempts", step["error"])
        case "audit":
            return _cells(f"{step['actor']} {step['name']}".rstrip(), f"{step['verb']} {step['target']}", *_pairs(step))
        case "said":
            return _cells(f"{step['author']} {step['name']}".rstrip(), step["visibility"])
        case _:
            kind = "" if step.get("kind") == "message" else step.get("kind")
            return _cells(step.get("author"), step.get("subject"), kind, step.get("signs"), step["problem"])


def _handed_over(step: Mapping[str, Any]) -> str:
    moment: datetime | None = step["delivered_at"]
    return f"delivered after {(moment - step['at']).total_seconds():.3f} s" if moment else str(step["state"])


def _pairs(step: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in step["detail"].items()]


def _cells(*values: object) -> str:
    return " · ".join(shown for value in values if (shown := render.cell(value)))
