"""read: the second step. A raw Arrival becomes a Message in a Conversation."""

import logging
from collections.abc import Iterator, Mapping
from typing import Protocol
from uuid import UUID

from bot.connector import Connector, Reader
from bot.keyring import KeyRing
from bot.model import (
    BOT,
    UNSOLVED,
    Arrival,
    Audience,
    Channel,
    Conversation,
    ConversationState,
    Identity,
    Inbound,
    Job,
    Kind,
    Lane,
    Message,
    Priority,
    Skipped,
    Thread,
    TicketState,
)
from bot.store import Conflict, Store, Transaction, until_settled

log = logging.getLogger("firstline.read")


class Unreadable(Exception):
    """The reader was stopped or died over this Arrival, as it would again."""


class Isolate(Protocol):
    """Runs a reader where it can be killed. Raises Unreadable."""

    async def __call__(self, reader: Reader, arrival: Arrival) -> Inbound | Skipped: ...


class Reading:
    lane = Lane.READ
    tries = 3
    first_wait = 0.5
    longest_wait = 60.0

    def __init__(self, store: Store, connectors: Mapping[str, Connector], ring: KeyRing, isolate: Isolate) -> None:
        self.store = store
        self.connectors = connectors
        self.ring = ring
        self.isolate = isolate

    async def run(self, job: Job) -> None:
        arrival = await self.store.read(lambda look: look.arrivals.get(UUID(job.subject)))
        if arrival is None:
            raise LookupError(f"no arrival {job.subject}")
        connector = self._connector(arrival)
        try:
            meaning = await self._read(connector.reader, arrival)
        except Unreadable as error:
            await self._set_aside(job, arrival, connector, str(error))
            return
        await self._file(job, arrival, connector.channel, meaning)

    async def give_up(self, job: Job, error: str) -> None:
        arrival = await self.store.read(lambda look: look.arrivals.get(UUID(job.subject)))
        connector = self.connectors.get(arrival.channel) if arrival else None
        if arrival is None or connector is None:
            await self._bury(job, error)
            return
        await self._set_aside(job, arrival, connector, error)

    # -------------------------------------------------------------- parts

    async def _bury(self, job: Job, error: str) -> None:
        """Nothing can be filed without its channel: the raw is kept, and `firstline queue list` shows it."""

        def bury(tx: Transaction) -> None:
            tx.jobs.bury(job, error)
            tx.arrivals.close(UUID(job.subject), "set aside", error)

        await self.store.write(bury)

    def _connector(self, arrival: Arrival) -> Connector:
        if arrival.channel not in self.connectors:
            raise LookupError(f"no channel {arrival.channel!r} is configured; name it again, then `firstline reread`")
        return self.connectors[arrival.channel]

    async def _read(self, reader: Reader, arrival: Arrival) -> Inbound | Skipped:
        if reader.isolated:
            return await self.isolate(reader, arrival)
        return reader(arrival)

    async def _file(self, job: Job, arrival: Arrival, channel: Channel, meaning: Inbound | Skipped) -> None:
        def file(tx: Transaction) -> None:
            tx.jobs.finish(job)
            if isinstance(meaning, Skipped):
                tx.arrivals.close(arrival.id, "skipped", meaning.reason)
            else:
                Filing(tx, arrival, channel, meaning, self.ring).file("read")

        await until_settled(lambda: self.store.write(file))

    async def _set_aside(self, job: Job, arrival: Arrival, connector: Connector, error: str) -> None:
        """What can't be read still becomes a message: marked, with what little is sure, the raw kept beside it."""
        log.warning("set aside", extra={"arrival": arrival.id, "reason": error})
        salvaged = connector.reader.salvage(arrival, error)

        def set_aside(tx: Transaction) -> None:
            tx.jobs.bury(job, error)
            Filing(tx, arrival, connector.channel, salvaged, self.ring).file("set aside", error)

        await until_settled(lambda: self.store.write(set_aside))


