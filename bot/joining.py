"""Which Thread a customer's Inbound continues: only one of which its author is a participant, whatever names it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from bot.keyring import BOUNCE, KeyRing
from bot.manners import Manners
from bot.model import (
    FORGED,
    Audience,
    Channel,
    Conversation,
    ConversationState,
    Identity,
    Inbound,
    Kind,
    Thread,
    Verdict,
)
from bot.speech import bare_subject
from bot.store import Transaction


@dataclass(frozen=True)
class Joined:
    """`verdict`: proven when the Inbound showed what only its author had been sent."""

    thread: Thread
    verdict: Verdict


class Joining:
    """One Inbound's search for its Thread. In this order: our signed tokens, known keys, a Ticket's number.

    None of them is a reason to let a stranger in: keys are copied and guessed, and numbers are small. What an upstream
    says was forged joins nothing.
    """

    def __init__(self, tx: Transaction, channel: Channel, inbound: Inbound, ring: KeyRing, manners: Manners) -> None:
        self.tx = tx
        self.channel = channel
        self.inbound = inbound
        self.ring = ring
        self.manners = manners

    def joined(self) -> Joined | None:
        author = self.inbound.author
        if author is None or FORGED in self.inbound.signs:
            return None
        if thread := self._by_token(author):
            return self._unless_over(thread, self._verdict(thread, author))
        thread = self._by_key(author) or self._by_number(author)
        return self._unless_over(thread, self.inbound.verdict) if thread and self._is_believable() else None

    def hint(self) -> UUID | None:
        """A Conversation that it claims to continue and may not: shown to Agents, joined by nobody but them."""
        thread = (
            next(self.named(Audience.CUSTOMER), None)
            or self.tx.threads.by_any(self.channel.scope, self.inbound.refers)
            or next(self._numbered(), None)
        )
        return thread.conversation if thread else None

    def named(self, audience: Audience) -> Iterator[Thread]:
        """The Threads that tokens of ours in it name, whoever shows them."""
        for purpose, token in self.inbound.tokens:
            thread = self._of_token(token, purpose)
            if thread and thread.audience is audience:
                yield thread

    # -------------------------------------------------------------- parts

    def _of_token(self, token: str, purpose: str) -> Thread | None:
        named = self.ring.verify(token, purpose)
        if named and purpose == BOUNCE:
            parcel = self.tx.outbox.get(named)
            named = parcel.thread if parcel else None
        return self.tx.threads.get(named) if named else None

    def _by_token(self, author: Identity) -> Thread | None:
        found = self.named(Audience.CUSTOMER)
        return next((one for one in found if self._takes_part(one, author)), None)

    def _by_key(self, author: Identity) -> Thread | None:
        keys = [key for key in (*self.inbound.refers, self.inbound.key) if key]
        return self.tx.threads.by_key(self.channel.scope, keys, author.value)

    def _by_number(self, author: Identity) -> Thread | None:
        return next((one for one in self._numbered() if self._takes_part(one, author)), None)

    def _numbered(self) -> Iterator[Thread]:
        for number in self.inbound.numbers:
            ticket = self.tx.tickets.get(number)
            yield from self.tx.threads.of(ticket.conversation, Audience.CUSTOMER)[:1] if ticket else ()

    def _takes_part(self, thread: Thread, author: Identity) -> bool:
        return self.tx.threads.is_participant(thread.conversation, author)

    def _is_believable(self) -> bool:
        """Keys and numbers can be had by others. Where an upstream can say who sent a mail, it has to."""
        return self.channel.name not in self.manners.verifying or self.inbound.verdict is Verdict.VERIFIED

    def _verdict(self, thread: Thread, author: Identity) -> Verdict:
        """The token went out to the customer, so it proves nobody whom the customer copied in."""
        head = self.tx.conversations.head(thread.conversation)
        if head is None or not author.same(head.customer):
            return self.inbound.verdict
        self.tx.people.prove(author)
        return self.inbound.verdict if self.inbound.verdict is Verdict.VERIFIED else Verdict.PROVEN

    def _unless_over(self, thread: Thread, verdict: Verdict) -> Joined | None:
        head = self.tx.conversations.head(thread.conversation)
        return None if head and self._is_over(head) else Joined(thread, verdict)

    def _is_over(self, head: Conversation) -> bool:
        """A closed matter goes on for a while; later, or about something else, the same reply begins a new one."""
        if head.state is not ConversationState.CLOSED or self.inbound.kind is not Kind.MESSAGE:
            return False
        if head.updated_at and self.tx.now - head.updated_at > self.manners.reopening:
            return True
        before, now = bare_subject(head.subject), bare_subject(self.inbound.subject)
        return bool(before and now) and before != now
