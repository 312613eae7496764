"""Handing a mail to a desk's SMTP port, as a customer's mail program does."""

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid
from uuid import UUID

from config.errors import Refused
from config.kinds import Endpoint

# Of a whole session; the desk answers in milliseconds unless its disk or database is away.
PATIENCE = 30.0

# The stdlib makes an encoded word of a Message-ID over 76 characters (python/cpython#100792).
_WIRE = SMTP.clone(max_line_length=998)


@dataclass(frozen=True)
class Letter:
    """A mail to be sent; `html` takes the place of the text, in latin-1 as old mail programs write it."""

    sender: str
    to: str
    subject: str
    text: str = ""
    name: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        mail = EmailMessage(policy=_WIRE)
        mail["From"] = f'"{self.name}" <{self.sender}>' if self.name else self.sender
        mail["To"], mail["Subject"] = self.to, self.subject
        mail["Date"] = format_datetime(localtime())
        mail["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        for name, value in self.headers.items():
            mail[name] = value
        if self.html:
            mail.set_content(self.html, subtype="html", charset="iso-8859-1", cte="quoted-printable")
        else:
            mail.set_content(self.text, cte="quoted-printable")
        return mail.as_bytes()


def reachable(listening: Endpoint) -> Endpoint:
    """Where a desk that listens there can be reached from this machine. Raises Refused when nobody can know it."""
    if not listening.port:
        raise Refused("SMTP__LISTEN leaves the port to the system, so it isn't known here; name one that is not 0")
    return Endpoint(listening.reachable, listening.port)


async def hand_over(letter: Letter, where: Endpoint) -> UUID:
    """The Arrival that the mail was kept as. Raises Refused, which says who didn't take it and why."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(where.host, where.port)
            try:
                answer = await _converse(reader, writer, letter)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except TimeoutError:
        raise Refused(f"{where} did not take the mail within {PATIENCE:g} s; look into the desk's log") from None
    except (OSError, EOFError, ValueError) as error:
        raise Refused(
            f"nothing takes mail at {where} ({_reason(error)}); start the desk with `firstline serve`, or name its "
            "port in SMTP__LISTEN"
        ) from error
    return _arrival(answer, where)


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, letter: Letter) -> str:
    """The last answer: of the mail's end, or of what was refused before it."""
    steps = ("EHLO client.example", f"MAIL FROM:<{letter.sender}>", f"RCPT TO:<{letter.to}>", "DATA")
    answer = await _answer(reader)
    for step in steps:
        if answer[:1] != "2":
            return answer
        writer.write(f"{step}\r\n".encode("ascii"))
        answer = await _answer(reader)
    if answer[:3] != "354":
        return answer
    writer.write(re.sub(rb"(?m)^\.", b"..", letter.raw()) + b".\r\n")
    answer = await _answer(reader)
    writer.write(b"QUIT\r\n")
    return answer


async def _answer(reader: asyncio.StreamReader) -> str:
    """The last line of one, such as `250 2.0.0 …`; those before it have a hyphen in the fourth place."""
    while True:
        line = (await reader.readuntil(b"\n")).decode("ascii", "replace").strip()
        if line[3:4] != "-":
            return line


def _arrival(answer: str, where: Endpoint) -> UUID:
    said = "".join(c if c.isprintable() else "?" for c in answer)[:200]
    if answer[:1] != "2":
        raise Refused(f"{where} refused the mail: {said}")
    try:
        return UUID(answer.split()[-1])
    except (ValueError, IndexError):
        raise Refused(f"what takes mail at {where} is no desk of ours: it answered {said}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "the connection was cut"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return type(error).__name__