class Filing:
    """One Inbound's way to its Conversation, inside one transaction."""

    def __init__(self, tx: Transaction, arrival: Arrival, channel: Channel, inbound: Inbound, ring: KeyRing) -> None:
        self.tx = tx
        self.arrival = arrival
        self.channel = channel
        self.inbound = inbound
        self.ring = ring

    def file(self, state: str, problem: str = "") -> None:
        there = self.tx.conversations.of_arrival(self.arrival.id)
        if there is not None:
            self._revise(there)
        elif self.inbound.content_key and self.tx.conversations.knows(self.inbound.content_key):
            state, problem = "repeated", "the same words came by another road"
        else:
            self._add(self._join() or self._open())
        self.tx.arrivals.close(self.arrival.id, state, problem)

    def _revise(self, there: Message) -> None:
        """Read again after a fix. Nothing is answered twice: what was decided stays decided."""
        self.tx.conversations.revise(there.id, self.inbound)
        self.tx.audit.write(BOT, "read again", "message", str(there.id))

    def _add(self, thread: Thread) -> None:
        added = self.tx.conversations.add(
            thread.conversation, thread, self.arrival.id, self.inbound, self.arrival.kept_at or self.tx.now
        )
        if added is None:
            raise Conflict("the same words were filed in the meantime")
        self._go_on(thread.conversation, added)

    # -------------------------------------------------------------- which Thread

    def _join(self) -> Thread | None:
        """The Thread that this continues: only for a participant, whatever keys and tokens it shows."""
        if self.inbound.kind is Kind.BOUNCE:
            # From a machine on the way. The token says which of our mails it is about; its sender gains nothing by it.
            return next(self._named(), None)
        thread = self._by_token() or self._by_key()
        if thread is None:
            return None
        self.tx.threads.learn(thread.id, self.channel.scope, self._keys(), self._who())
        if self.inbound.kind is Kind.MESSAGE:
            self.tx.threads.move(thread.id, self.inbound.address)
        return thread

    def _named(self) -> Iterator[Thread]:
        """The Threads that tokens of ours in it name, whoever shows them."""
        for purpose, token in self.inbound.tokens:
            named = self.ring.verify(token, purpose)
            thread = self.tx.threads.get(named) if named else None
            if thread:
                yield thread

    def _by_token(self) -> Thread | None:
        author = self.inbound.author
        for thread in self._named():
            if author and self.tx.threads.is_participant(thread.conversation, author):
                # The token went out only to this address, and came back from it.
                self.tx.people.prove(author)
                return thread
        return None

    def _by_key(self) -> Thread | None:
        keys = [key for key in (*self.inbound.refers, self.inbound.key) if key]
        return self.tx.threads.by_key(self.channel.scope, keys, self._who()) if self._who() else None

    def _open(self) -> Thread:
        author = self.inbound.author
        conversation = self.tx.conversations.open(
            team=self.channel.team,
            channel=self.channel.name,
            customer=author,
            subject=self.inbound.subject,
            possible_reply_to=self._hint(),
        )
        key = f"arrival:{self.arrival.id}"
        thread = self.tx.threads.open(conversation, self.channel.name, key, Audience.CUSTOMER, self.inbound.address)
        if author:
            self.tx.threads.join(conversation, author)
            self._claim_keys(thread, author)
        return thread

    def _claim_keys(self, thread: Thread, author: Identity) -> None:
        """Also those it refers to: a reply that is read before its original still shares a Thread with it."""
        if self.inbound.key:
            self.tx.threads.take(thread.id, self.channel.scope, self.inbound.key, author.value)
        self.tx.threads.learn(thread.id, self.channel.scope, self.inbound.refers, author.value)

    def _hint(self) -> UUID | None:
        """A Conversation that a stranger's message claims to continue: shown to Agents, joined by nobody but them."""
        thread = next(self._named(), None) or self.tx.threads.by_any(self.channel.scope, self.inbound.refers)
        return thread.conversation if thread else None

    def _keys(self) -> list[str]:
        return [key for key in (self.inbound.key, *self.inbound.refers) if key]

    def _who(self) -> str:
        return self.inbound.author.value if self.inbound.author else ""

    # -------------------------------------------------------------- who speaks next

    def _go_on(self, conversation: UUID, added: UUID) -> None:
        now = self.tx.conversations.lock(conversation)
        state = now.state
        if self.inbound.undelivered and len(now.messages) > 1:
            self.tx.conversations.cover([added])
            self._tell_of_bounce(now)
        elif state is ConversationState.BOT:
            self._think(conversation)
        elif self.inbound.kind is not Kind.MESSAGE:
            self.tx.conversations.cover([added])
        elif state is ConversationState.CLOSED:
            self.tx.conversations.become(conversation, ConversationState.BOT)
            self._think(conversation)
        else:
            self.tx.conversations.cover([added])
            self._tell_people(conversation)

    def _think(self, conversation: UUID) -> None:
        due = self.tx.now + self.channel.patience
        self.tx.jobs.put(Lane.TRIAGE, str(conversation), channel=self.channel.name, run_at=due)

    def _tell_of_bounce(self, conversation: Conversation) -> None:
        """What we said in it came back. The customer still waits and nobody else would know."""
        ticket = self.tx.tickets.file(
            conversation.id,
            team=conversation.team,
            priority=Priority.HIGH,
            category="other",
            title=conversation.subject or "(no subject)",
            reason="a reply came back: it could not be delivered to the customer",
        )
        self.tx.audit.write(BOT, "told agents", "ticket", str(ticket.id), arrival=str(self.arrival.id))

    def _tell_people(self, conversation: UUID) -> None:
        """The customer's word joins the Ticket that people are working on; solved in the meantime, it opens again."""
        last = self.tx.tickets.last(conversation)
        if last is None or last.state is TicketState.CLOSED:
            self.tx.tickets.file(
                conversation,
                team=self.channel.team,
                priority=Priority.NORMAL,
                category=last.category if last else "other",
                title=self.inbound.subject or self.inbound.reply[:80],
                reason="the customer wrote again",
            )
        elif last.state not in UNSOLVED or last.state in (TicketState.PENDING, TicketState.ON_HOLD):
            self.tx.tickets.become(last.number, TicketState.OPEN)
