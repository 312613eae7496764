"""Our marks in mail: plus-addresses and Message-IDs that carry a signed Thread token (bot/keyring.py)."""

import re
from collections.abc import Collection, Iterable
from uuid import UUID

ADDRESS = "address"
MESSAGE_ID = "message-id"

_OURS = re.compile(r"fl\.[0-9a-f]{32}\.([a-z2-7]{43})@[^@\s]+")
_PLUS = re.compile(r".+\+([a-z2-7]{43})")


def reply_address(mailbox: str, token: str) -> str:
    """`support@example.org` → `support+token@example.org`; a tag already there is replaced."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local.partition('+')[0]}+{token}@{domain}"


def message_id(parcel: UUID, token: str, domain: str) -> str:
    """Without angle brackets; the same parcel always gets the same."""
    return f"fl.{parcel.hex}.{token}@{domain}"


def tokens_in_addresses(addresses: Iterable[str], domains: Collection[str]) -> list[tuple[str, str]]:
    """(purpose, token) of each address of ours that has one, not yet verified."""
    found = []
    for address in addresses:
        local, _, domain = address.lower().rpartition("@")
        match = _PLUS.fullmatch(local)
        if match and domain in domains:
            found.append((ADDRESS, match[1]))
    return found


def tokens_in_message_ids(ids: Iterable[str]) -> list[tuple[str, str]]:
    """(purpose, token) of each Message-ID that has the form of ours, not yet verified."""
    return [(MESSAGE_ID, match[1]) for one in ids if (match := _OURS.fullmatch(one.lower()))]
