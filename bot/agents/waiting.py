"""Tickets that wait: for an hour, or for somebody else."""

from datetime import datetime, timedelta

from bot.agents.acts import begin, end, work_on
from bot.agents.states import NotPossible, is_done
from bot.model import Agent, Ticket, TicketState
from bot.policy import Verb
from bot.store import Transaction

# Who means to come back later than this has mistyped the year.
LONGEST = timedelta(days=366)


def snooze(tx: Transaction, agent: Agent, number: int, until: datetime) -> Ticket:
    """Nobody wants to see it before then. Its state stays; what wakes it (bot/waking.py) makes it open."""
    ticket, _ = begin(tx, agent, Verb.SNOOZE, number)
    if ticket.snoozed_until == until:
        return ticket
    if not tx.now < until <= tx.now + LONGEST:
        raise NotPossible(
            f"ticket {number} can be snoozed for {LONGEST.days} days at most and not until {until:%Y-%m-%d %H:%M} UTC;"
            f" it is {tx.now:%Y-%m-%d %H:%M} UTC now"
        )
    tx.tickets.snooze(number, until)
    return end(tx, agent, Verb.SNOOZE, ticket, until=until.isoformat())


def wake(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """It is open, and to be seen again. One that is not snoozed stays as it is."""
    ticket, _ = begin(tx, agent, Verb.WAKE, number)
    return end(tx, agent, Verb.WAKE, ticket) if tx.tickets.wake(number) else ticket


def hold(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """It waits for somebody who is neither Agent nor customer; the customer's next word opens it."""
    ticket, said = begin(tx, agent, Verb.HOLD, number)
    if is_done(Verb.HOLD, ticket):
        return ticket
    work_on(tx, agent, ticket, said)
    tx.tickets.become(number, TicketState.ON_HOLD)
    return end(tx, agent, Verb.HOLD, ticket)
