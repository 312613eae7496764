"""Calling people: where the Agents are, and what they are told there about a Ticket."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.ids import new_id
from bot.model import (
    Audience,
    Author,
    Conversation,
    Form,
    Message,
    Parcel,
    ParcelKind,
    Thread,
    Ticket,
    Visibility,
)
from bot.store import Transaction

LONGEST_MESSAGE = 20_000
LONGEST_TALK = 100_000

# A customer who goes on writing is not to flood the people who were called.
MOST_NEWS = 20
DAY = timedelta(hours=24)


Words = Callable[..., str]
"""`words(name, language, **values)` gives the text of an automatic word."""


@dataclass(frozen=True)
class Place:
    """Where the Agents are called: a channel, and what its connector needs to reach them there. `answers`: whether what
    they answer there comes back to us."""

    channel: str
    address: Mapping[str, Any]
    answers: bool = False


def call(tx: Transaction, place: Place, words: Words, ticket: Ticket, said: Conversation, *, told: bool) -> None:
    """A call about the Ticket, with all that an Agent needs to act on it. `told`: whether the customer knows."""
    text = words(
        ParcelKind.ESCALATION,
        "en",
        ticket=ticket.number,
        title=ticket.title,
        reason=ticket.reason,
        priority=ticket.priority,
        category=ticket.category,
        customer=_customer(said),
        told="was told at once that people are called" if told else "was not told: no automatic reply may go there",
        draft=_quoted(ticket.draft) if ticket.draft else "none",
        talk=_talk(said),
        answers=_answers(place, words),
    )
    _owe(tx, place, _thread(tx, place, ticket), ticket, ParcelKind.ESCALATION, text)


def tell_news(tx: Transaction, place: Place, words: Words, ticket: Ticket, message: Message) -> None:
    """The customer wrote again: said where people were called about this Ticket, if they were."""
    thread = tx.threads.named(place.channel, _key(ticket))
    if thread is None or tx.outbox.owed_since(thread.id, ParcelKind.NOTICE, tx.now - DAY) >= MOST_NEWS:
        return
    text = words("news", "en", ticket=ticket.number, talk=_told(message), answers=_answers(place, words))
    _owe(tx, place, thread, ticket, ParcelKind.NOTICE, text)


# ------------------------------------------------------------------ the Thread with the Agents


def _thread(tx: Transaction, place: Place, ticket: Ticket) -> Thread:
    known = tx.threads.named(place.channel, _key(ticket))
    return known or tx.threads.open(
        ticket.conversation, place.channel, _key(ticket), Audience.AGENTS, dict(place.address)
    )


def _key(ticket: Ticket) -> str:
    return f"ticket:{ticket.id}"


def _owe(tx: Transaction, place: Place, thread: Thread, ticket: Ticket, kind: ParcelKind, text: str) -> None:
    subject = f"[{ticket.number}] {ticket.priority}: {ticket.title}"
    parcel = to_agents(place, thread, kind, subject, text, tx.now)
    tx.outbox.put(replace(parcel, ticket=ticket.number))


def to_agents(place: Place, thread: Thread, kind: ParcelKind, subject: str, text: str, now: datetime) -> Parcel:
    """Words to the place as it is today, wherever the Thread was begun."""
    return Parcel(
        id=new_id(),
        thread=thread.id,
        channel=place.channel,
        conversation=thread.conversation,
        form=Form.ALERT if kind is ParcelKind.ALERT else Form.REPLY,
        kind=kind,
        text=text,
        address=dict(place.address) | {"subject": subject},
        automatic=True,
        created_at=now,
    )


# ------------------------------------------------------------------ what they read


def _answers(place: Place, words: Words) -> str:
    """What becomes of what they answer."""
    return words("kept-as-note", "en") if place.answers else ""


def _customer(said: Conversation) -> str:
    if said.customer is None:
        return "nobody known"
    address = " ".join(said.customer.value.split())
    return f"{address} ({'proven' if said.proven else 'unverified: anybody can write this address'})"


def _talk(said: Conversation) -> str:
    """All that was said, oldest first; of a very long talk the end."""
    parts = [_told(message) for message in said.messages if message.visibility is Visibility.PUBLIC]
    kept: list[str] = []
    for part in reversed(parts):
        if kept and sum(map(len, kept)) + len(part) > LONGEST_TALK:
            kept.append(f"({len(parts) - len(kept)} earlier messages are left out here)")
            break
        kept.append(part)
    return "\n\n".join(reversed(kept))


def _told(message: Message) -> str:
    who = message.author_name if message.author is Author.CUSTOMER else ""
    head = " ".join(f"{message.kept_at:%Y-%m-%d %H:%M} UTC, {message.author} {who}".split())
    return "\n".join([f"{head}:", _quoted(message.text), *_beside(message)])


def _beside(message: Message) -> Iterator[str]:
    for one in message.attachments:
        yield f"[attachment: {' '.join(one.name.split()) or 'without a name'}, {one.size} bytes]"
    if message.partly:
        yield "[not all of it could be read]"


def _quoted(text: str) -> str:
    """Each line marked, so that nothing a customer writes looks like a line of ours."""
    cut = text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}\n(cut here)"
    return "\n".join(f"> {line}".rstrip() for line in cut.splitlines()) or ">"
