"""Whose messages are kept and nothing more: an address, or `@domain` with all that is under it."""

import re
from dataclasses import dataclass
from datetime import datetime

LONGEST = 320

_PATTERN = re.compile(r"[^\s@<>\"(),;:]*@[^\s@<>\"(),;:.]+(?:\.[^\s@<>\"(),;:.]+)*")


class NoPattern(ValueError):
    """Neither an address nor a domain that could be blocked."""


@dataclass(frozen=True, slots=True)
class Block:
    pattern: str
    reason: str
    by: str
    at: datetime


def pattern(text: str) -> str:
    """As it is stored. Raises NoPattern."""
    wanted = text.strip().lower()
    if len(wanted) > LONGEST or not wanted.isprintable() or not _PATTERN.fullmatch(wanted):
        raise NoPattern(f"{text!r} is neither an address (ann@example.org) nor a domain (@example.org)")
    if wanted.startswith("@") and "." not in wanted:
        raise NoPattern(f"{text!r} would block everybody under a top-level domain; name a domain such as @example.org")
    return wanted


def patterns_for(address: str) -> tuple[str, ...]:
    """All that would block this address."""
    _, _, domain = address.lower().rpartition("@")
    labels = domain.split(".")
    return (address.lower(), *("@" + ".".join(labels[at:]) for at in range(len(labels))))


def blocks(pattern: str, address: str) -> bool:
    return pattern in patterns_for(address)
