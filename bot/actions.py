"""act: the fourth step. A Decision, its Ticket, its Replies and the end of its Job are one commit."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot import calling, guard
from bot.ids import new_id
from bot.manners import Manners
from bot.model import (
    BOT,
    Action,
    Answer,
    Audience,
    Conversation,
    ConversationState,
    Decision,
    Escalate,
    FileTicket,
    Form,
    Identity,
    Ignore,
    Job,
    Lane,
    Message,
    Parcel,
    ParcelKind,
    Thread,
    Ticket,
    Visibility,
)
from bot.store import Transaction

log = logging.getLogger("firstline.act")

# How often a Decision on words that have been overtaken is thrown away before it acts all the same.
MOST_RESTARTS = 3

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)


def act(decision: Decision, job: Job, manners: Manners) -> Callable[[Transaction], None]:
    """The work of one Decision. Raises LostClaim when another worker has taken the Job since."""

    def act(tx: Transaction) -> None:
        tx.jobs.finish(job)
        conversation = tx.conversations.lock(decision.conversation)
        if conversation.state is not ConversationState.BOT:
            # An Agent took it in mid-thought: the Decision is dropped, the words are theirs.
            tx.conversations.cover([m.id for m in conversation.undecided()])
        elif _overtaken(decision, conversation, job):
            again = {"v": 1, "restarts": _restarts(job) + 1}
            tx.jobs.put(Lane.TRIAGE, job.subject, channel=job.channel, payload=again)
        else:
            Acting(tx, decision, conversation, manners).act()
            if _unseen(decision, conversation):
                tx.jobs.put(Lane.TRIAGE, job.subject, channel=job.channel)

    return act


def _overtaken(decision: Decision, conversation: Conversation, job: Job) -> bool:
    """More was said than the Decision saw. A talkative customer is answered all the same after some restarts, as long
    as nothing but the customer's own words came in."""
    moved = conversation.revision - decision.revision
    if moved == 0:
        return False
    return _restarts(job) < MOST_RESTARTS or moved != len(_unseen(decision, conversation))


def _restarts(job: Job) -> int:
    return int(job.payload.get("restarts", 0))


def _unseen(decision: Decision, conversation: Conversation) -> list[Message]:
    return [m for m in conversation.undecided() if m.id not in decision.saw]


