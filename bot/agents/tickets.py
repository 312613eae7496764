"""What Agents do with a Ticket. Each verb is the whole of its effects, inside the caller's transaction."""

from collections.abc import Sequence

from bot import policy
from bot.ids import new_id
from bot.model import (
    Actor,
    ActorKind,
    Agent,
    Arrival,
    Audience,
    Author,
    ConversationState,
    File,
    Form,
    Kind,
    Lane,
    Parcel,
    ParcelKind,
    Quoted,
    Thread,
    Ticket,
    TicketState,
    Visibility,
)
from bot.store import Transaction


class NotPossible(Exception):
    """The Ticket is not in a state in which this can be done."""


def take(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """The Ticket is this Agent's; the bot is silent in its Conversation from now on."""
    policy.check(agent, policy.TAKE)
    ticket = _open_ticket(tx, number)
    _own(tx, agent, ticket)
    tx.tickets.become(number, TicketState.OPEN)
    tx.audit.write(_actor(agent), "take", "ticket", str(ticket.id))
    return _ticket(tx, number)


def reply(
    tx: Transaction,
    agent: Agent,
    number: int,
    text: str,
    *,
    files: Sequence[File] = (),
    arrival: Arrival | None = None,
) -> Ticket:
    """Words to the customer, where they last wrote, over those that they answer. The Ticket then waits for the
    customer. `arrival`: the mail in which the Agent wrote them."""
    policy.check(agent, policy.REPLY)
    ticket = _open_ticket(tx, number)
    thread = next(iter(tx.threads.of(ticket.conversation, Audience.CUSTOMER)), None)
    if thread is None or not thread.address.get("to"):
        raise NotPossible(f"ticket {number}: nobody is known to reply to; the message had no sender")
    _own(tx, agent, ticket, keep_assignee=True)
    answered = _answered(tx, ticket, thread)
    said = tx.conversations.say(
        ticket.conversation,
        thread=thread.id,
        author=_actor(agent),
        visibility=Visibility.PUBLIC,
        text=text,
        key=new_id(),
        arrival=arrival,
    )
    tx.outbox.put(
        Parcel(
            id=new_id(),
            thread=thread.id,
            channel=thread.channel,
            conversation=ticket.conversation,
            form=Form.REPLY,
            kind=ParcelKind.AGENT,
            text=text,
            address=thread.address,
            automatic=False,
            created_at=tx.now,
            ticket=number,
            message=said,
            quoted=answered,
            files=tuple(files),
        )
    )
    tx.tickets.become(number, TicketState.PENDING)
    tx.audit.write(_actor(agent), "reply", "ticket", str(ticket.id), message=str(said))
    return _ticket(tx, number)


def note(tx: Transaction, agent: Agent, number: int, text: str) -> Ticket:
    """Words for Agents only. A note never becomes a Reply."""
    policy.check(agent, policy.NOTE)
    ticket = _ticket(tx, number)
    said = tx.conversations.say(
        ticket.conversation,
        thread=None,
        author=_actor(agent),
        visibility=Visibility.NOTE,
        text=text,
        key=new_id(),
    )
    tx.audit.write(_actor(agent), "note", "ticket", str(ticket.id), message=str(said))
    return _ticket(tx, number)


def close(tx: Transaction, agent: Agent, number: int) -> Ticket:
    """Done. The customer's next word begins with the bot again, and so does one that nobody has thought about yet."""
    policy.check(agent, policy.CLOSE)
    ticket = _open_ticket(tx, number)
    tx.tickets.become(number, TicketState.CLOSED)
    conversation = tx.conversations.lock(ticket.conversation)
    if conversation.undecided():
        tx.conversations.become(conversation.id, ConversationState.BOT)
        tx.jobs.put(Lane.TRIAGE, str(conversation.id), channel=conversation.channel)
    else:
        tx.conversations.become(conversation.id, ConversationState.CLOSED)
    tx.audit.write(_actor(agent), "close", "ticket", str(ticket.id))
    return _ticket(tx, number)


# ------------------------------------------------------------------ parts


def _answered(tx: Transaction, ticket: Ticket, thread: Thread) -> Quoted | None:
    """The last words of this Thread that a customer wrote: whoever gets the Reply has sent or been sent them."""
    said = tx.conversations.lock(ticket.conversation).messages
    theirs = (m for m in reversed(said) if m.author is Author.CUSTOMER and m.thread == thread.id and m.text.strip())
    last = next((m for m in theirs if m.kind is Kind.MESSAGE), None)
    return Quoted(last.author_name, last.kept_at, last.text) if last else None


def _own(tx: Transaction, agent: Agent, ticket: Ticket, *, keep_assignee: bool = False) -> None:
    if not (keep_assignee and ticket.assignee):
        tx.tickets.assign(ticket.number, agent.id)
    tx.tickets.taken(ticket.id, agent.id)
    conversation = tx.conversations.lock(ticket.conversation)
    tx.conversations.become(ticket.conversation, ConversationState.HUMAN)
    tx.conversations.cover([m.id for m in conversation.undecided()])


def _open_ticket(tx: Transaction, number: int) -> Ticket:
    ticket = _ticket(tx, number)
    if ticket.state is TicketState.CLOSED:
        raise NotPossible(f"ticket {number} is closed; the customer's next word opens a new one")
    return ticket


def _ticket(tx: Transaction, number: int) -> Ticket:
    ticket = tx.tickets.get(number)
    if ticket is None:
        raise NotPossible(f"there is no ticket {number}; see `firstline ticket list`")
    return ticket


def _actor(agent: Agent) -> Actor:
    return Actor(ActorKind.AGENT, agent.name)
