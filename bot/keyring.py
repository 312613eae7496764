"""Signed tokens that name a Thread, in addresses and Message-IDs of ours.

A token is the id of its key, the Thread's UUID and the first 80 bits of an HMAC-SHA256 over both and the purpose: 43
characters of lower-case base32, so that `name+token` stays within the 64 octets that RFC 5321 (4.5.3.1.1) gives a
local part, and survives systems that fold case. A token proves that we made it, never who sent it back.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


class KeysUnusable(Exception):
    """There are no keys to sign with; tokens in mail already sent depend on them."""


ADDRESS = "address"
"""The purpose of tokens in addresses that answers come back to."""

BOUNCE = "bounce"
"""The purpose of tokens that name a Parcel, not a Thread: they come back only with word of its fate."""

TOKEN = re.compile(r"[a-z2-7]{43}")


@dataclass(frozen=True, repr=False)
class KeyRing:
    """Keys by their one-letter ids (a-z, 2-7). The newest signs, all of them verify."""

    keys: Mapping[str, bytes]
    newest: str

    def sign(self, thread: UUID, purpose: str) -> str:
        return self.newest + _text(thread.bytes + self._mac(self.newest, thread.bytes, purpose))

    def verify(self, token: str, purpose: str) -> UUID | None:
        """The Thread that the token names, or None when it is not ours or was made for another purpose."""
        token = token.lower()
        if not TOKEN.fullmatch(token) or token[0] not in self.keys:
            return None
        data = base64.b32decode(token[1:].upper() + "=" * 6)
        if not hmac.compare_digest(data[16:], self._mac(token[0], data[:16], purpose)):
            return None
        return UUID(bytes=data[:16])

    def _mac(self, key: str, thread: bytes, purpose: str) -> bytes:
        return hmac.digest(self.keys[key], f"{key}:{purpose}:".encode() + thread, "sha256")[:10]


def _text(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()
