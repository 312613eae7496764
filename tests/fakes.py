"""Parts that stand in for the world outside: they record, and do on request what the world does at its worst."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from bot.model import Arrival, Inbound, Kept, Kind, Skipped
from tests.serving import Serving


class RecordingKeep:
    """Keeps like a store: the same transport key gets the first id again. `fails` are raised first, one a call."""

    def __init__(self, *fails: Exception) -> None:
        self.arrivals: list[Arrival] = []
        self.fails = list(fails)
        self.open = asyncio.Event()
        self.open.set()
        self.waiting = 0

    async def __call__(self, arrivals: Sequence[Arrival]) -> Sequence[Kept]:
        self.waiting += 1
        try:
            await self.open.wait()
        finally:
            self.waiting -= 1
        if self.fails:
            raise self.fails.pop(0)
        return [self._keep(arrival) for arrival in arrivals]

    def _keep(self, arrival: Arrival) -> Kept:
        for known in self.arrivals:
            if known.transport_key == arrival.transport_key:
                return Kept(known.id, seen_before=True)
        self.arrivals.append(arrival)
        return Kept(arrival.id, seen_before=False)


@dataclass(frozen=True)
class PlainReader:
    """Takes the raw bytes for the text."""

    isolated: bool = False

    def __call__(self, arrival: Arrival) -> Inbound | Skipped:
        return Inbound(Kind.MESSAGE, author=None, text=arrival.raw.decode("utf-8", "replace"))

    def salvage(self, arrival: Arrival, reason: str) -> Inbound:
        return Inbound(Kind.MESSAGE, author=None, problems=(reason,), partly=True)


@dataclass(frozen=True)
class Sent:
    """A mail as a relay saw it: without the dots that SMTP adds."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    tls: bool


CUT = "cut"
HANG = "hang"


@dataclass
class FakeRelay:
    """An SMTP server with a script: what it answers to `greeting`, `EHLO`, `MAIL`, …, `dot` (the mail's end), and to
    `RCPT somebody@example.org` alone.

    An answer is a reply line, CUT (it cuts the connection) or HANG (it says nothing more). `body: CUT` cuts while the
    mail is being sent. A mail is recorded when its end was seen, whatever is answered to it.
    """

    script: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    offers: tuple[str, ...] = ("SIZE 50000000", "8BITMIME")
    mails: list[Sent] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    implicit: bool = False
    """Whether TLS begins with the connection."""

    async def __aenter__(self) -> "FakeRelay":
        self._serving = Serving(self._serve)
        await self._serving.open(self.port, ssl=self.tls if self.implicit else None)
        self.port = self._serving.port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._serving.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await _Talk(self, reader, writer).run()


class _Talk:
    def __init__(self, relay: FakeRelay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.relay = relay
        self.reader = reader
        self.writer = writer
        self.sender = ""
        self.recipients: list[str] = []
        self.encrypted = relay.implicit

    async def run(self) -> None:
        await self.answer("greeting", "220 fake ESMTP")
        while line := await self.reader.readline():
            command = line.decode().strip()
            self.relay.commands.append(command)
            verb = command.partition(" ")[0].upper()
            if verb == "QUIT":
                return
            await self.obey(verb, command)

    async def obey(self, verb: str, command: str) -> None:
        if verb == "EHLO":
            offers = [*self.relay.offers, *(["STARTTLS"] if self.relay.tls and not self.encrypted else [])]
            await self.answer("EHLO", "\r\n".join(["250-fake", *(f"250-{one}" for one in offers), "250 HELP"]))
        elif verb == "STARTTLS" and self.relay.tls:
            await self.answer("STARTTLS", "220 go")
            await self.writer.start_tls(self.relay.tls)
            self.encrypted = True
        elif verb == "MAIL":
            self.sender = _path(command)
            self.recipients = []
            await self.answer("MAIL", "250 OK")
        elif verb == "RCPT":
            alone = f"RCPT {_path(command)}"
            if alone not in self.relay.script:
                self.recipients.append(_path(command))
            await self.answer(alone if alone in self.relay.script else "RCPT", "250 OK")
        elif verb == "DATA":
            await self.take_mail()
        elif verb == "AUTH":
            await self.answer("AUTH", "235 welcome")
        else:
            await self.answer(verb, "250 OK")

    async def take_mail(self) -> None:
        await self.answer("DATA", "354 go on")
        if "body" in self.relay.script:
            await self.reader.read(1)
            await self.answer("body", "")
        lines = []
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        self.relay.mails.append(Sent(self.sender, tuple(self.recipients), b"".join(lines), self.encrypted))
        await self.answer("dot", "250 queued")

    async def answer(self, what: str, usual: str) -> None:
        words = self.relay.script.get(what, usual)
        if words == CUT:
            self.writer.transport.abort()
            raise ConnectionResetError
        if words == HANG:
            await asyncio.Event().wait()
        self.writer.write(words.encode() + b"\r\n")
        await self.writer.drain()


def _path(command: str) -> str:
    return command.partition("<")[2].partition(">")[0]


class SmtpClient:
    """Speaks raw lines, right or wrong."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @staticmethod
    @contextlib.asynccontextmanager
    async def to(endpoint: tuple[str, int] | None, host: str = "127.0.0.1") -> AsyncIterator["SmtpClient"]:
        """`host`: whence it comes."""
        assert endpoint is not None
        reader, writer = await asyncio.open_connection(*endpoint, local_addr=(host, 0))
        try:
            yield SmtpClient(reader, writer)
        finally:
            writer.transport.abort()

    async def reply(self) -> str:
        """One whole reply, its lines joined by newlines; empty when the other side has closed."""
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 10)).decode()
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def say(self, line: str) -> str:
        self.send(line.encode("utf-8", "surrogateescape") + b"\r\n")
        return await self.reply()

    async def greet(self, name: str = "client.example") -> str:
        await self.reply()
        return await self.say(f"EHLO {name}")

    async def begin(self, to: str, sender: str = "ann@cust.example") -> str:
        """Up to the answer to DATA."""
        await self.say(f"MAIL FROM:<{sender}>")
        await self.say(f"RCPT TO:<{to}>")
        return await self.say("DATA")

    async def mail(self, to: str, body: bytes, sender: str = "ann@cust.example") -> str:
        """A whole mail; `body` ends in CRLF and is sent as it is."""
        assert (await self.begin(to, sender)).startswith("354")
        self.send(body + b".\r\n")
        return await self.reply()

    async def closed(self) -> bool:
        """Whether the other side closes, whatever it says first."""
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(self.reader.read(), 10)
        return True
