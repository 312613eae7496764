"""The whole walk: kept, read, decided at once, acted on and delivered as a file.

How many a second is measured on a heap of mail; how long one takes, on a quiet stream of them, where none waits for
another.
"""

import time
from collections.abc import Iterator
from datetime import datetime

from bench.desk import Desk, DeskFailed
from bench.figure import Figure, percentile
from bench.place import POSTGRESQL, SQLITE, Place, progress
from bench.sending import send, ways

RUNS = 3
HEAP = 200
STREAM, RATE = 60, 10.0
LONGEST = 60.0
# The times are the database's: to look seldom disturbs nothing.
STEP = 0.5


def walk(place: Place) -> Iterator[Figure]:
    for database in (SQLITE, POSTGRESQL):
        rates, halves, latest = [], [], []
        for run in range(RUNS):
            with place.desk(database, TRIAGE__TRIAGER="instant", TRIAGE__LEVEL="automatic") as desk:
                desk.start()
                send(desk, STREAM, rate=RATE)
                stream = _delivered(desk, STREAM)
                send(desk, HEAP)
                heap = sorted(_delivered(desk, STREAM + HEAP))[STREAM:]
                desk.stop()
            rates.append(HEAP / (max(end for _, end in heap) - heap[0][0]).total_seconds())
            took = [1000 * (end - begin).total_seconds() for begin, end in stream]
            halves.append(percentile(took, 0.5))
            latest.append(percentile(took, 0.99))
            progress(f"walk, {database}, run {run + 1}: {rates[-1]:.0f} mails/s, {halves[-1]:.0f} ms")
        yield Figure("walk", "mails/s", database, rates)
        yield Figure("walk-p50", "ms", database, halves)
        yield Figure("walk-p99", "ms", database, latest)


def _delivered(desk: Desk, mails: int) -> list[tuple[datetime, datetime]]:
    """Waits until so many have got a reply."""
    end = time.monotonic() + LONGEST
    while len(found := ways(desk.url)) < mails:
        if time.monotonic() > end:
            raise DeskFailed(f"of {mails} mails only {len(found)} were answered within {LONGEST:g} s")
        time.sleep(STEP)
    return found
