"""Conversations, their messages and Decisions."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.ids import new_id
from bot.model import (
    Actor,
    ActorKind,
    Arrival,
    Attachment,
    Author,
    Conversation,
    ConversationState,
    Decision,
    Identity,
    Inbound,
    Kind,
    Message,
    Thread,
    Verdict,
    Visibility,
)
from bot.rows import DecisionRow
from bot.store import Conflict
from storage.arrivals import Arrivals
from storage.decisions import columns, decision_row
from storage.finding import by_name
from storage.noun import Noun, identity_of
from storage.people import People
from storage.schema import conversation as conversations
from storage.schema import decision as decisions
from storage.schema import identity
from storage.schema import message as messages
from storage.schema import thread as threads

DELETED = "its author has deleted it"

MOST_MESSAGES = 500
"""Of a Conversation that are looked at; nobody reads more at a time, and a flood has thousands."""

_HEAD = select(conversations, identity.c.proven_at).outerjoin(
    identity,
    (identity.c.kind == conversations.c.customer_kind) & (identity.c.value == conversations.c.customer_value),
)


class Conversations(Noun):
    # -------------------------------------------------------------- looking

    def get(self, conversation: UUID) -> Conversation | None:
        return self._load(_HEAD.where(conversations.c.id == conversation))

    def head(self, conversation: UUID) -> Conversation | None:
        row = self.one(_HEAD.where(conversations.c.id == conversation))
        return _conversation(row, ()) if row else None

    def size(self, conversation: UUID) -> int:
        here = messages.c.conversation == conversation
        return int(self.run(select(func.count()).select_from(messages).where(here)).scalar_one())

    def begun_since(self, customer: Identity, since: datetime) -> int:
        theirs = (conversations.c.customer_kind == customer.kind) & (conversations.c.customer_value == customer.value)
        begun = select(func.count()).select_from(conversations).where(theirs, conversations.c.created_at > since)
        return int(self.run(begun).scalar_one())

    def of_arrival(self, arrival: UUID) -> Message | None:
        row = self.one(select(messages).where(messages.c.arrival == arrival))
        return _message(row) if row else None

    def keyed(self, channel: str, key: str) -> UUID | None:
        theirs = (messages.c.key == key) & (messages.c.author == Author.CUSTOMER) & (threads.c.channel == channel)
        row = self.one(select(messages.c.id).join(threads, threads.c.id == messages.c.thread).where(theirs))
        return row.id if row else None

    def find(self, text: str) -> UUID | None:
        row = self.one(by_name(text.strip().strip("<>")))
        return row.conversation if row else None

    def decisions(self, conversation: UUID) -> list[DecisionRow]:
        statement = select(decisions).where(decisions.c.conversation == conversation).order_by(decisions.c.turn)
        return [decision_row(row) for row in self.run(statement)]

    # -------------------------------------------------------------- writing

    def open(
        self, *, team: str, channel: str, customer: Identity | None, subject: str, possible_reply_to: UUID | None
    ) -> UUID:
        made = new_id()
        self.run(
            insert(conversations).values(
                id=made,
                team=team,
                channel=channel,
                contact=People(self.tx).contact(customer) if customer else None,
                customer_kind=customer.kind if customer else None,
                customer_value=customer.value if customer else None,
                subject=subject,
                state=ConversationState.BOT,
                revision=0,
                turn=0,
                possible_reply_to=possible_reply_to,
                created_at=self.now,
                updated_at=self.now,
            )
        )
        return made

    def add(
        self, conversation: UUID, thread: Thread | None, arrival: UUID | None, inbound: Inbound, kept_at: datetime
    ) -> UUID | None:
        return self._file(conversation, thread, arrival, inbound, kept_at, _BY_CUSTOMER)

    def note(
        self, conversation: UUID, thread: Thread, arrival: UUID, inbound: Inbound, kept_at: datetime, *, name: str
    ) -> UUID | None:
        return self._file(conversation, thread, arrival, inbound, kept_at, _BY_AGENT | {"author_name": name})

    def knows(self, content_key: str) -> UUID | None:
        row = self.one(select(messages.c.conversation).where(messages.c.source_key == content_key))
        return row.conversation if row else None

    def revise(self, message: UUID, inbound: Inbound) -> None:
        said = _said(inbound)
        # Of a note the name says also that nobody has proven it.
        noted = messages.c.visibility == Visibility.NOTE
        said["author_name"] = case((noted, messages.c.author_name), else_=said["author_name"])
        # Proof is found when a message is filed: the reader alone can't know.
        proven = messages.c.verdict == Verdict.PROVEN
        said["verdict"] = case((proven, messages.c.verdict), else_=said["verdict"])
        statement = update(messages).where(messages.c.id == message).values(said)
        self._raise(self.run(statement.returning(messages.c.conversation)).scalar_one())

    def reword(self, message: UUID, text: str) -> None:
        self._change(message, text=text, elided="")

    def redact(self, message: UUID) -> None:
        gone: dict[str, Any] = {"text": "", "elided": "", "html": None, "subject": "", "attachments": []}
        arrival = self._change(message, problems=[DELETED], decided=True, **gone)
        if arrival:
            Arrivals(self.tx).redact(arrival)

    def say(
        self,
        conversation: UUID,
        *,
        thread: UUID | None,
        author: Actor,
        visibility: Visibility,
        text: str,
        key: UUID,
        arrival: Arrival | None = None,
    ) -> UUID:
        self.run(
            insert(messages).values(
                id=key,
                conversation=conversation,
                thread=thread,
                arrival=arrival.id if arrival else None,
                decided=True,
                source_key=f"said:{key}",
                key="",
                author=Author.AGENT if author.kind is ActorKind.AGENT else Author.BOT,
                author_name=author.name,
                visibility=visibility,
                kind=Kind.MESSAGE,
                subject="",
                text=text,
                elided="",
                signs=[],
                problems=[],
                attachments=[],
                partly=False,
                kept_at=arrival.kept_at or self.now if arrival else self.now,
                created_at=self.now,
            )
        )
        self._raise(conversation)
        return key

    def become(self, conversation: UUID, state: ConversationState) -> None:
        changed = update(conversations).where(conversations.c.id == conversation, conversations.c.state != state)
        self.run(changed.values(state=state, revision=conversations.c.revision + 1, updated_at=self.now))

    def hold(self, conversation: UUID) -> Conversation:
        return self._held(conversation, self.head)

    def lock(self, conversation: UUID) -> Conversation:
        return self._held(conversation, self.get)

    def decide(self, decision: Decision) -> None:
        try:
            self.run(insert(decisions).values(columns(decision) | {"created_at": self.now}))
        except IntegrityError as error:
            raise Conflict(f"turn {decision.turn} of {decision.conversation} is decided already") from error
        self.run(
            update(conversations)
            .where(conversations.c.id == decision.conversation)
            .values(turn=conversations.c.turn + 1, updated_at=self.now)
        )
        self.run(update(messages).where(messages.c.id.in_(decision.saw)).values(decision=decision.id, decided=True))

    def cover(self, seen: Sequence[UUID]) -> None:
        self.run(update(messages).where(messages.c.id.in_(seen)).values(decided=True))

    # -------------------------------------------------------------- parts

    def _file(
        self,
        conversation: UUID,
        thread: Thread | None,
        arrival: UUID | None,
        inbound: Inbound,
        kept_at: datetime,
        whose: dict[str, Any],
    ) -> UUID | None:
        made = new_id()
        values = _said(inbound) | {
            "id": made,
            "conversation": conversation,
            "thread": thread.id if thread else None,
            "arrival": arrival,
            "source_key": inbound.content_key or f"arrival:{arrival or made}",
            "kept_at": kept_at,
            "created_at": self.now,
        }
        if not self.insert_new(messages, values | whose):
            return None
        self._raise(conversation)
        return made

    def _change(self, message: UUID, **values: Any) -> UUID | None:
        """Returns its Arrival."""
        statement = update(messages).where(messages.c.id == message).values(**values)
        row = self.run(statement.returning(messages.c.conversation, messages.c.arrival)).one()
        self._raise(row.conversation)
        arrival: UUID | None = row.arrival
        return arrival

    def _held(self, conversation: UUID, look: Callable[[UUID], Conversation | None]) -> Conversation:
        self.run(select(conversations.c.id).where(conversations.c.id == conversation).with_for_update())
        found = look(conversation)
        if found is None:
            raise LookupError(f"no conversation {conversation}")
        return found

    def _load(self, statement: Select[Any]) -> Conversation | None:
        row = self.one(statement)
        if row is None:
            return None
        newest = messages.c.kept_at.desc(), messages.c.id.desc()
        said = select(messages).where(messages.c.conversation == row.id).order_by(*newest).limit(MOST_MESSAGES)
        found = tuple(_message(one) for one in reversed(self.run(said).all()))
        earlier = self.size(row.id) - len(found) if len(found) == MOST_MESSAGES else 0
        return _conversation(row, found, earlier)

    def _raise(self, conversation: UUID) -> None:
        self.run(
            update(conversations)
            .where(conversations.c.id == conversation)
            .values(revision=conversations.c.revision + 1, updated_at=self.now)
        )


# ------------------------------------------------------------------ rows and values

# Whose word it is and who may see it is settled when it is filed: reading it again changes neither.
_BY_CUSTOMER = {"author": Author.CUSTOMER, "visibility": Visibility.PUBLIC, "decided": False}
_BY_AGENT = {"author": Author.AGENT, "visibility": Visibility.NOTE, "decided": True}


def _said(inbound: Inbound) -> dict[str, Any]:
    return {
        "key": inbound.key,
        "author_name": (inbound.author.name or inbound.author.value) if inbound.author else "",
        "kind": inbound.kind,
        "subject": inbound.subject,
        "text": inbound.reply,
        "elided": inbound.elided,
        "html": inbound.html,
        "signs": list(inbound.signs),
        "problems": list(inbound.problems),
        "attachments": [asdict(one) for one in inbound.attachments],
        "partly": inbound.partly,
        "verdict": inbound.verdict,
        "others": [asdict(one) for one in inbound.others] or None,
    }


def _conversation(row: Row[Any], said: tuple[Message, ...], earlier: int = 0) -> Conversation:
    return Conversation(
        id=row.id,
        team=row.team,
        channel=row.channel,
        customer=identity_of(row.customer_kind, row.customer_value),
        proven=row.proven_at is not None,
        subject=row.subject,
        state=ConversationState(row.state),
        revision=row.revision,
        turn=row.turn,
        messages=said,
        possible_reply_to=row.possible_reply_to,
        earlier=earlier,
        updated_at=row.updated_at,
    )


def _message(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        conversation=row.conversation,
        thread=row.thread,
        author=Author(row.author),
        author_name=row.author_name,
        visibility=Visibility(row.visibility),
        kind=Kind(row.kind),
        subject=row.subject,
        text=row.text,
        elided=row.elided,
        kept_at=row.kept_at,
        signs=tuple(row.signs),
        problems=tuple(row.problems),
        attachments=tuple(Attachment(**one) for one in row.attachments),
        partly=row.partly,
        decided=row.decided,
        arrival=row.arrival,
        filed_at=row.created_at,
        verdict=Verdict(row.verdict),
        others=tuple(Identity(**one) for one in row.others or ()),
    )
