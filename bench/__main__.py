"""python -m bench [--only NAME]: take the figures, and write them to bench/results."""

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.accept import accept
from bench.figure import Figure
from bench.idle import idle
from bench.imap import imap
from bench.machine import machine, versions
from bench.picture import draw
from bench.place import Place, progress
from bench.startup import startup
from bench.walk import walk

RESULTS = Path(__file__).with_name("results")

GROUPS: Mapping[str, tuple[str, Callable[[Place], Iterator[Figure]]]] = {
    "startup": ("From the command to ready", startup),
    "accept": ("Taking mail over SMTP: mails of 10 kB, 20 connections", accept),
    "imap": ("Fetching a mailbox over IMAP: mails of 10 kB, from Dovecot on the same machine", imap),
    "walk": ("From kept to delivered, through all five steps", walk),
    "idle": ("With nothing to do", idle),
}


def main() -> int:
    """0: all figures were taken; 1: some could not be."""
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--only", choices=sorted(GROUPS), metavar="NAME", help="; ".join(sorted(GROUPS)))
    only = asked.parse_args().only
    # TMPDIR chooses the disk.
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as folder, Place(Path(folder)) as place:
        here = {"machine": machine(place), "versions": versions()}
        taken = {name: _take(name, place) for name in GROUPS if only in (None, name)}
    _write(here, {name: figures for name, figures in taken.items() if figures})
    return 0 if all(taken.values()) else 1


def _take(name: str, place: Place) -> list[Figure]:
    """Nothing when one of the group can't be taken; the other groups still are."""
    try:
        figures = list(GROUPS[name][1](place))
    except Exception:
        traceback.print_exc()
        progress(f"{name} could not be measured")
        return []
    for figure in figures:
        progress(str(figure))
    return figures


def _write(here: Mapping[str, Any], taken: Mapping[str, Sequence[Figure]]) -> None:
    RESULTS.mkdir(exist_ok=True)
    found = {**here, "figures": [figure.as_object() for figures in taken.values() for figure in figures]}
    (RESULTS / "latest.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    for name, figures in taken.items():
        below = _below(here["machine"], figures)
        (RESULTS / f"{name}.svg").write_text(draw(GROUPS[name][0], below, figures), encoding="utf-8")
    progress(f"written to {RESULTS}")


def _below(on: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    runs = min(len(figure.runs) for figure in figures)
    return f"median of {runs} runs (least–most) · {on['cores']} cores, {on['cpu']} · a sync takes {on['sync_ms']:g} ms"


if __name__ == "__main__":
    sys.exit(main())
