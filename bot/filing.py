"""One Inbound's way to its Conversation: which Thread it joins, and who speaks next."""

from collections.abc import Iterator
from uuid import UUID

from bot import calling
from bot.handing_over import hand_over
from bot.keyring import KeyRing
from bot.manners import Manners
from bot.model import (
    BOT,
    UNSOLVED,
    Arrival,
    Audience,
    Channel,
    ConversationState,
    Identity,
    Inbound,
    Kind,
    Lane,
    Message,
    Priority,
    Thread,
    TicketState,
)
from bot.store import Conflict, Transaction

REPLY_CAME_BACK = "a reply came back: it could not be delivered to the customer"
CAME_BACK = "the call to people came back: it could not be delivered to the agents' place"


class Filing:
    """One Inbound's way to its Conversation, inside one transaction."""

    def __init__(
        self,
        tx: Transaction,
        arrival: Arrival,
        channel: Channel,
        inbound: Inbound,
        ring: KeyRing,
        manners: Manners,
    ) -> None:
        self.tx = tx
        self.arrival = arrival
        self.channel = channel
        self.inbound = inbound
        self.ring = ring
        self.manners = manners

    def file(self, state: str, problem: str = "") -> None:
        there = self.tx.conversations.of_arrival(self.arrival.id)
        if there is not None:
            self._revise(there)
        elif self.inbound.content_key and self.tx.conversations.knows(self.inbound.content_key):
            state, problem = "repeated", "the same words came by another road"
        elif thread := self._agents_thread():
            self._note(thread)
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

    # -------------------------------------------------------------- from the Agents' place

    def _agents_thread(self) -> Thread | None:
        """The Thread with Agents that a token of ours names. Who sent it is not known: that proves no Agent."""
        return next((thread for thread in self._named() if thread.audience is Audience.AGENTS), None)

    def _note(self, thread: Thread) -> None:
        """Kept for Agents to read, marked with the sender's claim. It changes nothing and goes nowhere."""
        kept_at = self.arrival.kept_at or self.tx.now
        name = f"{self._who() or 'somebody'} (unverified)"
        added = self.tx.conversations.note(
            thread.conversation, thread, self.arrival.id, self.inbound, kept_at, name=name
        )
        if added is None:
            raise Conflict("the same words were filed in the meantime")
        if self.inbound.undelivered:
            hand_over(self.tx, thread.conversation, CAME_BACK, arrival=str(self.arrival.id))
        self.tx.audit.write(BOT, "noted", "message", str(added))

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
            hand_over(self.tx, now.id, REPLY_CAME_BACK, arrival=str(self.arrival.id))
        elif state is ConversationState.BOT:
            self._think(conversation)
        elif self.inbound.kind is not Kind.MESSAGE:
            self.tx.conversations.cover([added])
        elif state is ConversationState.CLOSED:
            self.tx.conversations.become(conversation, ConversationState.BOT)
            self._think(conversation)
        else:
            self.tx.conversations.cover([added])
            self._tell_people(next(message for message in now.messages if message.id == added))

    def _think(self, conversation: UUID) -> None:
        due = self.tx.now + self.channel.patience
        self.tx.jobs.put(Lane.TRIAGE, str(conversation), channel=self.channel.name, run_at=due)

    def _tell_people(self, message: Message) -> None:
        """The customer's word joins the Ticket that people are working on; solved in the meantime, it opens again."""
        conversation = message.conversation
        last = self.tx.tickets.last(conversation)
        if last is None or last.state is TicketState.CLOSED:
            last = self.tx.tickets.file(
                conversation,
                team=self.channel.team,
                priority=Priority.NORMAL,
                category=last.category if last else "other",
                title=self.inbound.subject or self.inbound.reply[:80],
                reason="the customer wrote again",
            )
        elif last.state not in UNSOLVED or last.state in (TicketState.PENDING, TicketState.ON_HOLD):
            self.tx.tickets.become(last.number, TicketState.OPEN)
        if not self.manners.watching:
            calling.tell_news(self.tx, self.manners.place, self.manners.words, last, message)
