"""Leaving a model that fails alone for a while: it recovers sooner, and requests don't wait for it in vain."""

import time
from collections.abc import Callable
from enum import StrEnum


class BreakerState(StrEnum):
    CLOSED = "closed"
    """Calls go through."""
    OPEN = "open"
    """Nobody calls."""
    HALF_OPEN = "half open"
    """One call is under way to see whether the model is back."""


class Breaker:
    """Opens after FAILURES in a row; a probe is let through after FIRST_WAIT seconds, doubling to LONGEST_WAIT.

    Whoever was allowed to call says what came of it, by exactly one of `succeeded`, `failed` and `skipped`.
    """

    FAILURES = 5
    FIRST_WAIT = 30.0
    LONGEST_WAIT = 300.0

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.state = BreakerState.CLOSED
        self.open_since: float | None = None
        """On the monotonic clock; None when closed. A probe that fails doesn't change it."""
        self._now = now
        self._failures = 0
        self._wait = self.FIRST_WAIT
        self._probe_at = 0.0

    def allows(self) -> bool:
        """Whether to call. True makes the caller the probe, if the breaker was open."""
        if self.state is BreakerState.CLOSED:
            return True
        if self.state is BreakerState.HALF_OPEN or self._now() < self._probe_at:
            return False
        self.state = BreakerState.HALF_OPEN
        return True

    def succeeded(self) -> None:
        self.state = BreakerState.CLOSED
        self.open_since = None
        self._failures = 0
        self._wait = self.FIRST_WAIT

    def failed(self, *, at_once: bool = False) -> None:
        """`at_once`: no further try could go better."""
        self._failures += 1
        if self.state is BreakerState.HALF_OPEN:
            self._wait = min(2 * self._wait, self.LONGEST_WAIT)
            self._open()
        elif self.state is BreakerState.CLOSED and (at_once or self._failures >= self.FAILURES):
            self._open()

    def skipped(self) -> None:
        """The call was not made, or nothing can be learnt from its end."""
        if self.state is BreakerState.HALF_OPEN:
            self.state = BreakerState.OPEN

    def _open(self) -> None:
        self.state = BreakerState.OPEN
        self._probe_at = self._now() + self._wait
        if self.open_since is None:
            self.open_since = self._now()
