"""Whose turn it is to be posted: Slack takes about one message a second in a channel."""

import time
from collections.abc import Callable
from uuid import UUID

from connectors.relay_pace import Pace

A_MINUTE = 60
MOST_CHANNELS = 10_000


class Turns:
    """`now` counts seconds. Of this process alone: where several post, Slack itself has the last word."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._paces: dict[str, Pace] = {}
        self._held: dict[str, float] = {}

    def wait(self, channel: str, parcel: UUID) -> float:
        """Seconds until the Parcel's turn; 0: it is now, and is used up by asking."""
        held = self._held.get(channel, 0.0) - self._now()
        if held > 0:
            return held
        self._held.pop(channel, None)
        if len(self._paces) >= MOST_CHANNELS and channel not in self._paces:
            self._paces.clear()
        return self._paces.setdefault(channel, Pace(A_MINUTE, self._now)).wait(parcel)

    def hold(self, channel: str, seconds: float) -> None:
        """Slack wants silence there: others need not try it."""
        self._held[channel] = self._now() + seconds
