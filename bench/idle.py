"""What a desk takes that has nothing to do: as `make run` starts it, and with a model set up."""

import time
from collections.abc import Iterator

from bench.desk import Desk
from bench.figure import Figure
from bench.place import SQLITE, Place, progress

RUNS = 3
SECONDS = 20.0
# What a start leaves behind is over by then: the checkpoint of its first commits comes after 5 seconds.
SETTLED = 8.0

# Nobody listens there, and nothing is asked while no mail comes.
MODEL = {
    "TRIAGE__TRIAGER": "openai",
    "OPENAI__BASE_URL": "http://127.0.0.1:9/v1",
    "OPENAI__MODEL": "none",
    "OPENAI__API_KEY": "none",
}


def idle(place: Place) -> Iterator[Figure]:
    for name, settings in (("idle", {}), ("idle-model", MODEL)):
        with place.desk(SQLITE, "--trial", **settings) as desk:
            desk.start()
            time.sleep(SETTLED)
            runs = []
            for run in range(RUNS):
                runs.append(_taken(desk))
                progress(f"{name}, run {run + 1}: {runs[-1][0]:.0f} MB, {runs[-1][1]:.2f} % of a core")
            desk.stop()
        yield Figure(f"{name}-memory", "MB", SQLITE, [memory for memory, _ in runs])
        yield Figure(f"{name}-cpu", "% of a core", SQLITE, [cpu for _, cpu in runs])


def _taken(desk: Desk) -> tuple[float, float]:
    before, began = desk.cpu(), time.monotonic()
    time.sleep(SECONDS)
    return desk.memory(), 100 * (desk.cpu() - before) / (time.monotonic() - began)
