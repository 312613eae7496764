"""The mail server of everybody in the demo but the desk: takes every mail and keeps it in memory."""

import asyncio
from collections import defaultdict
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Self

LARGEST = 2**20


class Mailboxes:
    """Use it as `async with Mailboxes() as mailboxes`."""

    def __init__(self) -> None:
        self.port = 0
        self._mails: dict[str, list[EmailMessage]] = defaultdict(list)
        self._came = asyncio.Condition()
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._session, "127.0.0.1", 0, limit=LARGEST)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()
        for writer in self._open:
            writer.transport.abort()

    async def first(self, address: str) -> EmailMessage:
        """The first mail to this address, once it is there."""
        async with self._came:
            await self._came.wait_for(lambda: self._mails[address])
            return self._mails[address][0]

    # -------------------------------------------------------------- a session

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._converse(reader, writer)
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # the desk says it in the Delivery's own words
        finally:
            writer.close()
            self._open.discard(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mailboxes.example\r\n")
        recipient = ""
        while line := (await reader.readuntil(b"\n")).decode("ascii", "replace").strip():
            match line[:4].upper():
                case "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    writer.write(b"250 2.1.5 ok\r\n")
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    await self._take(recipient, await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(b"250 2.0.0 ok\r\n")
                case "QUIT":
                    writer.write(b"221 2.0.0 bye\r\n")
                    return
                case _:
                    writer.write(b"250 ok\r\n")

    async def _take(self, recipient: str, data: bytes) -> None:
        raw = data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        async with self._came:
            self._mails[recipient].append(message_from_bytes(raw, policy=default))
            self._came.notify_all()
