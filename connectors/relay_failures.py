"""What a relay's refusals and silences mean for the Parcel that it was offered."""

import aiosmtplib

from bot.connector import DeliveryFailed

# RFC 4954 (section 6): what a relay says when it wants a login or TLS first. The settings are wrong, not the mail.
_NOT_LET_IN = (530, 534, 535, 538)


def away(relay: str, error: Exception) -> DeliveryFailed:
    """It could not even be greeted."""
    return DeliveryFailed(f"the relay {relay} is away: {said(error)}", unreachable=True)


def refused(relay: str, code: int, text: str) -> DeliveryFailed:
    """It has answered."""
    reason = f"the relay {relay} answered {code} {one_line(text)}"
    if code == 421 or code in _NOT_LET_IN:
        return DeliveryFailed(reason, unreachable=True)
    return DeliveryFailed(reason, permanent=500 <= code < 600)


def passing(relay: str, error: Exception) -> DeliveryFailed:
    """It surely did not take the mail."""
    return DeliveryFailed(f"the relay {relay} failed before it had the whole mail: {said(error)}")


def said(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {one_line(error.message)}"
    return one_line(str(error)) or type(error).__name__


def one_line(text: str) -> str:
    """What the other side said, short and fit for a log."""
    return " ".join(text.encode("ascii", "replace").decode().split())[:200]
