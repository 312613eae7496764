"""Every verb as a call with an Agent and a number alone, and Tickets to do them with."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.agents import tickets
from bot.ids import new_id
from bot.model import Agent, Priority, Role, Ticket, TicketState
from bot.policy import Verb
from bot.store import Transaction
from tests.config.commands import filed, ticketed

DO: dict[Verb, Callable[[Transaction, Agent, int], Ticket]] = {
    Verb.TAKE: tickets.take,
    Verb.ASSIGN: lambda tx, agent, number: tickets.assign(tx, agent, number, tx.people.agent("olaf")),
    Verb.RELEASE: tickets.release,
    Verb.REPLY: lambda tx, agent, number: tickets.reply(tx, agent, number, "It is on its way."),
    Verb.NOTE: lambda tx, agent, number: tickets.note(tx, agent, number, "She sounds angry."),
    Verb.SET_PRIORITY: lambda tx, agent, number: tickets.set_priority(tx, agent, number, Priority.URGENT),
    Verb.SET_CATEGORY: lambda tx, agent, number: tickets.set_category(tx, agent, number, "other"),
    Verb.SNOOZE: lambda tx, agent, number: tickets.snooze(tx, agent, number, tx.now + timedelta(hours=1)),
    Verb.WAKE: tickets.wake,
    Verb.HOLD: tickets.hold,
    Verb.SOLVE: tickets.solve,
    Verb.CLOSE: tickets.close,
    Verb.DISMISS: tickets.dismiss,
    Verb.REOPEN: lambda tx, agent, number: tickets.reopen(tx, agent, number, within=timedelta(days=14)),
}


def hire(tx: Transaction, name: str, role: Role = Role.AGENT) -> Agent:
    return tx.people.agent(name) or tx.people.add_agent(name, role, [])


def case(tx: Transaction, state: TicketState = TicketState.NEW, **more: str) -> int:
    """The number of a Ticket of a Conversation of its own, in this state; the customer's words are read."""
    conversation = filed(tx, key=f"{new_id()}@example.org")
    tx.conversations.cover([message.id for message in conversation.messages])
    number = ticketed(tx, conversation, **more)
    if state is not TicketState.NEW:
        tx.tickets.become(number, state)
    return number


def case_for(tx: Transaction, verb: Verb, agent: Agent) -> int:
    """A Ticket that the verb will change."""
    number = case(tx, TicketState.SOLVED if verb is Verb.REOPEN else TicketState.NEW)
    if verb is Verb.RELEASE:
        tx.tickets.assign(number, agent.id)
    if verb is Verb.WAKE:
        tx.tickets.snooze(number, tx.now + timedelta(hours=1))
    return number


def trail(tx: Transaction, number: int) -> list[tuple[str, str]]:
    """Who did what to it."""
    return [(line.actor.name, line.verb) for line in tx.audit.of(str(there(tx, number).id))]


def there(tx: Transaction, number: int) -> Ticket:
    found = tx.tickets.get(number)
    assert found is not None
    return found


def all_of(tx: Transaction, number: int) -> dict[str, Any]:
    """All that a verb can change."""
    ticket = there(tx, number)
    return {
        "ticket": ticket,
        "conversation": tx.conversations.get(ticket.conversation),
        "trail": trail(tx, number),
        "owed": tx.outbox.rows(conversation=ticket.conversation),
        "calls": tx.tickets.escalations(ticket.id),
        "tickets": tx.tickets.rows(),
    }
