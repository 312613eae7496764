"""How a Ticket ends, and how it begins again."""

from datetime import timedelta

from bot.agents.acts import begin, end, refuse_second, to_people, work_on
from bot.agents.states import NotPossible, is_done
from bot.model import NOT_A_REQUEST, Agent, Conversation, ConversationState, Lane, Ticket, TicketState
from bot.policy import Verb
from bot.store import Transaction


def solve(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """The Agent thinks that it is done; the customer's next word opens the same Ticket again, with the same Agent."""
    ticket, said = begin(tx, agent, Verb.SOLVE, number)
    if is_done(Verb.SOLVE, ticket):
        return ticket
    if said.undecided():
        # It would be covered by what the Agent says without having seen it.
        raise NotPossible(f"ticket {number}: nobody has read yet what the customer wrote last; take it and read that")
    work_on(tx, agent, ticket, said)
    tx.tickets.become(number, TicketState.SOLVED)
    return end(tx, agent, Verb.SOLVE, ticket)


def close(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """Done. The customer's next word begins with the bot again, and so does one that nobody has thought about yet."""
    ticket, said = begin(tx, agent, Verb.CLOSE, number)
    if is_done(Verb.CLOSE, ticket):
        return ticket
    tx.tickets.become(number, TicketState.CLOSED)
    _leave(tx, said)
    return end(tx, agent, Verb.CLOSE, ticket)


def dismiss(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """It was never a request (an advertisement, a thank-you). It is closed as that, without a word to its sender."""
    ticket, said = begin(tx, agent, Verb.DISMISS, number)
    if ticket.closed_as == NOT_A_REQUEST:
        return ticket
    tx.tickets.become(number, TicketState.CLOSED, closed_as=NOT_A_REQUEST)
    if ticket.state is not TicketState.CLOSED:
        _leave(tx, said)
    return end(tx, agent, Verb.DISMISS, ticket)


def reopen(tx: Transaction, agent: Agent, number: int, *, within: timedelta) -> Ticket:
    """Agents go on with it, and the bot is silent. Closed for longer than `within` it stays closed, and the matter goes
    on in a new Ticket, which is returned: what was reckoned by the old one stays true."""
    ticket, said = begin(tx, agent, Verb.REOPEN, number)
    if is_done(Verb.REOPEN, ticket):
        return ticket
    refuse_second(tx, ticket)
    to_people(tx, said)
    if ticket.state is TicketState.CLOSED and tx.now - ticket.state_since > within:
        return _begin_anew(tx, agent, ticket)
    tx.tickets.become(number, TicketState.OPEN)
    return end(tx, agent, Verb.REOPEN, ticket)


# ------------------------------------------------------------------ parts


def _leave(tx: Transaction, said: Conversation) -> None:
    """To the bot, if there is anything to think about."""
    if said.undecided():
        tx.conversations.become(said.id, ConversationState.BOT)
        tx.jobs.put(Lane.TRIAGE, str(said.id), channel=said.channel)
    else:
        tx.conversations.become(said.id, ConversationState.CLOSED)


def _begin_anew(tx: Transaction, agent: Agent, old: Ticket) -> Ticket:
    new = tx.tickets.file(
        old.conversation,
        team=old.team,
        priority=old.priority,
        category=old.category,
        title=old.title,
        reason=f"{agent.name} goes on with ticket {old.number}",
    )
    end(tx, agent, Verb.REOPEN, old, goes_on_in=new.number)
    return new
