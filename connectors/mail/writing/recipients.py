"""Whom a Parcel goes to by mail."""

from collections.abc import Mapping

from bot.model import Parcel
from connectors.mail.writing.wire import clean, envelope_address

MOST_COPIES = 20


def recipient_of(parcel: Parcel) -> str | None:
    """The one address that the Parcel is for, as an envelope has it; None when no mail can be sent there."""
    return envelope_address(_address(parcel.address.get("to")))


def copies_of(parcel: Parcel) -> dict[str, str]:
    """The names of those who get a copy, by address; who can't be written to is left out."""
    listed = parcel.address.get("cc")
    found: dict[str, str] = {}
    for one in listed if isinstance(listed, list) else ():
        address = envelope_address(_address(one))
        if address and address != recipient_of(parcel) and len(found) < MOST_COPIES:
            found.setdefault(address, _name(one))
    return found


def named(parcel: Parcel) -> tuple[str, ...]:
    """All of them for people to read, the main one also when it can't be written to."""
    return (recipient_of(parcel) or clean(_address(parcel.address.get("to"))), *copies_of(parcel))


def _address(one: object) -> str:
    return str((one.get("address") if isinstance(one, Mapping) else one) or "")


def _name(one: object) -> str:
    return str((one.get("name") if isinstance(one, Mapping) else "") or "")
