"""Parcels and their Deliveries, in order within each Thread."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from bot.model import (
    FOR_AGENTS,
    Audience,
    DeliveryState,
    Form,
    Lane,
    Parcel,
    ParcelKind,
    Quoted,
    Receipt,
    Rendered,
    Visibility,
)
from bot.rows import DeliveryRow
from storage.files import Files
from storage.jobs import Jobs
from storage.noun import Noun
from storage.schema import AUTOMATIC_SQL, IN_FLIGHT_SQL, delivery, message, parcel
from storage.schema import thread as threads

_BOTH = select(parcel, delivery).join(delivery, delivery.c.id == parcel.c.id)


class Outbox(Noun):
    # -------------------------------------------------------------- looking

    def get(self, wanted: UUID) -> Parcel | None:
        row = self.one(_BOTH.where(parcel.c.id == wanted))
        return self._whole(row) if row else None

    def next_in(self, thread: UUID) -> Parcel | None:
        # The condition is spelled as the partial index spells it: a list of bound values would not use it.
        owed = _BOTH.where(delivery.c.thread == thread, IN_FLIGHT_SQL)
        row = self.one(owed.order_by(delivery.c.seq).limit(1))
        return self._whole(row) if row else None

    def rows(
        self, *, after: UUID | None = None, conversation: UUID | None = None, limit: int = 500
    ) -> list[DeliveryRow]:
        statement = _BOTH.order_by(parcel.c.id).limit(limit)
        if after:
            statement = statement.where(parcel.c.id > after)
        if conversation:
            statement = statement.where(parcel.c.conversation == conversation)
        return [_row(row) for row in self.run(statement)]

    def row(self, wanted: UUID) -> DeliveryRow | None:
        row = self.one(_BOTH.where(parcel.c.id == wanted))
        return _row(row) if row else None

    def owed_since(self, thread: UUID, kind: ParcelKind, since: datetime) -> int:
        owed = (delivery.c.thread == thread) & (parcel.c.kind == kind) & (delivery.c.created_at > since)
        both = parcel.join(delivery, delivery.c.id == parcel.c.id)
        return int(self.run(select(func.count()).select_from(both).where(owed)).scalar_one())

    def automatic_since(self, recipient: str, since: datetime) -> int:
        sent = (parcel.c.recipient == recipient) & (parcel.c.created_at > since)
        return int(self.run(select(func.count()).select_from(parcel).where(sent)).scalar_one())

    def sent_as(self, reference: str) -> Parcel | None:
        row = self.one(_BOTH.where(delivery.c.reference == reference).limit(1))
        return _parcel(row) if row else None

    def automatic(self, since: datetime, *, at_most: int) -> int:
        # The condition is spelled as the partial index spells it.
        sent = select(parcel.c.id).where(AUTOMATIC_SQL, parcel.c.created_at > since).limit(at_most)
        return int(self.run(select(func.count()).select_from(sent.subquery())).scalar_one())

    # -------------------------------------------------------------- writing

    def put(self, owed: Parcel) -> None:
        audience = self.run(select(threads.c.audience).where(threads.c.id == owed.thread)).scalar_one()
        if audience == Audience.CUSTOMER:
            self._refuse_indiscretion(owed)
        last = self.run(select(func.max(delivery.c.seq)).where(delivery.c.thread == owed.thread)).scalar()
        self.run(insert(parcel).values(_columns(owed, audience)))
        Files(self.tx).put(owed.id, owed.files)
        self.run(
            insert(delivery).values(
                id=owed.id,
                thread=owed.thread,
                seq=(last or 0) + 1,
                state=DeliveryState.PENDING,
                attempts=0,
                recipients=_recipients(owed),
                subject=str(owed.address.get("subject", "")),
                error="",
                created_at=owed.created_at,
            )
        )
        Jobs(self.tx).put(Lane.DELIVER, str(owed.thread), channel=owed.channel)

    def fix(self, wanted: UUID, rendered: Rendered) -> None:
        self._set(
            wanted,
            rendered=rendered.data,
            reference=rendered.reference,
            sender=rendered.sender,
            reply_to=rendered.reply_to,
            recipients=list(rendered.to),
            subject=rendered.subject,
        )

    def sending(self, wanted: UUID) -> None:
        self._set(wanted, state=DeliveryState.SENDING, attempts=delivery.c.attempts + 1)

    def pending(self, wanted: UUID, error: str, *, counted: bool = True) -> None:
        attempts = delivery.c.attempts if counted else delivery.c.attempts - 1
        self._set(wanted, state=DeliveryState.PENDING, error=error, attempts=attempts)

    def delivered(self, wanted: UUID, receipt: Receipt) -> None:
        self._set(
            wanted,
            state=DeliveryState.DELIVERED,
            reference=receipt.reference,
            file=receipt.file,
            error="",
            delivered_at=self.now,
        )

    def unknown(self, wanted: UUID, error: str) -> None:
        self._set(wanted, state=DeliveryState.UNKNOWN, error=error)

    def undeliverable(self, wanted: UUID, error: str) -> None:
        self._set(wanted, state=DeliveryState.UNDELIVERABLE, error=error)

    # -------------------------------------------------------------- parts

    def _whole(self, row: Row[Any]) -> Parcel:
        """With its files, which only Agents attach, as long as its bytes are still to be made of them."""
        files = Files(self.tx).of(row.id) if row.kind == ParcelKind.AGENT and row.rendered is None else ()
        return replace(_parcel(row), files=files)

    def _set(self, wanted: UUID, **values: Any) -> None:
        self.run(update(delivery).where(delivery.c.id == wanted).values(**values))

    def _refuse_indiscretion(self, owed: Parcel) -> None:
        """What is for Agents never goes to a customer's Thread, whoever asks for it."""
        if owed.kind in FOR_AGENTS or owed.form is Form.ALERT:
            raise ValueError(f"a {owed.kind} is for agents; thread {owed.thread} is a customer's")
        visibility = self.run(select(message.c.visibility).where(message.c.id == owed.message)).scalar()
        if visibility == Visibility.NOTE:
            raise ValueError(f"message {owed.message} is a note; thread {owed.thread} is a customer's")


