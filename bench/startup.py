"""From the command to the line that says ready: the first time, with nothing in memory or on disk yet, and again."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.figure import Figure
from bench.place import SQLITE, Place, progress

RUNS = 3
ROOT = Path(__file__).parents[1]
# What a start reads. Other folders of the clone are none of its business.
READ = (Path(sys.prefix), *(ROOT / name for name in ("bot", "config", "connectors", "prompts", "storage")))


def startup(place: Place) -> Iterator[Figure]:
    cold: list[float] = []
    warm: list[float] = []
    for run in range(RUNS):
        with place.desk(SQLITE, "--trial") as desk:
            _forget()
            for starts in (cold, warm):
                desk.start()
                starts.append(desk.seconds)
                desk.stop()
        progress(f"startup, run {run + 1}: cold {cold[-1]:.2f} s, warm {warm[-1]:.2f} s")
    yield Figure("startup-cold", "s", SQLITE, cold)
    yield Figure("startup-warm", "s", SQLITE, warm)


def _forget() -> None:
    """Ask the system to drop these files from its cache; what another process has mapped stays (posix_fadvise(2))."""
    for folder in READ:
        for file in folder.rglob("*"):
            with suppress(OSError):
                if file.is_file():
                    _drop(file)


def _drop(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