class Acting:
    """What one Decision does, inside its transaction."""

    def __init__(self, tx: Transaction, decision: Decision, conversation: Conversation, manners: Manners) -> None:
        self.tx = tx
        self.conversation = conversation
        self.manners = manners
        self.thread = next(iter(tx.threads.of(conversation.id, Audience.CUSTOMER)), None)
        self.may_speak = self._may_speak()
        self.decision = self._as_sendable(decision)

    def act(self) -> None:
        self.tx.conversations.decide(self.decision)
        match self.decision.action:
            case Answer() as answer:
                self._say(ParcelKind.ANSWER, answer=answer)
            case FileTicket() as filed:
                self._file(filed)
            case Escalate() as escalate:
                self._escalate(escalate)
            case Ignore():
                pass
        self.tx.audit.write(
            BOT,
            "decided",
            "conversation",
            str(self.conversation.id),
            decision=str(self.decision.id),
            action=type(self.decision.action).__name__,
        )

    # -------------------------------------------------------------- the actions

    def _file(self, filed: FileTicket) -> None:
        known = self.tx.tickets.unsolved(self.conversation.id)
        ticket = self._ticket(filed)
        if known is None:
            self._say(ParcelKind.TICKET, ticket=ticket)

    def _escalate(self, escalate: Escalate) -> None:
        ticket = self._ticket(escalate)
        self.tx.tickets.call(ticket.id, escalate.reason)
        self.tx.conversations.become(self.conversation.id, ConversationState.HUMAN)
        self._say(ParcelKind.ACKNOWLEDGEMENT, ticket=ticket)
        if not self.manners.watching:
            place, words = self.manners.place, self.manners.words
            calling.call(self.tx, place, words, ticket, self.conversation, told=self.may_speak)

    def _ticket(self, action: FileTicket | Escalate) -> Ticket:
        proposal = self.decision.proposal
        return self.tx.tickets.file(
            self.conversation.id,
            team=self.conversation.team,
            priority=proposal.priority,
            category=proposal.category,
            title=self._title(),
            reason=action.reason,
            draft=action.draft.text if action.draft else "",
        )

    def _title(self) -> str:
        last = next(iter(reversed(self.conversation.undecided())), None)
        words = self.decision.proposal.summary or self.conversation.subject or (last.text if last else "")
        return " ".join(words.split())[:120] or "(no subject)"

    # -------------------------------------------------------------- words to the customer

    def _may_speak(self) -> bool:
        """An address that nobody has proven gets few automatic replies a day, whatever is written in its name; nobody
        gets many, and who says the same again gets none: that is how machines talk to each other."""
        customer = self.conversation.customer
        if self.manners.watching or customer is None or self.thread is None or not self.thread.address.get("to"):
            return False
        if any(message.signs for message in self.conversation.undecided()):
            # Lists, no-reply senders and the like: a person may answer them, never the desk by itself.
            return False
        if guard.repeats_itself(self.conversation):
            return False
        return self._is_below_limits(customer, _recipient(self.thread))

    def _is_below_limits(self, customer: Identity, recipient: str) -> bool:
        self.tx.people.hold(customer)
        limits = self.manners.limits
        sent = self.tx.outbox.automatic_since(recipient, self.tx.now - DAY)
        # An answer that goes elsewhere (Reply-To) goes to somebody of whom nothing is known.
        known = recipient.lower() == customer.value.lower() and (
            self.tx.people.is_proven(customer) or guard.is_verified(self.conversation)
        )
        if not guard.may_reply(sent, limits.sender if known else limits.unverified):
            return False
        everybody = self.tx.outbox.automatic(self.tx.now - HOUR, at_most=limits.desk) if limits.desk else 0
        return guard.may_reply(everybody, limits.desk)

    def _as_sendable(self, decision: Decision) -> Decision:
        if not isinstance(decision.action, Answer):
            return decision
        if self.tx.desk.get().stopped:
            # Stopped in mid-thought: a model may have thought for half a minute.
            return _withheld(decision, decision.action, guard.STOPPED, "stopped")
        if not self.may_speak:
            reason = "no more automatic replies to this sender today"
            return _withheld(decision, decision.action, reason, "unverified-sender")
        return decision

    def _say(self, kind: ParcelKind, *, ticket: Ticket | None = None, answer: Answer | None = None) -> None:
        if self.thread is None or not self.may_speak:
            return
        language = self.decision.proposal.language
        number = ticket.number if ticket else None
        text = self.manners.words(kind, language, ticket=number, answer=answer.text if answer else "")
        self._owe(self.thread, kind, text, language, number)

    def _owe(self, thread: Thread, kind: ParcelKind, text: str, language: str, number: int | None) -> None:
        said = self.tx.conversations.say(
            self.conversation.id,
            thread=thread.id,
            author=BOT,
            visibility=Visibility.PUBLIC,
            text=text,
            key=new_id(),
        )
        self.tx.outbox.put(
            Parcel(
                id=new_id(),
                thread=thread.id,
                channel=thread.channel,
                conversation=self.conversation.id,
                form=Form.REPLY,
                kind=kind,
                text=text,
                # Not to those whom the customer copied in: they have asked nothing.
                address={name: value for name, value in thread.address.items() if name != "cc"},
                automatic=True,
                created_at=self.tx.now,
                language=language,
                ticket=number,
                message=said,
            )
        )


def _recipient(thread: Thread) -> str:
    to = thread.address.get("to")
    return str(to.get("address", "")) if isinstance(to, dict) else ""


def _withheld(decision: Decision, answer: Answer, reason: str, name: str) -> Decision:
    filed: Action = FileTicket(reason, draft=answer)
    return replace(decision, action=filed, overruled=(*decision.overruled, name))
