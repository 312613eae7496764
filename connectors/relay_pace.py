"""Turns at a relay that takes only so many mails a minute."""

import time
from collections.abc import Callable
from uuid import UUID

# A turn that nobody came for is forgotten after so many seconds.
_KEPT = 600.0


class Pace:
    """Evenly spaced turns, promised in the order in which they were asked for. Who has to wait goes away meanwhile, so
    that mail to other places gets the hands; the turn stays his."""

    def __init__(self, mails_a_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        """0 mails a minute: nobody waits. `now` counts seconds."""
        self._between = 60 / mails_a_minute if mails_a_minute else 0.0
        self._now = now
        self._next = 0.0
        self._promised: dict[UUID, float] = {}

    def wait(self, parcel: UUID) -> float:
        """Seconds until the Parcel's turn; 0: it is now, and is used up by asking."""
        now = self._now()
        turn = self._promised.pop(parcel, None)
        if turn is None:
            turn = max(now, self._next)
            self._next = turn + self._between
        if turn <= now:
            return 0.0
        self._forget_before(now - _KEPT)
        self._promised[parcel] = turn
        return turn - now

    def _forget_before(self, moment: float) -> None:
        while self._promised:
            oldest = next(iter(self._promised))
            if self._promised[oldest] >= moment:
                return
            del self._promised[oldest]
