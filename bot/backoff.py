"""How long to wait before the next try."""

import random
from datetime import timedelta


def backoff(tries: int, *, first: float, most: float) -> timedelta:
    """Doubles from `first` seconds to at most `most`, less up to a quarter so that many waiting don't come at once."""
    seconds = min(most, first * 2.0 ** min(max(tries - 1, 0), 40))
    return timedelta(seconds=seconds * random.uniform(0.75, 1.0))
