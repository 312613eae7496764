"""Ids of everything the desk keeps."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7); within this process each is greater than the one before."""
    global _last
    with _lock:
        # Milliseconds and 12 bits of their fraction, counted up when the clock has not moved (method 3 of section 6.2).
        _last = max(_last + 1, time.time_ns() * 4096 // 1_000_000)
        tick = _last
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62
    return UUID(int=value | int.from_bytes(os.urandom(8), "big") >> 2)
