"""The mail itself, and an honest word about how far it came."""

import asyncio
import re
from typing import cast

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from bot.connector import DeliveryFailed
from connectors.relay_failures import passing, refused, said

_PIECE = 65536


async def send(client: aiosmtplib.SMTP, relay: str, mail: bytes, *, piece: float, verdict: float) -> None:
    """After DATA: returns once the relay has taken the mail. The final dot leaves only when all the rest has: before it
    nothing is in doubt.

    `relay` is its name; `piece` and `verdict` are the seconds for each piece and for the last answer. Raises
    DeliveryFailed.
    """
    protocol, transport = client.protocol, cast(asyncio.WriteTransport | None, client.transport)
    if protocol is None or transport is None:
        raise passing(relay, ConnectionError("the connection was cut before the mail was sent"))
    # Listening from now on: an early refusal is read instead of being taken for nothing.
    answer = asyncio.create_task(protocol.read_response())
    await asyncio.sleep(0)
    try:
        await _send_text(protocol, transport, answer, relay, _stuffed(mail), piece)
        protocol.write(b".\r\n")
    except (aiosmtplib.SMTPException, OSError) as error:
        await _stop(answer)
        raise passing(relay, error) from error
    except BaseException:
        await _stop(answer)
        raise
    await _await_verdict(client, answer, relay, verdict)


async def _send_text(
    protocol: SMTPProtocol,
    transport: asyncio.WriteTransport,
    answer: "asyncio.Task[SMTPResponse]",
    relay: str,
    mail: bytes,
    seconds: float,
) -> None:
    for start in range(0, len(mail), _PIECE):
        protocol.write(mail[start : start + _PIECE])
        async with asyncio.timeout(seconds):
            await _until_sent(transport, answer)
        if answer.done():
            early = answer.result()
            raise refused(relay, early.code, early.message)


async def _until_sent(transport: asyncio.WriteTransport, answer: "asyncio.Task[SMTPResponse]") -> None:
    pause = 0.0
    while transport.get_write_buffer_size() and not answer.done():
        await asyncio.sleep(pause)
        pause = 0.01


async def _await_verdict(
    client: aiosmtplib.SMTP, answer: "asyncio.Task[SMTPResponse]", relay: str, seconds: float
) -> None:
    try:
        verdict = await asyncio.wait_for(answer, seconds)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(
            f"the relay {relay} did not say whether it took the mail: {said(error)}", unknown=True
        ) from error
    if 400 <= verdict.code < 600:
        raise refused(relay, verdict.code, verdict.message)
    if not 200 <= verdict.code < 300:
        raise DeliveryFailed(f"the relay {relay} answered {verdict.code} to the mail's end", unknown=True)
    if client.protocol is not None and client.is_connected:
        client.protocol.write(b"QUIT\r\n")


async def _stop(answer: "asyncio.Task[SMTPResponse]") -> None:
    answer.cancel()
    await asyncio.gather(answer, return_exceptions=True)


def _stuffed(mail: bytes) -> bytes:
    """RFC 5321, section 4.5.2."""
    mail = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", mail)
