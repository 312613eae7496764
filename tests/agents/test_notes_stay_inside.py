"""Whatever Agents and a customer do, in whatever order: no word of a note is ever owed to a customer."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import calling
from bot.agents import mail, tickets
from bot.calling import Place
from bot.clock import SetClock
from bot.filing import Filing
from bot.handing_over import hand_over
from bot.ids import new_id
from bot.keyring import ADDRESS, KeyRing
from bot.manners import Limits, Manners
from bot.model import (
    Agent,
    Arrival,
    Audience,
    Author,
    Channel,
    Conversation,
    File,
    Identity,
    Inbound,
    Kind,
    Parcel,
    Role,
    Thread,
    Verdict,
    Visibility,
)
from bot.policy import Refused, Verb
from bot.store import Transaction
from bot.waking import Waking
from prompts import load
from storage.store import SqlStore
from tests.agents.conftest import NOON
from tests.agents.verbs import DO, hire

RING = KeyRing({"a": b"k" * 32}, "a")
CHANNEL = Channel("smtp", "mail")
ONCALL = {"to": {"name": "", "address": "oncall@firm.example"}, "subject": "A call"}
BEA = "bea@firm.example"


def words(name: str, language: str, **values: object) -> str:
    return load(name, language, **values).text


MANNERS = Manners(words, Place("agents", ONCALL, answers=True, by_mail=True), Limits(flood=0))

EVENTS = ("word", "bounce", "mail", "unproven mail", "stolen token", "remark", "hand over", "later")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(DO)), st.sampled_from(["bea", "lea", "olga"]), st.integers(0, 2)),
        st.tuples(st.sampled_from(EVENTS)),
    ),
    max_size=15,
)


@dataclass
class Matter:
    """One customer's matter at a desk with a bot that says nothing."""

    runner: asyncio.Runner
    store: SqlStore
    clock: SetClock
    conversation: Conversation | None = None
    said: int = 0

    def begin(self) -> None:
        """A first word that people are called about, and a note that was written at once."""
        self.key = f"{new_id()}@example.org"
        arrival = self.write(partial(self._file, self._inbound(self.key)))
        self.conversation = self.write(lambda tx: self._call(tx, arrival))
        self.do("note", "bea", 0)

    def do(self, name: str, *how: object) -> None:
        """One step. What isn't possible or allowed doesn't happen."""
        self.said += 1
        with suppress(tickets.NotPossible, Refused):
            if name == "later":
                self._later()
            else:
                self.write(partial(self._verb, name, *how) if name in DO else partial(self._event, name))

    def write(self, work: Callable[[Transaction], object]) -> object:
        return self.runner.run(self.store.write(work))

    def look(self) -> tuple[Conversation, list[tuple[Parcel, Thread]]]:
        """All that was said, and all that is owed."""

        def look(look: Transaction) -> tuple[Conversation, list[tuple[Parcel, Thread]]]:
            owed = [look.outbox.get(row.id) for row in look.outbox.rows(conversation=self.conversation.id)]
            return look.conversations.get(self.conversation.id), [(one, look.threads.get(one.thread)) for one in owed]

        return self.runner.run(self.store.read(look))

    # -------------------------------------------------------------- steps

    def _verb(self, name: str, who: str, which: int, tx: Transaction) -> None:
        known = tx.tickets.of(self.conversation.id)
        number, agent = known[which % len(known)].number, tx.people.agent(who)
        if name == Verb.NOTE:
            tickets.note(tx, agent, number, self._secret())
        elif name == Verb.REPLY:
            files = [File("a.txt", "text/plain", self._public().encode())]
            tickets.reply(tx, agent, number, self._public(), files=files)
        else:
            DO[Verb(name)](tx, agent, number)

    def _event(self, name: str, tx: Transaction) -> None:
        match name:
            case "word":
                self._file(self._inbound(f"{new_id()}@example.org", refers=(self.key,)), tx)
            case "bounce":
                back = self._inbound(f"{new_id()}@example.org", refers=(self.key,))
                self._file(replace(back, kind=Kind.BOUNCE, undelivered=True, outcome="no such mailbox"), tx)
            case "mail":
                self._file(self._from_bea(tx, self._public(), Verdict.VERIFIED), tx)
            case "unproven mail":
                self._file(self._from_bea(tx, self._secret(), Verdict.UNVERIFIED), tx)
            case "stolen token":
                stolen = self._from_bea(tx, self._secret(), Verdict.VERIFIED)
                self._file(replace(stolen, author=Identity("mail", "mallory@example.net")), tx)
            case "remark":
                thread = tx.threads.of(self.conversation.id, Audience.CUSTOMER)[0]
                mail.remark(tx, tx.people.agent("bea"), replace(self._inbound(""), reply=self._secret()), thread)
            case "hand over":
                hand_over(tx, self.conversation.id, "a reply is stuck")

    def _later(self) -> None:
        self.clock.instant += timedelta(days=10)
        self.runner.run(Waking(self.store, MANNERS.place, words).wake())

    # -------------------------------------------------------------- parts

    def _secret(self) -> str:
        return f"secret-{self.said}-of-a-note"

    def _public(self) -> str:
        return f"public-{self.said}-of-a-reply"

    def _inbound(self, key: str, **more: object) -> Inbound:
        ann = Identity("mail", "ann@example.org", "Ann")
        text = f"The customer's word {self.said}."
        address = {"to": {"name": "Ann", "address": ann.value}, "subject": "Help"}
        return Inbound(Kind.MESSAGE, ann, "Help", text, text, key=key, address=address, **more)

    def _from_bea(self, tx: Transaction, text: str, verdict: Verdict) -> Inbound:
        called = tx.threads.of(self.conversation.id, Audience.AGENTS)
        own = next(one for one in called if one.address["to"]["address"] == BEA)
        tokens = ((ADDRESS, RING.sign(own.id, ADDRESS)),)
        return Inbound(Kind.MESSAGE, Identity("mail", BEA), text=text, reply=text, tokens=tokens, verdict=verdict)

    def _file(self, inbound: Inbound, tx: Transaction) -> Arrival:
        (kept,) = tx.arrivals.keep([Arrival(new_id(), "smtp", str(new_id()), b"", {})])
        arrival = tx.arrivals.get(kept.id)
        Filing(tx, arrival, CHANNEL, inbound, RING, MANNERS).file("read")
        return arrival

    def _call(self, tx: Transaction, arrival: Arrival) -> Conversation:
        conversation = tx.conversations.get(tx.conversations.of_arrival(arrival.id).conversation)
        ticket = hand_over(tx, conversation.id, "the customer wants people")
        calling.call(tx, MANNERS.place, words, ticket, conversation, told=False)
        return conversation


