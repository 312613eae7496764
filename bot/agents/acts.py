"""How every verb begins (the right, the Ticket as it is now, its state) and how it ends: with one line of audit."""

from typing import Any

from bot import policy
from bot.agents import states
from bot.agents.states import NotPossible
from bot.model import Actor, ActorKind, Agent, Conversation, ConversationState, Ticket, TicketState
from bot.policy import Verb
from bot.store import Transaction


def begin(tx: Transaction, agent: Agent, verb: Verb, number: int) -> tuple[Ticket, Conversation]:
    """The Ticket and its Conversation, kept from others until the commit. Raises Refused or NotPossible."""
    policy.check(agent, verb)
    said = tx.conversations.lock(_there(tx, number).conversation)
    # Looked at again: who held the lock before may have changed it.
    ticket = _there(tx, number)
    states.check(verb, ticket)
    return ticket, said


def end(tx: Transaction, agent: Agent, verb: Verb, ticket: Ticket, **detail: Any) -> Ticket:
    """As it is now."""
    tx.audit.write(actor(agent), verb, "ticket", str(ticket.id), **detail)
    return _there(tx, ticket.number)


def work_on(tx: Transaction, owner: Agent, ticket: Ticket, said: Conversation) -> None:
    """Somebody has it in hand: its calls are heard, and it is `owner`'s unless it is another's."""
    tx.tickets.take(ticket.number, owner.id)
    tx.tickets.taken(ticket.id, owner.id)
    to_people(tx, said)


def to_people(tx: Transaction, said: Conversation) -> None:
    """The bot is silent there from now on; what it has not thought about is for Agents."""
    tx.conversations.become(said.id, ConversationState.HUMAN)
    tx.conversations.cover([message.id for message in said.undecided()])


def refuse_second(tx: Transaction, ticket: Ticket) -> None:
    """A Conversation has one unsolved Ticket at most. Raises NotPossible when that is another."""
    other = tx.tickets.unsolved(ticket.conversation)
    if other is not None and other.number != ticket.number:
        raise NotPossible(
            f"ticket {ticket.number} is {ticket.state}, and its conversation goes on in ticket {other.number}"
        )


def actor(agent: Agent) -> Actor:
    return Actor(ActorKind.AGENT, agent.name)


def awake(tx: Transaction, ticket: Ticket) -> None:
    """Whoever gets it is to see it, and a new one is new no more."""
    if not tx.tickets.wake(ticket.number) and ticket.state is TicketState.NEW:
        tx.tickets.become(ticket.number, TicketState.OPEN)


def _there(tx: Transaction, number: int) -> Ticket:
    ticket = tx.tickets.get(number)
    if ticket is None:
        raise NotPossible(f"there is no ticket {number}; see `firstline ticket list`")
    return ticket
