"""The terminal that the desk runs in, as the place where Agents are called when no other is set."""

import asyncio
import logging
from typing import TextIO

from bot.connector import DeliveryFailed
from bot.model import Parcel, ParcelKind, Receipt, Rendered
from connectors.terminal import printable

log = logging.getLogger("firstline.agents")

RULE = "-" * 72


class Screen:
    """Prints the whole call when somebody may be looking; in a log stands only which Ticket calls, for it keeps what
    customers write out."""

    def __init__(self, screen: TextIO) -> None:
        self.screen = screen

    def render(self, parcel: Parcel) -> Rendered:
        subject = " ".join(printable(str(parcel.address.get("subject", ""))).split())
        text = f"{RULE}\n{subject}\n\n{printable(parcel.text.strip())}\n{RULE}\n"
        return Rendered(text.encode(), str(parcel.id), ("terminal",), subject)

    async def deliver(self, parcel: Parcel) -> Receipt:
        if self.screen.isatty():
            await asyncio.to_thread(self._print, (parcel.rendered or b"").decode())
        elif parcel.kind is ParcelKind.ALERT:
            log.error("the desk is unwell", extra={"reason": parcel.text, "delivery": parcel.id})
        else:
            log.warning("a ticket calls for people", extra={"ticket": parcel.ticket, "delivery": parcel.id})
        return Receipt(str(parcel.id))

    async def settle(self, parcel: Parcel) -> None:
        """Nobody knows whether what was printed was also read; twice is better than never."""
        return

    def _print(self, text: str) -> None:
        try:
            print(text, file=self.screen, flush=True)
        except OSError as error:
            raise DeliveryFailed(f"the terminal is gone: {error.strerror}; set AGENTS__MAIL", permanent=True) from error
