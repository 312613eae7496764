"""An instant that somebody names on the command line: a while from now, or a day, or a day and an hour."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from config.errors import WrongUse

FORMS = "30m, 4h, 3d, 2w, 2026-03-06 or 2026-03-06T09:30 (of this machine's time zone, unless it names another)"

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WHILE = re.compile(r"([0-9]{1,4})([mhdw])")


def until(text: str) -> Callable[[datetime], datetime]:
    """Which instant it is, once one knows what time it is now. Raises WrongUse."""
    if found := _WHILE.fullmatch(text):
        length = timedelta(**{_UNITS[found[2]]: int(found[1])})
        return lambda now: now + length
    named = _instant(text)
    return lambda now: named


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise WrongUse(f"{text!r} is no time; write {FORMS}") from error
