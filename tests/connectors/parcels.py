"""Parcels for tests of the ways out."""

import dataclasses
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bot.keyring import KeyRing
from bot.model import Form, Parcel, ParcelKind, Rendered
from connectors.mail.writing.compose import compose
from connectors.mail.writing.identities import Identities, MailIdentity

RING = KeyRing({"a": b"k" * 32}, "a")
MAILBOX = "support@desk.example"
DESK = Identities(MailIdentity(MAILBOX, "Desk"))
ADDRESS: dict[str, Any] = {
    "to": {"name": "Ann", "address": "ann@cust.example"},
    "mailbox": MAILBOX,
    "subject": "Where is my parcel?",
    "message_id": "q1@cust.example",
    "references": ["q0@cust.example"],
}


def parcel(address: dict[str, Any] | None = None, **changes: Any) -> Parcel:
    fields: dict[str, Any] = {
        "id": UUID(int=7),
        "thread": UUID(int=8),
        "channel": "smtp",
        "conversation": UUID(int=9),
        "form": Form.REPLY,
        "kind": ParcelKind.ANSWER,
        "text": "It is on its way.\n.\nDesk",
        "address": ADDRESS | (address or {}),
        "automatic": True,
        "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    }
    return Parcel(**(fields | changes))


def render(one: Parcel) -> Rendered:
    return compose(one, ring=RING, identities=DESK)


def ready(one: Parcel | None = None) -> Parcel:
    """As it is when it comes back from the store."""
    one = one or parcel()
    rendered = render(one)
    return dataclasses.replace(one, rendered=rendered.data, reference=rendered.reference, sender=rendered.sender)
