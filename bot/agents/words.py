"""What Agents write: to the customer, and for each other."""

from collections.abc import Sequence

from bot.agents.acts import actor, begin, end, refuse_second, work_on
from bot.agents.states import NotPossible
from bot.ids import new_id
from bot.model import (
    Agent,
    Arrival,
    Audience,
    Author,
    Conversation,
    File,
    Form,
    Kind,
    Parcel,
    ParcelKind,
    Quoted,
    Thread,
    Ticket,
    TicketState,
    Visibility,
)
from bot.policy import Verb
from bot.store import Transaction


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
    ticket, talk = begin(tx, agent, Verb.REPLY, number)
    thread = _customers_thread(tx, ticket)
    refuse_second(tx, ticket)
    work_on(tx, agent, ticket, talk)
    said = tx.conversations.say(
        ticket.conversation,
        thread=thread.id,
        author=actor(agent),
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
            quoted=_answered(talk, thread),
            files=tuple(files),
        )
    )
    tx.tickets.become(number, TicketState.PENDING)
    return end(tx, agent, Verb.REPLY, ticket, message=str(said))


def note(tx: Transaction, agent: Agent, number: int, text: str) -> Ticket:
    """Words for Agents only. A note never becomes a Reply."""
    ticket, _ = begin(tx, agent, Verb.NOTE, number)
    said = tx.conversations.say(
        ticket.conversation,
        thread=None,
        author=actor(agent),
        visibility=Visibility.NOTE,
        text=text,
        key=new_id(),
    )
    return end(tx, agent, Verb.NOTE, ticket, message=str(said))


def _customers_thread(tx: Transaction, ticket: Ticket) -> Thread:
    thread = next(iter(tx.threads.of(ticket.conversation, Audience.CUSTOMER)), None)
    if thread is None or not thread.address.get("to"):
        raise NotPossible(f"ticket {ticket.number}: nobody is known to reply to; the message had no sender")
    return thread


def _answered(talk: Conversation, thread: Thread) -> Quoted | None:
    """The last words of this Thread that a customer wrote: whoever gets the Reply has sent or been sent them."""
    said = reversed(talk.messages)
    theirs = (m for m in said if m.author is Author.CUSTOMER and m.thread == thread.id and m.text.strip())
    last = next((m for m in theirs if m.kind is Kind.MESSAGE), None)
    return Quoted(last.author_name, last.kept_at, last.text) if last else None
