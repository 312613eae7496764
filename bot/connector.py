"""What the desk asks of the code that speaks a channel. Copy `connectors/terminal.py` to begin a new one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bot.model import Absent, Arrival, Channel, Inbound, Kept, Meaning, Parcel, Receipt, Rendered

Keep = Callable[[Sequence[Arrival]], Awaitable[Sequence[Kept]]]
"""Commits the Arrivals in one go and only then returns; raises a StoreError when it could not."""


class Reader(Protocol):
    """Turns an Arrival into its meaning. Pure, frozen and picklable: the settings it needs, no sockets, no secrets.

    `isolated` readers run in a child process that is killed when it takes too much time or memory.
    """

    @property
    def isolated(self) -> bool: ...

    def __call__(self, arrival: Arrival) -> Meaning: ...

    def salvage(self, arrival: Arrival, reason: str) -> Inbound:
        """What little is sure of an Arrival that can't be read: `partly`, with the reason as a problem. Can't fail."""
        ...


class DeliveryFailed(Exception):
    """A Parcel could not be handed over.

    permanent: it never will be. unknown: the other side may have taken it. after: seconds it asked us to wait.
    unreachable: nothing is wrong with this Parcel; the whole channel is away and should be paused.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        unknown: bool = False,
        after: float | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.unknown = unknown
        self.after = after
        self.unreachable = unreachable


class NotYet(Exception):
    """A Parcel's turn comes in so many seconds. Nothing was tried and nothing is wrong."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds


class Connector(Protocol):
    channel: Channel
    reader: Reader
    ready: asyncio.Event
    """Set once requests are taken; never before they can be kept."""
    resend_unknown: bool
    """What to do when `settle` can't tell: send the same bytes again, or hold the Thread for a person."""

    async def listen(self, keep: Keep) -> None:
        """Take requests until cancelled; acknowledge each only after keep() has returned."""
        ...

    def render(self, parcel: Parcel) -> Rendered:
        """The Parcel in the channel's own form. Pure; stored before the first try, then never made again."""
        ...

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Hand over what `render` made. Raises DeliveryFailed or NotYet."""
        ...

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        """Asked before any try after a doubtful one: was it taken? None when the channel can't tell."""
        ...
