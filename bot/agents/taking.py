"""Whose a Ticket is."""

from bot import policy
from bot.agents.acts import awake, begin, end, work_on
from bot.agents.states import NotPossible
from bot.model import Agent, Ticket
from bot.policy import Refused, Verb
from bot.store import Transaction


def take(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """The Ticket is this Agent's; the bot is silent in its Conversation from now on. Of several who take it at once one
    gets it. Raises NotPossible with whose it is."""
    ticket, said = begin(tx, agent, Verb.TAKE, number)
    if ticket.assignee == agent.name:
        return ticket
    if not tx.tickets.take(number, agent.id):
        raise NotPossible(f"{_whose(ticket)}; a lead can assign it to somebody else")
    work_on(tx, agent, ticket, said)
    awake(tx, ticket)
    return end(tx, agent, Verb.TAKE, ticket)


def assign(tx: Transaction, agent: Agent, number: int, to: Agent) -> Ticket:
    """The same for another Agent. What is somebody else's already is a lead's to assign."""
    ticket, said = begin(tx, agent, Verb.ASSIGN, number)
    if ticket.assignee == to.name:
        return ticket
    _check_over(agent, ticket)
    if not policy.may(to, Verb.TAKE):
        why = f"is {to.role} and takes no tickets" if to.active else "is no longer an agent of this desk"
        raise NotPossible(f"ticket {number} can't be {to.name}'s, who {why}")
    tx.tickets.assign(number, to.id)
    work_on(tx, to, ticket, said)
    awake(tx, ticket)
    return end(tx, agent, Verb.ASSIGN, ticket, to=to.name)


def release(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """It is nobody's, and waits for Agents as it is; the bot stays silent. What is somebody else's is a lead's to
    release."""
    ticket, _ = begin(tx, agent, Verb.RELEASE, number)
    if not ticket.assignee:
        return ticket
    _check_over(agent, ticket)
    tx.tickets.assign(number, None)
    return end(tx, agent, Verb.RELEASE, ticket)


def _check_over(agent: Agent, ticket: Ticket) -> None:
    if ticket.assignee and ticket.assignee != agent.name and not policy.may(agent, Verb.TAKE_OVER):
        raise Refused(f"{_whose(ticket)}, and {agent.name} is {agent.role} and may not {Verb.TAKE_OVER}")


def _whose(ticket: Ticket) -> str:
    since = f" since {ticket.assigned_at:%Y-%m-%d %H:%M} UTC" if ticket.assigned_at else ""
    return f"ticket {ticket.number} is {ticket.assignee}'s{since}"
