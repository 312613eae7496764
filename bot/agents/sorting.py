"""How urgent a Ticket is, and what it is about."""

from bot.agents.acts import begin, end
from bot.agents.states import NotPossible
from bot.model import Agent, Priority, Ticket
from bot.policy import Verb
from bot.store import Look, Transaction

# What a Triager names when no category fits; a desk without a list has it alone.
OTHER = "other"


def set_priority(tx: Transaction, agent: Agent, number: int, priority: Priority) -> Ticket:
    ticket, _ = begin(tx, agent, Verb.SET_PRIORITY, number)
    if ticket.priority is priority:
        return ticket
    tx.tickets.set_priority(number, priority)
    return end(tx, agent, Verb.SET_PRIORITY, ticket, was=ticket.priority, now=priority)


def set_category(tx: Transaction, agent: Agent, number: int, category: str) -> Ticket:
    """Raises NotPossible unless it is one of the desk's."""
    ticket, _ = begin(tx, agent, Verb.SET_CATEGORY, number)
    if ticket.category == category:
        return ticket
    if category not in (known := categories(tx)):
        raise NotPossible(f"the desk has no category {category!r}, but these: {', '.join(known)}")
    tx.tickets.set_category(number, category)
    return end(tx, agent, Verb.SET_CATEGORY, ticket, was=ticket.category, now=category)


def categories(look: Look) -> list[str]:
    """The slugs to choose from."""
    listed = [one.slug for one in look.articles.categories()]
    return listed if OTHER in listed else [*listed, OTHER]
