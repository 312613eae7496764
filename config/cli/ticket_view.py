"""A Ticket with all that an Agent needs to act on it."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from bot.model import Author, Conversation, Escalation, Message, Ticket, Visibility
from bot.rows import DecisionRow, DeliveryRow
from bot.store import Look
from config.cli import render
from config.errors import NotDone


def keys(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "id": ticket.id,
        "state": ticket.state,
        "priority": ticket.priority,
        "category": ticket.category,
        "title": ticket.title,
        "reason": ticket.reason,
        "assignee": ticket.assignee,
        "team": ticket.team,
        "conversation": ticket.conversation,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "state_since": ticket.state_since,
        "assigned_at": ticket.assigned_at,
        "snoozed_until": ticket.snoozed_until,
        "closed_as": ticket.closed_as,
    }


def whole(look: Look, number: int) -> dict[str, Any]:
    """Raises NotDone when there is no such Ticket."""
    ticket = look.tickets.get(number)
    conversation = look.conversations.get(ticket.conversation) if ticket else None
    if ticket is None or conversation is None:
        raise NotDone(f"there is no ticket {number}; see `firstline ticket list --all`")
    return keys(ticket) | {
        "draft": ticket.draft,
        "customer": _customer(conversation),
        "channel": conversation.channel,
        "conversation_state": conversation.state,
        "possible_reply_to": conversation.possible_reply_to,
        "earlier_messages": conversation.earlier,
        "messages": [_message(m) for m in conversation.messages],
        "decisions": [decision(d) for d in look.conversations.decisions(conversation.id)],
        "escalations": [_escalation(e) for e in look.tickets.escalations(ticket.id)],
        "deliveries": [_delivery(d) for d in look.outbox.rows(conversation=conversation.id)],
    }


def decision(row: DecisionRow) -> dict[str, Any]:
    """What was decided and on what grounds."""
    said = ("level", "reason", "category", "priority", "language", "triager", "answer", "citations", "evidence")
    cost = ("model", "prompt_hash", "tokens_in", "tokens_out", "cost", "seconds")
    return {
        "at": row.created_at,
        "id": row.id,
        "turn": row.turn,
        "action": row.action,
        "proposed": row.proposed,
        "overruled": list(row.overruled),
        **{name: row.detail[name] for name in (*said, *cost)},
    }


# ------------------------------------------------------------------ parts of it


def _customer(conversation: Conversation) -> dict[str, Any] | None:
    customer = conversation.customer
    if customer is None:
        return None
    return {"kind": customer.kind, "value": customer.value, "proven": conversation.proven}


def _message(message: Message) -> dict[str, Any]:
    return {
        "at": message.kept_at,
        "id": message.id,
        "author": message.author,
        "name": message.author_name,
        "note": message.visibility is Visibility.NOTE,
        "kind": message.kind,
        "verdict": message.verdict,
        "copied": [one.value for one in message.others],
        "subject": message.subject,
        "text": message.text,
        "attachments": [{"name": a.name, "type": a.type, "size": a.size} for a in message.attachments],
        "problems": list(message.problems),
        "partly": message.partly,
        "arrival": message.arrival,
    }


def _escalation(escalation: Escalation) -> dict[str, Any]:
    return {
        "at": escalation.created_at,
        "reason": escalation.reason,
        "called_at": escalation.called_at,
        "taken_by": escalation.taken_by,
        "taken_at": escalation.taken_at,
    }


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    return {"at": row.created_at, "id": row.id, "kind": row.kind, "state": row.state, "error": row.error}


# ------------------------------------------------------------------ for people


def show(ticket: Mapping[str, Any]) -> None:
    typer.echo(f"Ticket {ticket['number']}: {render.cell(ticket['title'])}")
    render.fields(
        {
            "State": f"{_state(ticket)}, {ticket['priority']}, {render.cell(ticket['category'])}",
            "Snoozed": f"until {render.cell(ticket['snoozed_until'])}" if ticket["snoozed_until"] else "",
            "Assignee": ticket["assignee"] or "nobody",
            "Customer": _named(ticket["customer"]),
            "Came": ticket["created_at"],
            "Why": ticket["reason"],
            "May continue": ticket["possible_reply_to"],
        }
    )
    if ticket["possible_reply_to"]:
        typer.echo("  (a stranger's message that refers to that conversation; `firstline trace` shows it)")
    for escalation in ticket["escalations"]:
        typer.echo(f"Called people: {render.cell(escalation['reason'])} ({_called(escalation)})")
    if ticket["earlier_messages"]:
        typer.echo(f"\n({ticket['earlier_messages']} earlier messages are not shown)")
    _show_said(ticket["messages"])
    _show_thought(ticket["decisions"])
    if ticket["draft"]:
        typer.echo("\nDraft, not sent:")
        render.words(ticket["draft"])
    for delivery in ticket["deliveries"]:
        if delivery["state"] != "delivered":
            why = f" ({render.cell(delivery['error'])})" if delivery["error"] else ""
            typer.echo(f"\n{delivery['kind']} {delivery['id']}: {delivery['state']}{why}")


def _state(ticket: Mapping[str, Any]) -> str:
    return f"{ticket['state']} as {ticket['closed_as']}" if ticket["closed_as"] else str(ticket["state"])


def _named(customer: Mapping[str, Any] | None) -> str:
    if customer is None:
        return "nobody known"
    proof = "proven" if customer["proven"] else "unverified: anybody can write this address"
    return f"{customer['value']} ({proof})"


def _called(escalation: Mapping[str, Any]) -> str:
    if escalation["taken_by"]:
        return f"taken by {render.cell(escalation['taken_by'])} {render.cell(escalation['taken_at'])}"
    if escalation["called_at"]:
        return f"called {render.cell(escalation['called_at'])}"
    return "nobody is called: no place for it is configured"


def _show_said(messages: Sequence[Mapping[str, Any]]) -> None:
    for message in messages:
        typer.echo(f"\n{render.cell(message['at'])} {_speaker(message)}:")
        render.words(message["text"])
        if message["copied"]:
            typer.echo(f"  [copies went to: {render.cell(message['copied'])}]")
        for attachment in message["attachments"]:
            name = render.cell(attachment["name"]) or "without a name"
            typer.echo(f"  [attachment: {name}, {render.cell(attachment['type'])}, {attachment['size']} bytes]")
        if message["problems"]:
            typer.echo(f"  [not all could be read: {render.cell(message['problems'])}]")


def _speaker(message: Mapping[str, Any]) -> str:
    name = render.cell(message["name"])
    if message["note"]:
        return f"NOTE of {message['author']} {name} (for agents only)"
    if message["author"] != Author.CUSTOMER:
        return f"{message['author']} {name}".rstrip() if message["author"] != Author.BOT else "bot"
    kind = "" if message["kind"] == "message" else f"{message['kind']}, "
    return f"{message['author']} {name} [{kind}{message['verdict']}]"


def _show_thought(decisions: Sequence[Mapping[str, Any]]) -> None:
    for one in decisions:
        typer.echo(f"\nDecided {render.cell(one['at'])}: {describe(one)}")
        for name, value in one["evidence"].items():
            typer.echo(f"  {render.cell(name)}: {render.cell(value)}")
        for citation in one["citations"]:
            typer.echo(f"  {render.cell(citation['article'])}: “{render.cell(citation['quote'])}”")


def describe(one: Mapping[str, Any]) -> str:
    """A Decision in a line."""
    changed = f", overruled by {render.cell(one['overruled'])} (proposed {one['proposed']})" if one["overruled"] else ""
    why = f": {render.cell(one['reason'])}" if one["reason"] else ""
    asked = f", {render.cell(one['model'])}, {one['tokens_in'] + one['tokens_out']} tokens" if one["model"] else ""
    where = f"{render.cell(one['category'])}, {one['triager']}{asked}, level {one['level']}"
    return f"{one['action']}{why}{changed} [{where}]"