def _recipients(owed: Parcel) -> list[str]:
    to = owed.address.get("to")
    return [to["address"]] if isinstance(to, dict) and "address" in to else []


def _columns(owed: Parcel, audience: Audience) -> dict[str, Any]:
    recipients = _recipients(owed) if owed.automatic and audience == Audience.CUSTOMER else []
    return {
        "id": owed.id,
        "thread": owed.thread,
        "conversation": owed.conversation,
        "message": owed.message,
        "channel": owed.channel,
        "form": owed.form,
        "kind": owed.kind,
        "text": owed.text,
        "address": dict(owed.address),
        "language": owed.language,
        "ticket": owed.ticket,
        "automatic": owed.automatic,
        "recipient": recipients[0] if recipients else None,
        "quoted": _quoted_columns(owed.quoted) if owed.quoted else None,
        "version": 1,
        "created_at": owed.created_at,
    }


def _parcel(row: Row[Any]) -> Parcel:
    return Parcel(
        id=row.id,
        thread=row.thread,
        channel=row.channel,
        conversation=row.conversation,
        form=Form(row.form),
        kind=ParcelKind(row.kind),
        text=row.text,
        address=row.address,
        automatic=row.automatic,
        created_at=row.created_at,
        language=row.language,
        ticket=row.ticket,
        message=row.message,
        quoted=_quoted(row.quoted) if row.quoted else None,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        rendered=row.rendered,
        reference=row.reference,
        sender=row.sender,
    )


def _quoted_columns(words: Quoted) -> dict[str, str]:
    return {"name": words.name, "said_at": words.said_at.isoformat(), "text": words.text}


def _quoted(columns: dict[str, str]) -> Quoted:
    return Quoted(columns["name"], datetime.fromisoformat(columns["said_at"]), columns["text"])


def _row(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        state=DeliveryState(row.state),
        channel=row.channel,
        to=tuple(row.recipients),
        subject=row.subject,
        message_id=row.reference,
        in_reply_to=row.reply_to,
        conversation=row.conversation,
        ticket=row.ticket,
        kind=row.kind,
        attempts=row.attempts,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        file=row.file,
        error=row.error,
        text=row.text,
    )
