"""The Date of a mail, for show. Nothing is ordered by it: it is whatever the sender's clock, or the sender, said."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 128
FIRST, LAST = 1970, 2100


def sent_at(text: str) -> datetime | None:
    """In UTC; None when it is no date (RFC 5322, section 3.3, and what is near it) or none that can be meant."""
    if not text or len(text) > LONGEST:
        return None
    try:
        found = parsedate_to_datetime(text)
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if FIRST < found.year < LAST else None
