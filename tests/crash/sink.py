"""The relay that the desk hands its mail to: records each copy, and fails in the ways that relays do."""

import asyncio
import time
from collections import deque
from email.parser import BytesHeaderParser
from enum import Enum

from tests.crash.history import History, Taken
from tests.serving import Serving


class Mood(Enum):
    """What becomes of one mail."""

    REFUSE = "4xx to the recipient"
    REFUSE_LATE = "4xx after the dot"
    CUT_EARLY = "cut before the dot"
    CUT_LATE = "cut after the dot"


class Sink:
    def __init__(self, history: History) -> None:
        self.history = history
        self.moods: deque[Mood] = deque()
        """For the mails to come, in their order; after those it takes every mail."""
        self.port = 0
        self._serving: Serving | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """The first time on any free port, then always on the same."""
        self._serving = Serving(self._converse)
        await self._serving.open(self.port, limit=2**22)
        self.port = self._serving.port

    async def close(self) -> None:
        """Away: new connections are refused, and those that are open end."""
        if self._serving is not None:
            await self._serving.close()
            self._serving = None

    # -------------------------------------------------------------- a session

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        recipient = ""
        while line := (await reader.readuntil(b"\n")).decode().strip():
            match line[:4].upper():
                case "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    writer.write(self._may_come())
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    answer = await self._data(reader, recipient)
                    if answer is None:
                        return
                    writer.write(answer)
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    writer.write(b"250 ok\r\n")

    def _may_come(self) -> bytes:
        if self._mood(Mood.REFUSE):
            self.history.turned_away(Mood.REFUSE.value, "")
            return b"450 4.2.1 not now\r\n"
        return b"250 ok\r\n"

    async def _data(self, reader: asyncio.StreamReader, recipient: str) -> bytes | None:
        """The answer to the final dot; None: the connection is cut."""
        if self._mood(Mood.CUT_EARLY):
            await reader.readuntil(b"\n")
            self.history.turned_away(Mood.CUT_EARLY.value, "")
            return None
        data = await reader.readuntil(b"\r\n.\r\n")
        taken = _taken(data[:-3].replace(b"\r\n..", b"\r\n."), recipient)
        if self._mood(Mood.REFUSE_LATE):
            self.history.turned_away(Mood.REFUSE_LATE.value, taken.message_id)
            return b"451 4.3.0 not now\r\n"
        self.history.took(taken)
        if self._mood(Mood.CUT_LATE):
            self.history.fault(Mood.CUT_LATE.value, [taken.message_id])
            return None
        return b"250 2.0.0 ok\r\n"

    def _mood(self, mood: Mood) -> bool:
        """Whether the next mail meets this; if so it is used up."""
        if not self.moods or self.moods[0] is not mood:
            return False
        self.moods.popleft()
        return True


def _taken(data: bytes, recipient: str) -> Taken:
    headers = BytesHeaderParser().parsebytes(data)
    named = {name: str(headers.get(name, "")).strip() for name in ("Message-ID", "In-Reply-To", "Reply-To", "Subject")}
    return Taken(
        message_id=named["Message-ID"].strip("<>"),
        in_reply_to=named["In-Reply-To"].strip("<>"),
        reply_to=named["Reply-To"].strip("<>"),
        to=recipient,
        subject=named["Subject"],
        at=time.monotonic(),
    )
