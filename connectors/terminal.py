"""The terminal as a channel: a line said is a request, an answer is printed. The smallest connector: copy this one.

A new channel is such a class and a line in `config/channels.py`; what each part promises is in `bot/connector.py`.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import BinaryIO, TextIO
from uuid import UUID

from bot.connector import DeliveryFailed, Keep, Reader
from bot.ids import new_id
from bot.model import Absent, Arrival, Channel, Identity, Inbound, Kind, Parcel, Receipt, Rendered, Skipped
from bot.store import StoreError

LONGEST = 65_536


@dataclass(frozen=True)
class TerminalReader:
    isolated: bool = False

    def __call__(self, arrival: Arrival) -> Inbound | Skipped:
        read = self._inbound(arrival)
        return read if read.text else Skipped("an empty line")

    def salvage(self, arrival: Arrival, reason: str) -> Inbound:
        return replace(self._inbound(arrival), problems=(reason,), partly=True)

    def _inbound(self, arrival: Arrival) -> Inbound:
        login, session = str(arrival.envelope["login"]), str(arrival.envelope["session"])
        text = arrival.raw.decode("utf-8", "replace").replace("\0", "").strip()
        author = Identity("terminal", login)
        # All that is said in one session has one key, and so one Thread.
        return Inbound(Kind.MESSAGE, author, text=text, reply=text, key=session, address={"to": {"address": login}})


class TerminalConnector:
    # Lines that are pasted together are one thought.
    channel = Channel("terminal", "terminal", patience=timedelta(seconds=0.3))
    # Nobody knows whether a line that was printed was also read; twice is better than never.
    resend_unknown = True

    def __init__(self, login: str, said: BinaryIO, screen: TextIO) -> None:
        self.reader: Reader = TerminalReader()
        self.ready = asyncio.Event()
        self.ended = asyncio.Event()
        """Set when all that was said has been kept."""
        self.session = str(new_id())
        self._login = login
        self._said = said
        self._screen = screen

    async def listen(self, keep: Keep) -> None:
        self.ready.set()
        async for line in self._lines():
            try:
                await keep([self._arrival(new_id(), line)])
            except StoreError as error:
                await asyncio.to_thread(self._print, f"That was not kept ({error}). Say it again.")
        self.ended.set()
        await asyncio.Event().wait()

    def render(self, parcel: Parcel) -> Rendered:
        named = [f"[a file that can't be shown here: {one.name}]" for one in parcel.files]
        words = "\n".join([parcel.text.strip(), *named])
        return Rendered(printable(words).encode(), str(parcel.id), (self._login,))

    async def deliver(self, parcel: Parcel) -> Receipt:
        try:
            await asyncio.to_thread(self._print, (parcel.rendered or b"").decode())
        except OSError as error:
            raise DeliveryFailed(f"the terminal is gone: {error.strerror}", permanent=True) from error
        return Receipt(str(parcel.id))

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        return None

    # -------------------------------------------------------------- parts

    def _arrival(self, made: UUID, line: bytes) -> Arrival:
        return Arrival(made, self.channel.name, str(made), line, {"login": self._login, "session": self.session})

    async def _lines(self) -> AsyncIterator[bytes]:
        """Read in a thread of its own, which nobody waits for at the end: it may be waiting for a key for ever."""
        loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes]()

        def read() -> None:
            # When the loop is closed nobody listens any more, and when the terminal is gone nobody speaks.
            with suppress(RuntimeError, OSError):
                while line := self._said.readline(LONGEST):
                    loop.call_soon_threadsafe(lines.put_nowait, line)
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(lines.put_nowait, b"")

        threading.Thread(target=read, daemon=True, name="terminal").start()
        while line := await lines.get():
            yield line

    def _print(self, text: str) -> None:
        print(text, end="\n\n", file=self._screen, flush=True)


def printable(text: str) -> str:
    """Whoever wrote the words must not command the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def unbuffered(file: int) -> BinaryIO:
    """Its reading holds no lock that the end of the process would wait for."""
    return os.fdopen(file, "rb", buffering=0, closefd=False)
