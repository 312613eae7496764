"""python -m tests.crash --rounds 200 --seed 7 --database both: what `make crash` runs."""

import argparse
import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.crash.postgres import crashable_postgresql
from tests.crash.rounds import Rounds, Tally
from tests.databases import NoServer


def main() -> int:
    asked = _asked()
    folder = Path(tempfile.mkdtemp(prefix="firstline-crash-"))
    began = time.monotonic()
    try:
        tally = asyncio.run(_run(folder, asked))
    except NoServer as missing:
        print(missing, file=sys.stderr)
        shutil.rmtree(folder)
        return 3
    except (KeyboardInterrupt, asyncio.CancelledError):
        print(f"stopped; what there is: {folder}", file=sys.stderr)
        return 130
    _report(tally, folder, asked.keep)
    facts = {"rounds": tally.rounds, "crashes": tally.crashes, "acknowledged": tally.acknowledged}
    facts |= tally.counts() | {"resent_in_doubt": tally.resent_in_doubt, "doubtful": tally.doubtful}
    print(json.dumps({**facts, "seed": asked.seed, "seconds": round(time.monotonic() - began, 1)}))
    return 1 if tally.problems else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description="Crash a desk again and again.")
    parser.add_argument("--rounds", type=int, default=20, help="of all databases together")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="the same seed, the same choices")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.add_argument("--keep", action="store_true", help="keep databases, logs and histories even if all is well")
    asked = parser.parse_args()
    if asked.rounds < 1:
        parser.error("--rounds must be at least 1")
    return asked


async def _run(folder: Path, asked: argparse.Namespace) -> Tally:
    """Both databases side by side: a desk that starts leaves a core to the other."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    databases = ["sqlite", "postgresql"] if asked.database == "both" else [asked.database]
    tally = Tally()
    async with AsyncExitStack() as stack:
        advanced = _progress(stack, asked.rounds)
        server, cluster = stack.enter_context(crashable_postgresql()) if "postgresql" in databases else (None, None)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for number, name in enumerate(databases):
            share = (asked.rounds + number) // len(databases)
            where = (server, cluster) if name == "postgresql" else (None, None)
            rounds = Rounds(folder / name, f"{asked.seed} {name}", tally, advanced, *where)
            group.create_task(rounds.run(share))
    return tally


def _progress(stack: AsyncExitStack, rounds: int) -> Callable[[], None]:
    console = Console(stderr=True)
    columns = (TextColumn("crash"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = stack.enter_context(Progress(*columns, console=console, disable=not console.is_terminal))
    task = bar.add_task("crash", total=rounds)
    done = 0

    def advanced() -> None:
        nonlocal done
        done += 1
        bar.advance(task)
        if not console.is_terminal and (done % 20 == 0 or done == rounds):
            print(f"{done} of {rounds} rounds", file=sys.stderr, flush=True)

    return advanced


def _report(tally: Tally, folder: Path, keep: bool) -> None:
    faults = ", ".join(f"{name} {number}" for name, number in tally.faults.most_common())
    print(f"faults: {faults}", file=sys.stderr)
    for problem in tally.problems:
        print(f"{problem.count}: {problem.what}", file=sys.stderr)
    if tally.problems or keep:
        print(f"databases, logs and histories are in {folder}", file=sys.stderr)
        return
    with suppress(OSError):
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
