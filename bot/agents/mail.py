"""What Agents do by mail. A mail acts as an Agent only when two things meet: it came to an address that we signed for
this Agent, and a mail server that we believe vouches for its sender. An address or a Message-ID alone proves nobody."""

from dataclasses import replace

from bot import calling
from bot.agents import tickets
from bot.agents.tickets import NotPossible
from bot.ids import new_id
from bot.keyring import ADDRESS, KeyRing
from bot.manners import Manners
from bot.model import (
    BOT,
    Actor,
    ActorKind,
    Agent,
    Arrival,
    Forwarded,
    Identity,
    Inbound,
    Kind,
    Thread,
    Ticket,
    Verdict,
    Visibility,
)
from bot.policy import Refused
from bot.store import Conflict, Transaction

UNPROVEN = "nobody vouches that the mail is yours"
NO_WORDS = "it has no words above the quoted lines"
WITH_FILES = "it has attachments, which can't be sent on from a mail"
FROM_A_MACHINE = "it looks written by a machine"


def receive(
    tx: Transaction, arrival: Arrival, inbound: Inbound, thread: Thread, ring: KeyRing, manners: Manners
) -> None:
    """What came to a Thread with Agents: a Reply where all is as it must be, else a note."""
    agent = addressed(tx, inbound, thread, ring)
    if agent is None:
        # The token names the Thread, and whoever was called there has seen it.
        note(tx, arrival, inbound, thread, f"{_who(inbound)} (unverified)")
    elif reason := answer(tx, agent, arrival, inbound, thread, manners):
        claim = agent.name if inbound.verdict is Verdict.VERIFIED else f"{agent.name} (unverified)"
        note(tx, arrival, inbound, thread, f"{claim}, not sent: {reason}")


def note(tx: Transaction, arrival: Arrival, inbound: Inbound, thread: Thread, name: str) -> None:
    """Kept for Agents to read, under the name. It changes nothing and goes nowhere."""
    kept_at = arrival.kept_at or tx.now
    added = tx.conversations.note(thread.conversation, thread, arrival.id, inbound, kept_at, name=name)
    if added is None:
        raise Conflict("the same words were filed in the meantime")
    tx.audit.write(BOT, "noted", "message", str(added))


def addressed(tx: Transaction, inbound: Inbound, thread: Thread, ring: KeyRing) -> Agent | None:
    """The Agent whose own Thread this is, if it came to that one's address and says that it is from that Agent.

    The address, and not a Message-ID: those of our mails stand in what others quote."""
    agent = tx.people.agent_with(inbound.author) if inbound.author else None
    if agent is None or thread.address.get("agent") != str(agent.id):
        return None
    shown = (token for purpose, token in inbound.tokens if purpose == ADDRESS)
    return agent if any(ring.verify(token, ADDRESS) == thread.id for token in shown) else None


def _who(inbound: Inbound) -> str:
    return inbound.author.value if inbound.author else "somebody"


def answer(
    tx: Transaction, agent: Agent, arrival: Arrival, inbound: Inbound, thread: Thread, manners: Manners
) -> str | None:
    """The Agent's words go to the customer. Otherwise why they don't, which the Agent is told as well."""
    ticket = calling.ticket_of(tx, thread)
    if ticket is None:
        return "its ticket is gone"
    reason = _fault(inbound, manners) or _reply(tx, agent, arrival, inbound, ticket)
    if reason and inbound.kind is Kind.MESSAGE and not manners.watching:
        text = manners.words("not-sent", "en", ticket=ticket.number, reason=reason)
        calling.tell(tx, manners.place, thread, ticket, text)
    return reason


def _fault(inbound: Inbound, manners: Manners) -> str | None:
    if inbound.verdict is not Verdict.VERIFIED:
        return UNPROVEN
    if not _by_a_person(inbound):
        return FROM_A_MACHINE
    if not inbound.reply.strip():
        return NO_WORDS
    if any(not one.inline for one in inbound.attachments):
        return WITH_FILES
    return "the desk only watches" if manners.watching else None


def _by_a_person(inbound: Inbound) -> bool:
    """Agents' addresses are often at a domain of ours, as those of the desk are."""
    return inbound.kind is Kind.MESSAGE and set(inbound.signs) <= {"own-address"}


def _reply(tx: Transaction, agent: Agent, arrival: Arrival, inbound: Inbound, ticket: Ticket) -> str | None:
    try:
        tickets.reply(tx, agent, ticket.number, inbound.reply.strip(), arrival=arrival)
    except (NotPossible, Refused) as why:
        return str(why)
    return None


# ------------------------------------------------------------------ a mail passed on


def passed_on(tx: Transaction, inbound: Inbound) -> tuple[Agent, Inbound] | None:
    """An Agent's forward, and the Inbound as if its first author had sent it to us. None when it is none, or when
    nobody vouches for the Agent: then it is a mail like any other."""
    original = inbound.forwarded
    if original is None or original.author is None or inbound.author is None:
        return None
    if not _by_a_person(inbound) or inbound.verdict is not Verdict.VERIFIED:
        return None
    agent = tx.people.agent_with(inbound.author)
    if agent is None or not agent.active or original.author == inbound.author:
        return None
    return agent, _as_sent(inbound, original, original.author)


def _as_sent(inbound: Inbound, original: Forwarded, author: Identity) -> Inbound:
    """Nothing that the Agent's own mail refers to is the customer's, and nobody has proven the customer."""
    return replace(
        inbound,
        author=author,
        subject=original.subject or inbound.subject,
        text=original.text,
        reply=original.text,
        elided="",
        html=None,
        refers=(),
        tokens=(),
        numbers=(),
        others=(),
        forwarded=None,
        verdict=Verdict.UNVERIFIED,
        address=dict(inbound.address)
        | {
            "to": {"name": author.name, "address": author.value},
            "subject": original.subject or inbound.subject,
            "message_id": None,
            "references": [],
        },
    )


def remark(tx: Transaction, agent: Agent, inbound: Inbound, thread: Thread) -> None:
    """What the Agent wrote above the mail that was passed on: for Agents to read, with who it was."""
    words = inbound.reply.strip()
    tx.conversations.say(
        thread.conversation,
        thread=None,
        author=Actor(ActorKind.AGENT, agent.name),
        visibility=Visibility.NOTE,
        text=f"Passed on by {agent.name}." + (f"\n\n{words}" if words else ""),
        key=new_id(),
    )
    tx.audit.write(Actor(ActorKind.AGENT, agent.name), "passed on", "conversation", str(thread.conversation))