def staff(tx: Transaction) -> Sequence[Agent]:
    bea = tx.people.add_agent("bea", Role.AGENT, [Identity("mail", BEA)])
    return [bea, hire(tx, "lea", Role.LEAD), hire(tx, "olaf"), hire(tx, "olga", Role.AUDITOR)]


@pytest.fixture
def matters(desk_url: str) -> Iterator[Callable[[], Matter]]:
    clock = SetClock(NOON)
    with asyncio.Runner() as runner:
        store = SqlStore(desk_url, clock)
        runner.run(store.start())
        runner.run(store.write(staff))
        yield lambda: Matter(runner, store, clock)
        runner.run(store.close())


@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_word_of_a_note_is_owed_to_a_customer(
    matters: Callable[[], Matter], steps: list[tuple[str, str, int]]
) -> None:
    matter = matters()
    matter.begin()
    for step in steps:
        matter.do(*step)
    talk, owed = matter.look()
    notes = [message.text for message in talk.messages if message.visibility is Visibility.NOTE]
    assert notes, "without a note nothing is tried"
    to_customer = [everything(one) for one, thread in owed if thread.audience is Audience.CUSTOMER]
    assert not [note for note in notes if any(note in said for said in to_customer)]
    assert not [said for said in to_customer if "secret-" in said]
    replies = [m.text for m in talk.messages if m.author is Author.AGENT and m.visibility is Visibility.PUBLIC]
    assert [one.text for one, _ in owed if one.kind == "agent"] == replies, "what was said was sent"


def everything(parcel: Parcel) -> str:
    """Also what it quotes and where it goes, and the files' bytes, which its repr leaves out."""
    return f"{parcel!r} {[one.data for one in parcel.files]!r}"
