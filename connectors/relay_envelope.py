"""MAIL, RCPT and DATA: who gets the mail, settled before it is sent."""

import aiosmtplib

from bot.connector import DeliveryFailed
from connectors.mail.out import Envelope
from connectors.relay_failures import one_line, passing, refused

_NO_SUCH_LETTERS = "takes no addresses with letters other than ASCII's (SMTPUTF8)"


async def begin(client: aiosmtplib.SMTP, relay: str, envelope: Envelope, size: int, seconds: float) -> tuple[str, ...]:
    """Up to where the mail, of so many bytes, may be sent. Returns a line for each copy that was refused: that one is
    lost, the others aren't.

    `relay` is its name, `seconds` how long each answer may take. Raises DeliveryFailed.
    """
    _check(client, relay, envelope, size)
    try:
        await client.mail(envelope.sender, options=_options(client, envelope, size), timeout=seconds)
        await client.rcpt(envelope.recipient, encoding="utf-8", timeout=seconds)
        lost = [line for copy in envelope.copies if (line := await _copy(client, copy, seconds))]
        answer = await client.execute_command(b"DATA", timeout=seconds)
    except aiosmtplib.SMTPResponseException as error:
        raise refused(relay, error.code, error.message) from error
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise passing(relay, error) from error
    if answer.code != 354:
        raise refused(relay, answer.code, answer.message)
    return tuple(lost)


def _check(client: aiosmtplib.SMTP, relay: str, envelope: Envelope, size: int) -> None:
    """What it said in its greeting that it can't do, it isn't asked for."""
    limit = _size_limit(client)
    if limit and size > limit:
        raise DeliveryFailed(
            f"the mail has {size} bytes and the relay {relay} takes at most {limit}; send less", permanent=True
        )
    if not envelope.recipient.isascii() and not client.supports_extension("smtputf8"):
        raise DeliveryFailed(f"the relay {relay} {_NO_SUCH_LETTERS}", permanent=True)


def _size_limit(client: aiosmtplib.SMTP) -> int:
    """Bytes; 0: it named none (RFC 1870, section 4)."""
    limit = client.esmtp_extensions.get("size", "")
    return int(limit) if limit.isascii() and limit.isdigit() and len(limit) <= 20 else 0


def _options(client: aiosmtplib.SMTP, envelope: Envelope, size: int) -> list[str]:
    foreign = not all(one.isascii() for one in (envelope.recipient, *envelope.copies))
    wanted = {"size": f"SIZE={size}"} | ({"smtputf8": "SMTPUTF8"} if foreign else {})
    return [option for name, option in wanted.items() if client.supports_extension(name)]


async def _copy(client: aiosmtplib.SMTP, address: str, seconds: float) -> str:
    """Why it won't arrive; empty when it was taken. It isn't tried again, or all others would get theirs twice."""
    if not address.isascii() and not client.supports_extension("smtputf8"):
        return f"{address}: the relay {_NO_SUCH_LETTERS}"
    try:
        await client.rcpt(address, encoding="utf-8", timeout=seconds)
    except aiosmtplib.SMTPRecipientRefused as error:
        if error.code == 421:  # it hangs up, on everybody
            raise
        return f"{address}: {error.code} {one_line(error.message)}"
    return ""
