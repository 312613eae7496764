"""Calling people: where the Agents are, and what they are told there about a Ticket."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import policy
from bot.ids import new_id
from bot.model import (
    Agent,
    Audience,
    Author,
    Conversation,
    Form,
    Message,
    Parcel,
    ParcelKind,
    Thread,
    Ticket,
    Verdict,
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
    they answer there comes back to us. `by_mail`: each Agent with a mail address is called there too, on a Thread of
    the Agent's own; what comes back to that one's address may be a Reply (bot/agents/mail.py)."""

    channel: str
    address: Mapping[str, Any]
    answers: bool = False
    by_mail: bool = False


def call(tx: Transaction, place: Place, words: Words, ticket: Ticket, said: Conversation, *, told: bool) -> None:
    """A call about the Ticket, with all that an Agent needs to act on it. `told`: whether the customer knows."""
    for thread, answers in _everyone(tx, place, words, ticket):
        text = _call(words, ticket, said, told=told, answers=answers)
        _owe(tx, place, thread, ticket, ParcelKind.ESCALATION, text)


def _call(words: Words, ticket: Ticket, said: Conversation, *, told: bool, answers: str) -> str:
    return words(
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
        answers=answers,
    )


def tell_news(
    tx: Transaction, place: Place, words: Words, ticket: Ticket, message: Message, *, name: str = "news"
) -> None:
    """The customer wrote again: said where people were called about this Ticket, if they were. `name`: the text that
    says what the news is."""
    for thread, answers in _called(tx, place, words, ticket):
        text = words(name, "en", ticket=ticket.number, talk=_told(message), answers=answers)
        tell(tx, place, thread, ticket, text)


def tell_awake(tx: Transaction, place: Place, words: Words, ticket: Ticket) -> None:
    """Its snooze is over: said where people were called about this Ticket, if they were."""
    for thread, answers in _called(tx, place, words, ticket):
        text = words("awake", "en", ticket=ticket.number, title=ticket.title, answers=answers)
        tell(tx, place, thread, ticket, text)


def tell(tx: Transaction, place: Place, thread: Thread, ticket: Ticket, text: str) -> None:
    """A few words on a Thread with Agents."""
    if tx.outbox.owed_since(thread.id, ParcelKind.NOTICE, tx.now - DAY) < MOST_NEWS:
        _owe(tx, place, thread, ticket, ParcelKind.NOTICE, text)


# ------------------------------------------------------------------ the Threads with the Agents

Answered = tuple[Thread, str]
"""A Thread, and what becomes of an answer there."""


def _everyone(tx: Transaction, place: Place, words: Words, ticket: Ticket) -> Iterator[Answered]:
    """Where a call goes. An Agent whose own address is the place's gets it once."""
    personal = _personal(tx) if place.by_mail else {}
    if _address(place.address) not in personal:
        yield _thread(tx, place, _key(ticket), ticket, place.address), _answers(place, words)
    for address, agent in personal.items():
        to = dict(place.address) | {"to": {"name": agent.name, "address": address}, "agent": str(agent.id)}
        yield _thread(tx, place, _key(ticket, agent), ticket, to), words("sent-on", "en")


def _called(tx: Transaction, place: Place, words: Words, ticket: Ticket) -> Iterator[Answered]:
    """Where people were called about this Ticket: all, or once it is somebody's, that Agent's own Thread alone."""
    for thread in tx.threads.of(ticket.conversation, Audience.AGENTS):
        if thread.key == _key(ticket):
            yield thread, _answers(place, words)
        elif thread.key.startswith(f"{_key(ticket)}:") and _is_for(tx, thread, ticket):
            yield thread, words("sent-on", "en")


def _is_for(tx: Transaction, thread: Thread, ticket: Ticket) -> bool:
    owner = tx.people.agent(ticket.assignee) if ticket.assignee else None
    return owner is None or str(owner.id) == thread.address.get("agent")


def _personal(tx: Transaction) -> dict[str, Agent]:
    """The Agents who may answer by mail, by their addresses."""
    working = [agent for agent in tx.people.agents() if policy.may(agent, policy.Verb.REPLY)]
    return {one.value.lower(): agent for agent in working for one in agent.identities if one.kind == "mail"}


def _thread(tx: Transaction, place: Place, key: str, ticket: Ticket, address: Mapping[str, Any]) -> Thread:
    known = tx.threads.named(place.channel, key)
    return known or tx.threads.open(ticket.conversation, place.channel, key, Audience.AGENTS, dict(address))


def _key(ticket: Ticket, agent: Agent | None = None) -> str:
    return f"ticket:{ticket.id}:{agent.id}" if agent else f"ticket:{ticket.id}"


def ticket_of(tx: Transaction, thread: Thread) -> Ticket | None:
    """The Ticket that a Thread with Agents is about."""
    name = thread.key.split(":")[1] if thread.key.startswith("ticket:") else ""
    return next((one for one in tx.tickets.of(thread.conversation) if str(one.id) == name), None)


def _owe(tx: Transaction, place: Place, thread: Thread, ticket: Ticket, kind: ParcelKind, text: str) -> None:
    subject = f"[{ticket.number}] {ticket.priority}: {ticket.title}"
    parcel = to_agents(place, thread, kind, subject, text, tx.now)
    tx.outbox.put(replace(parcel, ticket=ticket.number))


def to_agents(place: Place, thread: Thread, kind: ParcelKind, subject: str, text: str, now: datetime) -> Parcel:
    """Words to the place as it is today, wherever the Thread was begun; an Agent's own Thread stays that Agent's."""
    address = dict(thread.address) if "agent" in thread.address else dict(place.address)
    return Parcel(
        id=new_id(),
        thread=thread.id,
        channel=place.channel,
        conversation=thread.conversation,
        form=Form.ALERT if kind is ParcelKind.ALERT else Form.REPLY,
        kind=kind,
        text=text,
        address=address | {"subject": subject},
        automatic=True,
        created_at=now,
    )


# ------------------------------------------------------------------ what they read


def _answers(place: Place, words: Words) -> str:
    """What becomes of what they answer."""
    return words("kept-as-note", "en") if place.answers else ""


def _address(address: Mapping[str, Any]) -> str:
    to = address.get("to")
    return str(to.get("address", "") if isinstance(to, Mapping) else "").lower()


def _customer(said: Conversation) -> str:
    if said.customer is None:
        return "nobody known"
    address = " ".join(said.customer.value.split())
    last = next((m for m in reversed(said.messages) if m.author is Author.CUSTOMER), None)
    if last and last.verdict is Verdict.VERIFIED:
        return f"{address} (verified)"
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
    if message.others:
        yield f"[copies went to: {', '.join(one.value for one in message.others)}]"
    for one in message.attachments:
        yield f"[attachment: {' '.join(one.name.split()) or 'without a name'}, {one.size} bytes]"
    if message.partly:
        yield "[not all of it could be read]"


def _quoted(text: str) -> str:
    """Each line marked, so that nothing a customer writes looks like a line of ours."""
    cut = text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}\n(cut here)"
    return "\n".join(f"> {line}".rstrip() for line in cut.splitlines()) or ">"
