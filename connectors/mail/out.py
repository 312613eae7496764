"""What every way out for mail has in common: a relay, a folder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Protocol

from bot.connector import DeliveryFailed
from bot.model import Absent, Parcel, Receipt, Rendered
from connectors.mail.writing.recipients import copies_of, recipient_of


class MailOut(Protocol):
    """The outgoing half of a mail connector; see `bot.connector.Connector` for what each promises."""

    def render(self, parcel: Parcel, /) -> Rendered: ...

    async def deliver(self, parcel: Parcel) -> Receipt: ...

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None: ...


class ByMailbox:
    """Mail from the mailboxes that have a way out of their own (by address, in lower case) goes there."""

    def __init__(self, usual: MailOut, own: Mapping[str, MailOut]) -> None:
        self.usual = usual
        self.own = own

    def render(self, parcel: Parcel) -> Rendered:
        return self._out(parcel).render(parcel)

    async def deliver(self, parcel: Parcel) -> Receipt:
        """A way out that is away puts off its own mail only: the channel is not paused for it."""
        out = self._out(parcel)
        try:
            return await out.deliver(parcel)
        except DeliveryFailed as failed:
            if failed.unreachable and out is not self.usual:
                raise DeliveryFailed(failed.reason) from failed
            raise

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        return await self._out(parcel).settle(parcel)

    def _out(self, parcel: Parcel) -> MailOut:
        return self.own.get(str(parcel.address.get("mailbox") or "").lower(), self.usual)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Plain addresses. Those with letters that are not ASCII need SMTPUTF8."""

    sender: str
    recipient: str
    copies: tuple[str, ...] = ()


def envelope(parcel: Parcel) -> Envelope:
    """For SMTP; after a restart the same as at the first try.

    Raises DeliveryFailed when the recipient is no address that mail can be sent to.
    """
    recipient = recipient_of(parcel)
    if recipient is None:
        raise DeliveryFailed("the recipient's address is not one that mail can be sent to", permanent=True)
    return Envelope(parcel.sender or _answers_to(stored(parcel)), recipient, tuple(copies_of(parcel)))


def stored(parcel: Parcel) -> bytes:
    if parcel.rendered is None or parcel.reference is None:
        raise ValueError(f"parcel {parcel.id} must be rendered and stored before it is delivered")
    return parcel.rendered


def _answers_to(mail: bytes) -> str:
    """What was rendered before senders were stored was sent from its Reply-To."""
    headers = BytesHeaderParser(policy=compat32).parsebytes(mail)
    return re.sub(r"[<>\s]", "", headers.get("Reply-To", ""))
