"""Our marks in mail: plus-addresses and Message-IDs that carry a signed Thread token (bot/keyring.py)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from bot.keyring import ADDRESS, BOUNCE

__all__ = ["ADDRESS", "BOUNCE", "MESSAGE_ID", "Ours"]

MESSAGE_ID = "message-id"

LOOP_HEADER = "X-Firstline-Loop"
"""In what the desk says by itself, so that no desk answers it."""

_OURS = re.compile(r"fl\.[0-9a-f]{32}\.([a-z2-7]{43})@[^@\s]+")
_PLUS = re.compile(r".+\+([a-z2-7]{43})")


# "[#1042]", "Ticket 1042", "Anfrage Nr. 1042": after a mark, since a bare number in a subject is mostly another's.
_NUMBER = re.compile(
    r"(?:\#|(?<![\w-])(?:ticket|case|request|anfrage|vorgang|demande|dossier|caso|solicitud|consulta|referencia)s?"
    r"[\s:]{0,3}(?:nr|no|num|id)?[\s.:°º]{0,3}\#?)\s?([0-9]{1,9})(?!\w)|\[([0-9]{1,9})\]",
    re.IGNORECASE,
)
NUMBERS = 5


@dataclass(frozen=True)
class Ours:
    """Addresses of the desk: all at its domains, and single ones elsewhere. In lower case, those without tags."""

    domains: frozenset[str]
    addresses: frozenset[str] = frozenset()

    def __contains__(self, address: object) -> bool:
        local, _, domain = str(address).lower().rpartition("@")
        return domain in self.domains or f"{local.partition('+')[0]}@{domain}" in self.addresses


def ticket_numbers(subject: str) -> tuple[int, ...]:
    """The Tickets that a subject names. They are for people and open nothing by themselves."""
    found = (int(match[1] or match[2]) for match in _NUMBER.finditer(subject[:500]))
    return tuple(dict.fromkeys(found))[:NUMBERS]


def reply_address(mailbox: str, token: str) -> str:
    """`support@example.org` → `support+token@example.org`; a tag already there is replaced."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local.partition('+')[0]}+{token}@{domain}"


def message_id(parcel: UUID, token: str, domain: str) -> str:
    """Without angle brackets; the same parcel always gets the same."""
    return f"fl.{parcel.hex}.{token}@{domain}"


def tokens_in_addresses(addresses: Iterable[str], ours: Ours) -> list[tuple[str, str]]:
    """(purpose, token) of each address of ours that has one, not yet verified: which purpose it has shows then."""
    found = []
    for address in addresses:
        match = _PLUS.fullmatch(address.lower().rpartition("@")[0])
        if match and address in ours:
            found += [(ADDRESS, match[1]), (BOUNCE, match[1])]
    return found


def tokens_in_message_ids(ids: Iterable[str]) -> list[tuple[str, str]]:
    """(purpose, token) of each Message-ID that has the form of ours, not yet verified."""
    return [(MESSAGE_ID, match[1]) for one in ids if (match := _OURS.fullmatch(one.lower()))]
