"""A channel that speaks and never listens: the place where the Agents are called."""

import asyncio
from dataclasses import dataclass
from typing import NoReturn

from bot.connector import Keep, Reader
from bot.model import Absent, Arrival, Channel, Inbound, Parcel, Receipt, Rendered, Skipped
from connectors.mail.out import MailOut


@dataclass(frozen=True)
class NothingToRead:
    """What answers a call comes in by another channel, so nothing is ever kept under this one's name."""

    isolated: bool = False

    def __call__(self, arrival: Arrival) -> Inbound | Skipped:
        return Skipped("nothing comes in by this channel")

    def salvage(self, arrival: Arrival, reason: str) -> NoReturn:
        raise LookupError(f"arrival {arrival.id} is of a channel that nothing comes in by")


class Outgoing:
    """Hands everything to `out`, which may be exchanged while the desk runs."""

    def __init__(self, channel: Channel, out: MailOut, *, resend_unknown: bool = True) -> None:
        self.channel = channel
        self.out = out
        self.resend_unknown = resend_unknown
        self.reader: Reader = NothingToRead()
        self.ready = asyncio.Event()

    async def listen(self, keep: Keep) -> None:
        self.ready.set()
        await asyncio.Event().wait()

    def render(self, parcel: Parcel) -> Rendered:
        return self.out.render(parcel)

    async def deliver(self, parcel: Parcel) -> Receipt:
        return await self.out.deliver(parcel)

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        return await self.out.settle(parcel)
