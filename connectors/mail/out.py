"""What every way out for mail has in common: a relay, a folder."""

import re
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Protocol

from bot.connector import DeliveryFailed
from bot.model import Absent, Parcel, Receipt, Rendered
from connectors.mail.compose import recipient_of


class MailOut(Protocol):
    """The outgoing half of a mail connector; see `bot.connector.Connector` for what each promises."""

    def render(self, parcel: Parcel, /) -> Rendered: ...

    async def deliver(self, parcel: Parcel) -> Receipt: ...

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None: ...


def envelope(parcel: Parcel) -> tuple[str, str]:
    """(sender, recipient) for SMTP. Raises DeliveryFailed when the recipient is no address that mail can be sent to.

    The sender is the Reply-To of the stored bytes, which carries the Thread's token: a bounce names its Thread, and
    a try after a restart has the same sender as the first.
    """
    recipient = recipient_of(parcel)
    if recipient is None:
        raise DeliveryFailed("the recipient's address is not one that mail can be sent to", permanent=True)
    headers = BytesHeaderParser(policy=compat32).parsebytes(stored(parcel))
    return re.sub(r"[<>\s]", "", headers.get("Reply-To", "")), recipient


def stored(parcel: Parcel) -> bytes:
    if parcel.rendered is None or parcel.reference is None:
        raise ValueError(f"parcel {parcel.id} must be rendered and stored before it is delivered")
    return parcel.rendered
