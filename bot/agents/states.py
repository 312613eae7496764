"""Which verb is possible in which state of a Ticket: the one table that says so, for whoever does it and whoever shows
what can be done."""

from bot.model import UNSOLVED, Ticket, TicketState
from bot.policy import Verb

_ANY = frozenset({Verb.LOOK, Verb.NOTE})
_UNSOLVED = frozenset(Verb) - {Verb.REOPEN, Verb.TAKE_OVER}

_POSSIBLE: dict[TicketState, frozenset[Verb]] = {
    **dict.fromkeys(UNSOLVED, _UNSOLVED),
    # A word more to the customer doesn't need the Ticket reopened first: replying does it.
    TicketState.SOLVED: _ANY | {Verb.REPLY, Verb.SET_CATEGORY, Verb.CLOSE, Verb.DISMISS, Verb.REOPEN},
    TicketState.CLOSED: _ANY | {Verb.DISMISS, Verb.REOPEN},
}

# What a verb makes of a Ticket. One that is that already stays as it is: somebody has clicked twice.
_MAKES: dict[Verb, TicketState] = {
    Verb.HOLD: TicketState.ON_HOLD,
    Verb.SOLVE: TicketState.SOLVED,
    Verb.CLOSE: TicketState.CLOSED,
    Verb.REOPEN: TicketState.OPEN,
}


class NotPossible(Exception):
    """The Ticket is not in a state in which this can be done."""


def possible(state: TicketState) -> list[Verb]:
    """In the order in which the verbs are defined."""
    return [verb for verb in Verb if verb in _POSSIBLE[state]]


def is_done(verb: Verb, ticket: Ticket) -> bool:
    """There is nothing left to do."""
    return _MAKES.get(verb) is ticket.state


def check(verb: Verb, ticket: Ticket) -> None:
    """Raises NotPossible with what is possible instead. A verb that is done already is possible."""
    if verb in _POSSIBLE[ticket.state] or is_done(verb, ticket):
        return
    instead = ", ".join(one for one in possible(ticket.state) if one is not Verb.LOOK)
    raise NotPossible(f"ticket {ticket.number} is {ticket.state}: {verb} is not possible now, but {instead} are")
