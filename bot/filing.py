"""One Inbound's way to its Conversation, and who speaks next there."""

from dataclasses import replace
from uuid import UUID

from bot import bounces, calling, floods, waking
from bot.agents import mail
from bot.editing import overtaken
from bot.joining import Joining
from bot.keyring import KeyRing
from bot.manners import Manners
from bot.model import (
    BOT,
    Actor,
    ActorKind,
    Agent,
    Arrival,
    Audience,
    Author,
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
    Verdict,
    Visibility,
)
from bot.speech import COPIED
from bot.store import Conflict, Transaction


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
        elif self._is_blocked():
            state, problem = "blocked", "its sender is on the block list; see `firstline block list`"
        else:
            self._file()
        self.tx.arrivals.close(self.arrival.id, state, problem)

    def _file(self) -> None:
        joining = Joining(self.tx, self.channel, self.inbound, self.ring, self.manners)
        if self.inbound.kind is Kind.BOUNCE:
            self._file_bounce(joining)
        elif thread := next(joining.named(Audience.AGENTS), None):
            mail.receive(self.tx, self.arrival, self.inbound, thread, self.ring, self.manners)
        elif passed_on := mail.passed_on(self.tx, self.inbound):
            self._pass_on(*passed_on)
        else:
            self._from_customer(joining)

    def _revise(self, there: Message) -> None:
        """Read again after a fix. Nothing is answered twice: what was decided or sent stays as it was."""
        if there.author is Author.AGENT and there.visibility is Visibility.PUBLIC:
            return
        self.tx.conversations.revise(there.id, self.inbound)
        self.tx.audit.write(BOT, "read again", "message", str(there.id))

    def _is_blocked(self) -> bool:
        author = self.inbound.author
        return author is not None and self.tx.blocks.of(author.value) is not None

    # -------------------------------------------------------------- from a customer

    def _from_customer(self, joining: Joining) -> None:
        author = self.inbound.author
        if self.inbound.place and (thread := self.tx.threads.named(self.channel.name, self.inbound.place)):
            self._continue(thread)
        elif joined := joining.joined():
            self.inbound = replace(self.inbound, verdict=joined.verdict)
            self._continue(joined.thread)
        elif author and floods.is_flood(self.tx, self.channel, author, self.manners.limits.flood):
            floods.gather(self.tx, self.channel, self.arrival, self.inbound, self.manners)
        else:
            self._add(self._open(joining.hint()))

    def _continue(self, thread: Thread) -> None:
        head = self.tx.conversations.head(thread.conversation)
        author = self.inbound.author
        is_customer = head is not None and author is not None and author.same(head.customer)
        self.tx.threads.learn(thread.id, self.channel.scope, self._keys(), self._who())
        if not is_customer:
            self.inbound = replace(self.inbound, signs=(*self.inbound.signs, COPIED))
        elif self.inbound.kind is Kind.MESSAGE:
            self.tx.threads.move(thread.id, self._address())
            if self.inbound.verdict is not Verdict.UNVERIFIED:
                self._take_in_others(thread)
        self._add(thread)

    def _open(self, hint: UUID | None) -> Thread:
        author = self.inbound.author
        conversation = self.tx.conversations.open(
            team=self.channel.team,
            channel=self.channel.name,
            customer=author,
            subject=self.inbound.subject,
            possible_reply_to=hint,
        )
        key = self.inbound.place or f"arrival:{self.arrival.id}"
        thread = self.tx.threads.open(conversation, self.channel.name, key, Audience.CUSTOMER, self._address())
        if author:
            self.tx.threads.join(conversation, author)
            self._claim_keys(thread, author)
            self._take_in_others(thread)
        return thread

    def _claim_keys(self, thread: Thread, author: Identity) -> None:
        """Also those it refers to: a reply that is read before its original still shares a Thread with it."""
        if self.inbound.key:
            self.tx.threads.take(thread.id, self.channel.scope, self.inbound.key, author.value)
        self.tx.threads.learn(thread.id, self.channel.scope, self.inbound.refers, author.value)

    def _take_in_others(self, thread: Thread) -> None:
        """Whom the customer copies in may add to the matter, and sees no more of it than the customer sends them."""
        if self.inbound.kind is not Kind.MESSAGE:
            return
        for other in self.inbound.others:
            self.tx.threads.join(thread.conversation, other)
            self.tx.threads.learn(thread.id, self.channel.scope, self._keys()[:1], other.value)

    def _address(self) -> dict[str, object]:
        address = dict(self.inbound.address)
        if not self.manners.answer_cc:
            address.pop("cc", None)
        return address

    def _add(self, thread: Thread) -> None:
        added = self.tx.conversations.add(
            thread.conversation, thread, self.arrival.id, self.inbound, self.arrival.kept_at or self.tx.now
        )
        if added is None:
            raise Conflict("the same words were filed in the meantime")
        if not overtaken(self.tx, self.channel, self.inbound.key, added):
            self._go_on(thread.conversation, added)

    def _keys(self) -> list[str]:
        return [key for key in (self.inbound.key, *self.inbound.refers) if key]

    def _who(self) -> str:
        return self.inbound.author.value if self.inbound.author else ""

    # -------------------------------------------------------------- word of a mail of ours

    def _file_bounce(self, joining: Joining) -> None:
        """From a machine on the way. What it shows names one of our mails; its sender gains nothing by it."""
        parcel = bounces.about(self.tx, self.inbound, self.ring)
        thread = self.tx.threads.get(parcel.thread) if parcel else None
        thread = thread or next(joining.named(Audience.AGENTS), None) or next(joining.named(Audience.CUSTOMER), None)
        if parcel:
            bounces.record(self.tx, parcel, self.inbound)
        if thread is None:
            self._from_customer(joining)
        elif thread.audience is Audience.CUSTOMER:
            self._add(thread)
        else:
            mail.note(self.tx, self.arrival, self.inbound, thread, f"{self._who() or 'somebody'} (unverified)")
            if self.inbound.undelivered:
                self._hand_to_people(thread.conversation, bounces.CALL_CAME_BACK)

    def _pass_on(self, agent: Agent, original: Inbound) -> None:
        """The customer is who wrote the mail, not the Agent who passed it on."""
        remark, self.inbound = self.inbound, original
        thread = self._open(hint=None)
        mail.remark(self.tx, agent, remark, thread)
        self._add(thread)

    # -------------------------------------------------------------- who speaks next

    def _go_on(self, conversation: UUID, added: UUID) -> None:
        # Without its messages: a flood of answers would load thousands of them thousands of times.
        state = self.tx.conversations.hold(conversation).state
        if self.inbound.undelivered and self.tx.conversations.size(conversation) > 1:
            self.tx.conversations.cover([added])
            self._hand_to_people(conversation, bounces.REPLY_CAME_BACK)
        elif self.inbound.place and COPIED in self.inbound.signs and state is not ConversationState.HUMAN:
            # People talk among themselves in a customer's thread; whoever wants something of us begins one.
            self.tx.conversations.cover([added])
        elif state is ConversationState.BOT:
            self._stir(conversation)
            self._think(conversation)
        elif self.inbound.kind is not Kind.MESSAGE:
            self.tx.conversations.cover([added])
        elif state is ConversationState.CLOSED:
            self.tx.conversations.become(conversation, ConversationState.BOT)
            self._think(conversation)
        else:
            self.tx.conversations.cover([added])
            self._tell_people(conversation)

    def _hand_to_people(self, conversation: UUID, reason: str) -> None:
        bounces.hand_to_people(self.tx, conversation, reason, self.inbound, self.manners, arrival=self.arrival.id)

    def _think(self, conversation: UUID) -> None:
        due = self.tx.now + self.channel.patience
        self.tx.jobs.put(Lane.TRIAGE, str(conversation), channel=self.channel.name, run_at=due)

    def _stir(self, conversation: UUID) -> None:
        """The bot may answer by itself; what Agents have put off is before them again all the same."""
        ticket = self.tx.tickets.unsolved(conversation)
        if ticket and self.inbound.kind is Kind.MESSAGE:
            waking.stir(self.tx, ticket, self._customer())

    def _customer(self) -> Actor:
        return Actor(ActorKind.CUSTOMER, self.channel.name)

    def _tell_people(self, conversation: UUID) -> None:
        """The customer's word joins the Ticket that people are working on; solved in the meantime, it opens again."""
        last = self.tx.tickets.unsolved(conversation) or self.tx.tickets.last(conversation)
        if last is None or last.state is TicketState.CLOSED:
            last = self.tx.tickets.file(
                conversation,
                team=self.channel.team,
                priority=Priority.NORMAL,
                category=last.category if last else "other",
                title=self.inbound.subject or self.inbound.reply[:80],
                reason="the customer wrote again",
            )
        else:
            waking.stir(self.tx, last, self._customer())
        said = self.tx.conversations.of_arrival(self.arrival.id)
        if said is not None and not self.manners.watching:
            calling.tell_news(self.tx, self.manners.place, self.manners.words, last, said)
