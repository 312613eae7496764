"""What one sender writes beyond measure is gathered in one Conversation, with a count for the Agents."""

from datetime import timedelta

from bot import calling
from bot.manners import Manners
from bot.model import (
    Arrival,
    Audience,
    Channel,
    ConversationState,
    Identity,
    Inbound,
    Priority,
    Thread,
    Ticket,
)
from bot.store import Conflict, Transaction

HOUR = timedelta(hours=1)


def is_flood(tx: Transaction, channel: Channel, author: Identity, limit: int) -> bool:
    """Whether one more Conversation of this author is too much. A flood is over when nothing came for an hour."""
    if not limit:
        return False
    if tx.conversations.begun_since(author, tx.now - HOUR) >= limit:
        return True
    known = _thread(tx, channel, author)
    head = tx.conversations.head(known.conversation) if known else None
    return bool(head and head.updated_at and tx.now - head.updated_at < HOUR)


def gather(tx: Transaction, channel: Channel, arrival: Arrival, inbound: Inbound, manners: Manners) -> None:
    """File it with the rest of its author's flood. No Triager is asked and nothing is answered; people are called once.

    Nothing here reads the Conversation's messages: there may be thousands.
    """
    author = inbound.author
    if author is None:
        raise ValueError("nobody's messages are no flood")
    thread = _thread(tx, channel, author) or _begin(tx, channel, author)
    added = tx.conversations.add(thread.conversation, thread, arrival.id, inbound, arrival.kept_at or tx.now)
    if added is None:
        raise Conflict("the same words were filed in the meantime")
    tx.conversations.cover([added])
    known = tx.tickets.unsolved(thread.conversation)
    ticket = _counted(tx, channel, thread, author)
    if known is None:
        _call(tx, ticket, manners)


def _thread(tx: Transaction, channel: Channel, author: Identity) -> Thread | None:
    return tx.threads.named(channel.name, f"flood:{author.kind}:{author.value}")


def _begin(tx: Transaction, channel: Channel, author: Identity) -> Thread:
    conversation = tx.conversations.open(
        team=channel.team,
        channel=channel.name,
        customer=author,
        subject=f"A flood from {author.value}",
        possible_reply_to=None,
    )
    tx.conversations.become(conversation, ConversationState.HUMAN)
    key = f"flood:{author.kind}:{author.value}"
    # Without anybody to answer: a flood gets no reply, and its author's next Conversations have Threads of their own.
    return tx.threads.open(conversation, channel.name, key, Audience.CUSTOMER, {})


def _counted(tx: Transaction, channel: Channel, thread: Thread, author: Identity) -> Ticket:
    count = tx.conversations.size(thread.conversation)
    messages = "one message" if count == 1 else f"{count} messages"
    return tx.tickets.file(
        thread.conversation,
        team=channel.team,
        priority=Priority.NORMAL,
        category="other",
        title=f"A flood from {author.value}",
        reason=f"{messages} beyond what one sender may begin in an hour; none of them was answered",
    )


def _call(tx: Transaction, ticket: Ticket, manners: Manners) -> None:
    tx.tickets.call(ticket.id, ticket.reason)
    said = tx.conversations.get(ticket.conversation)
    if said is not None and not manners.watching:
        calling.call(tx, manners.place, manners.words, ticket, said, told=False)
