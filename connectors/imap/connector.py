"""A mailbox as a channel: its mail is fetched over IMAP. How mail leaves is a `MailOut` that is handed in."""

import asyncio
import logging

from bot.connector import Keep, Reader
from bot.marks import Marks
from bot.model import Absent, Channel, Parcel, Receipt, Rendered
from connectors.imap.bridge import Bridge
from connectors.imap.poller import Poller, Waits
from connectors.imap.settings import ImapSettings
from connectors.mail.out import MailOut

log = logging.getLogger("firstline.imap")

# How often somebody looks whether the thread hangs, in seconds.
WATCH = 1.0

# For the thread's end: what it waits for is cut at once, but a commit under way may still come through.
GRACE = 1.5


class ImapConnector:
    """`ready` at once: a mailbox that can't be reached keeps nobody from working. It is told to people by its state in
    the `Marks`, which `remember` hands in before it listens."""

    def __init__(
        self,
        settings: ImapSettings,
        *,
        reader: Reader,
        out: MailOut,
        resend_unknown: bool = True,
        waits: Waits | None = None,
    ) -> None:
        self.settings = settings
        self.channel = Channel(settings.name, "mail")
        self.reader = reader
        self.resend_unknown = resend_unknown
        self.ready = asyncio.Event()
        self._out = out
        self._waits = waits or Waits()
        self._marks: Marks | None = None
        self._poller: Poller | None = None

    def remember(self, marks: Marks) -> None:
        """Where it is written down how far the mailbox is kept."""
        self._marks = marks

    def adopt(self, fresh: "ImapConnector") -> None:
        """Go on as the other, which doesn't listen, was set up; with other settings, on a new connection."""
        same = self.settings == fresh.settings
        self.settings, self.reader, self.resend_unknown = fresh.settings, fresh.reader, fresh.resend_unknown
        self._out = fresh._out
        if self._poller is not None and not same:
            self._poller.change(fresh.settings)

    async def listen(self, keep: Keep) -> None:
        """Until cancelled; the mailbox's thread has ended when this returns."""
        if self._marks is None:
            raise LookupError("a mailbox needs Marks before it is listened to")
        bridge = Bridge(self.channel.name, keep, self._marks, asyncio.get_running_loop())
        poller = self._poller = Poller(self.settings, bridge, self._waits)
        poller.start()
        self.ready.set()
        try:
            while not await _set_within(poller.ended, WATCH):
                poller.cut_if_late()
        finally:
            self.ready.clear()
            self._poller = None
            await _end(poller, bridge)

    def render(self, parcel: Parcel) -> Rendered:
        return self._out.render(parcel)

    async def deliver(self, parcel: Parcel) -> Receipt:
        return await self._out.deliver(parcel)

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        return await self._out.settle(parcel)


async def _end(poller: Poller, bridge: Bridge) -> None:
    poller.stop()
    if not await _set_within(poller.ended, GRACE):
        bridge.give_up()
        if not await _set_within(poller.ended, GRACE):
            # Only the look-up of a name can't be cut; it ends by itself, and then the thread does.
            log.warning("a mailbox's thread is still looking up a name", extra={"channel": bridge.place})
            return
    poller.join()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
