"""Reading what follows DATA: in large pieces, with the end found by exactly one sequence.

aiosmtpd awaits each line; reading in bulk saves it a quarter to a half of the CPU, and needs no limit to a line.
"""

import asyncio
from typing import NamedTuple

from connectors.smtp_limits import Hold, SmtpLimits

# Anything looser lets one mail pass for two: https://www.cve.org/CVERecord?id=CVE-2024-27305
_END = b"\r\n.\r\n"
_PATIENCE = 10
_MORE_THAN_A_READER_BUFFERS = 2**24


class Incoming(NamedTuple):
    """The mail as sent, or why it is refused; `ahead` is what the client sent after the end already."""

    raw: bytes = b""
    refusal: str = ""
    ahead: bytes = b""


async def read_data(
    reader: asyncio.StreamReader, ahead: bytes, *, limits: SmtpLimits, hold: Hold, ends_at: float
) -> Incoming:
    """Raises TimeoutError when the client is too slow, EOFError when it has gone."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    data = bytearray(b"\r\n")  # the end of the DATA command itself, as the dot may stand in the first line
    received, refusal, chunk = 0, "", ahead
    while True:
        looked = max(0, len(data) - len(_END) + 1)
        data += chunk
        received += len(chunk)
        end = data.find(_END, looked)
        size = end if end >= 0 else received - len(_END)
        refusal = refusal or _refusal(size, len(chunk), limits, hold)
        if end >= 0:
            beyond = bytes(data[end + len(_END) :])
            return Incoming(b"" if refusal else _plain(data, end), refusal, beyond)
        if refusal:
            del data[: 1 - len(_END)]
            hold.give_back()
        if size > _PATIENCE * limits.size:
            raise TimeoutError("the client does not stop sending")
        by = min(ends_at, loop.time() + limits.idle, started + limits.grace + received / limits.bytes_per_second)
        async with asyncio.timeout_at(by):
            chunk = await reader.read(_MORE_THAN_A_READER_BUFFERS)
        if not chunk:
            raise EOFError("the client left in the middle of a mail")


def _refusal(size: int, more: int, limits: SmtpLimits, hold: Hold) -> str:
    if size > limits.size:
        return f"552 5.3.4 the mail is larger than {limits.size} bytes"
    if not hold.take(more):
        return "452 4.3.1 too much mail at once, try again later"
    return ""


def _plain(data: bytearray, end: int) -> bytes:
    """Without the dots that SMTP adds (RFC 5321, section 4.5.2)."""
    del data[end + 2 :]
    if b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n")
    return bytes(memoryview(data)[2:])
