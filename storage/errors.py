"""What an error of a driver means for those who wait for the database."""

import sqlite3
from enum import Enum
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError

from bot.store import Conflict, StoreBroken, StoreBusy, StoreError, StoreFull


class Verdict(Enum):
    OWN = "the statement's own fault: the rest of the transaction is sound"
    AGAIN = "lost a race against another transaction: run it again"
    LOST = "the connection is gone"
    DENIED = "the file can't be opened, or not for writing"
    BUSY = "not just now"
    FULL = "no room left"
    INPUT_OUTPUT = "the disk failed, or is full and does not say so"
    BROKEN = "the file is damaged"
    OTHER = "none of these: a mistake in the statement"


# https://www.sqlite.org/rescode.html, primary codes; whatever is not here is a mistake of ours.
_SQLITE = {
    sqlite3.SQLITE_CONSTRAINT: Verdict.OWN,
    sqlite3.SQLITE_TOOBIG: Verdict.OWN,
    sqlite3.SQLITE_MISMATCH: Verdict.OWN,
    sqlite3.SQLITE_FULL: Verdict.FULL,
    sqlite3.SQLITE_IOERR: Verdict.INPUT_OUTPUT,
    sqlite3.SQLITE_CORRUPT: Verdict.BROKEN,
    sqlite3.SQLITE_NOTADB: Verdict.BROKEN,
    sqlite3.SQLITE_BUSY: Verdict.BUSY,
    sqlite3.SQLITE_LOCKED: Verdict.BUSY,
    sqlite3.SQLITE_PROTOCOL: Verdict.BUSY,
    sqlite3.SQLITE_NOMEM: Verdict.BUSY,
    sqlite3.SQLITE_INTERRUPT: Verdict.BUSY,
    sqlite3.SQLITE_READONLY: Verdict.DENIED,
    sqlite3.SQLITE_CANTOPEN: Verdict.DENIED,
    sqlite3.SQLITE_PERM: Verdict.DENIED,
    sqlite3.SQLITE_AUTH: Verdict.DENIED,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest prefix wins.
_POSTGRESQL = {
    "22": Verdict.OWN,
    "23": Verdict.OWN,
    "40001": Verdict.AGAIN,
    "40P01": Verdict.AGAIN,
    "55P03": Verdict.AGAIN,
    "08": Verdict.LOST,
    "57P": Verdict.LOST,
    "25006": Verdict.LOST,  # a standby: the primary is elsewhere now
    "25P03": Verdict.LOST,
    "53100": Verdict.FULL,
    "53": Verdict.BUSY,
    "57014": Verdict.BUSY,
    "58": Verdict.BROKEN,
    "XX001": Verdict.BROKEN,
    "XX002": Verdict.BROKEN,
}

# After these the connection is of no more use: lost, or opened when the file could not be written, which it remembers.
USELESS = (Verdict.LOST, Verdict.DENIED)

_DUPLICATE = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
    "23505",
}


def verdict(error: BaseException) -> Verdict:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Verdict.LOST
    code = _code(error)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF, Verdict.OTHER)
    if isinstance(code, str):
        found = [_POSTGRESQL[code[:n]] for n in (5, 3, 2) if code[:n] in _POSTGRESQL]
        return found[0] if found else Verdict.OTHER
    return _without_code(error)


def own_error(error: Exception) -> Exception:
    """What its caller is told when a work fails alone: a unique key that was taken becomes a Conflict."""
    if _code(error) not in _DUPLICATE:
        return error
    conflict = Conflict(f"a unique key was taken in the meantime ({_words(error)})")
    conflict.__cause__ = error
    return conflict


def store_error(error: Exception, place: str, *, room: bool = True) -> Exception:
    """What the callers are told when the transaction failed; `room`: the disk has space left."""
    made = _answer(verdict(error), place, room)
    if made is None:
        return own_error(error)
    kind, text = made
    answer = kind(f"{text} ({_words(error)})")
    answer.__cause__ = error
    return answer


def _answer(found: Verdict, place: str, room: bool) -> tuple[type[StoreError], str] | None:
    if found is Verdict.FULL or (found is Verdict.INPUT_OUTPUT and not room):
        return StoreFull, f"no room left for {place}; nothing was stored: make room, no restart is needed"
    if found in (Verdict.INPUT_OUTPUT, Verdict.BROKEN):
        return StoreBroken, f"{place} failed; nothing more is written: check disk and file, then start again"
    if found is Verdict.DENIED:
        return StoreBusy, f"{place} can't be opened for writing: look at its owner and mode, its folder and its disk"
    if found in (Verdict.AGAIN, Verdict.BUSY, Verdict.LOST):
        return StoreBusy, f"{place} can't be written or read just now; nothing was stored: try again"
    return None


def _without_code(error: BaseException) -> Verdict:
    """Drivers give no code to what they find out themselves: values they can't bind, and a server they can't reach."""
    if not isinstance(error, DBAPIError):
        return Verdict.OTHER
    return Verdict.LOST if isinstance(error, OperationalError) else Verdict.OWN


def _code(error: BaseException) -> int | str | None:
    orig: Any = getattr(error, "orig", error)
    code: int | str | None = getattr(orig, "sqlite_errorcode", None) or getattr(orig, "sqlstate", None)
    return code


def _words(error: BaseException) -> str:
    """The driver's own words, without the statement and without the values: they may be a customer's."""
    orig: Any = getattr(error, "orig", None) or error
    primary = getattr(getattr(orig, "diag", None), "message_primary", None)
    return str(primary or orig).strip() or type(orig).__name__
