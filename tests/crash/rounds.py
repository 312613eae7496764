"""Rounds of start, load, one fault, restart, drain, check; the same seed makes the same choices."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import faults
from tests.crash.checker import resent_in_doubt
from tests.crash.desk import DeskFailed
from tests.crash.faults import Fault, Situation
from tests.crash.found import COUNTS, UNFINISHED, Problem
from tests.crash.postgres import CrashableCluster
from tests.crash.recorder import Refused
from tests.crash.site import Site
from tests.databases import Server

SIZE = 12
# A database is used for so many rounds; looking through it takes longer and longer.
ROUNDS_OF_A_SITE = 25


@dataclass
class Tally:
    """What came of all rounds."""

    rounds: int = 0
    crashes: int = 0
    acknowledged: int = 0
    resent_in_doubt: int = 0
    doubtful: int = 0
    """How often a fault met a mail of ours on its way: as many may be resent."""
    problems: list[Problem] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        found = Counter(problem.count for problem in self.problems)
        return {name: found[name] for name in COUNTS}


class Rounds:
    """Of one database. `advanced` is called after each round."""

    def __init__(
        self,
        folder: Path,
        seed: str,
        tally: Tally,
        advanced: Callable[[], None],
        server: Server | None = None,
        cluster: CrashableCluster | None = None,
    ) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.tally = tally
        self.advanced = advanced
        self.server = server
        self.cluster = cluster
        self.failpoints: dict[str, int] = {}

    async def run(self, rounds: int) -> None:
        """A new site every so many rounds, and after each round with a problem."""
        done = 0
        while done < rounds:
            done += await self._on_one_site(f"site-{done}", min(rounds - done, ROUNDS_OF_A_SITE))

    async def _on_one_site(self, name: str, rounds: int) -> int:
        async with AsyncExitStack() as stack:
            folder = self.folder / name
            url = stack.enter_context(self.server.database()) if self.server else f"sqlite:///{folder}/firstline.db"
            site = await stack.enter_async_context(Site(folder, url, self.chance))
            if not self.failpoints:
                self.failpoints = await count_failpoints(site)
            problems: list[Problem] = []
            done = 0
            while done < rounds and not problems:
                problems = await self._round(site, done)
                done += 1
                self.tally.rounds += 1
                self.advanced()
            self.tally.acknowledged += len({one.key for one in site.history.acknowledged})
            self.tally.resent_in_doubt += resent_in_doubt(site.history)
            self.tally.doubtful += sum(len(fault.doubtful) for fault in site.history.faults)
            self.tally.problems += problems
            (folder / "problems").write_text("".join(f"{p.count}: {p.what}\n" for p in problems))
        return done

    async def _round(self, site: Site, number: int) -> list[Problem]:
        fault, failpoint = self._choose()
        name = f"{fault.__name__} {failpoint or ''}".strip()
        self.tally.faults[fault.__name__] += 1
        site.history.note("round", number=number, fault=name)
        try:
            await self._happens(site, number, fault, failpoint)
            rested = await site.rest()
        except (DeskFailed, Refused, TimeoutError, AssertionError, ExceptionGroup) as failed:
            return [Problem(UNFINISHED, f"round {number}, {name}: {failed!r}"), *await site.check()]
        problems = await site.check()
        if not rested and not problems:
            problems = [Problem(UNFINISHED, f"round {number}, {name}: the desk does not come to rest")]
        return [Problem(problem.count, f"round {number}, {name}: {problem.what}") for problem in problems]

    async def _happens(self, site: Site, number: int, fault: Fault, failpoint: str | None) -> None:
        desk = site.desk
        if failpoint and desk.is_running:
            await desk.stop()
        if not desk.is_running:
            await desk.start(failpoint)
        load = asyncio.create_task(site.send(site.choose(f"r{number}", SIZE)))
        try:
            await fault(Situation(site, load, self.cluster))
            if not desk.is_running:
                self.tally.crashes += fault is not faults.asked_to_stop
                await desk.start()
            await load
        finally:
            load.cancel()
            await asyncio.gather(load, return_exceptions=True)

    def _choose(self) -> tuple[Fault, str | None]:
        known = dict(faults.ANYWHERE)
        if self.server:
            known |= faults.ON_A_SERVER
        if self.cluster:
            known |= faults.ON_OUR_SERVER
        (fault,) = self.chance.choices(list(known), list(known.values()))
        if fault is not faults.failpoint_reached:
            return fault, None
        # Those passed only at the start would otherwise be chosen as often as all others.
        names = sorted(self.failpoints)
        (name,) = self.chance.choices(names, [min(5, self.failpoints[one]) for one in names])
        return fault, f"{name}:kill@{self.chance.randint(1, max(1, self.failpoints[name] // 2))}"


async def count_failpoints(site: Site) -> dict[str, int]:
    """How often each is passed under the load of a round."""
    await site.desk.start("list:count@1")
    await site.send(site.choose("counted", SIZE))
    await site.rest()
    await site.desk.stop()
    return site.desk.passed()
