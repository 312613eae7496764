"""Who sends very much waits for those who don't: what comes beyond a burst is due later, and others come in between."""

import time
from collections.abc import Callable
from datetime import timedelta

BURST = 100
A_SECOND = 25.0
"""Below what a desk reads, so that there is room beside a flood."""

MOST_SENDERS = 10_000


class Turns:
    """A sender's burst is due at once; what comes beyond it is due at a pace. Of this process alone: it is a courtesy
    between senders, and costs nobody a promise. `now` is monotonic."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        # When the sender's mails so far would have come at the pace.
        self._paced: dict[tuple[str, str], float] = {}

    def wait(self, channel: str, sender: str) -> timedelta:
        """How long one more message of this sender may wait to be read."""
        now = self._now()
        if len(self._paced) >= MOST_SENDERS:
            self._forget(now)
        paced = max(self._paced.get((channel, sender), now), now) + 1 / A_SECOND
        self._paced[channel, sender] = paced
        return timedelta(seconds=max(0.0, paced - now - BURST / A_SECOND))

    def _forget(self, now: float) -> None:
        """Those who have caught up; if nobody has, everybody: then there is no sender who floods alone."""
        self._paced = {key: paced for key, paced in self._paced.items() if paced > now}
        if len(self._paced) >= MOST_SENDERS:
            self._paced.clear()
