"""A desk with all that is around it: its database, its relay, its clients, and what they have seen."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString, Self

from tests.crash.checker import check
from tests.crash.desk import Desk
from tests.crash.evidence import Evidence, Row, look
from tests.crash.found import Problem
from tests.crash.history import History, Mail
from tests.crash.mails import CANARY, load
from tests.crash.recorder import send_all
from tests.crash.sink import Sink

# Settings that nothing here uses, so that their values have no business in any log.
SECRETS = {"FIRSTLINE__OPENAI__API_KEY": "sk-canary-5f1d07c2"}
LOAD = 60.0
# The clients of a load begin within so many seconds.
RUSH = 0.4
REST = 40.0
PAUSE = 0.05
# Nothing moves for so long: what is still claimed belongs to nobody, and its lease has to run out.
STANDSTILL = 1.5

JOBS: LiteralString = "SELECT lane, subject, run_at, lease_until FROM job WHERE state = 'waiting' AND lane <> 'chores'"


class Site:
    """Use it as `async with Site(...) as site`; at its end nothing of it is left running."""

    def __init__(self, folder: Path, url: str, chance: random.Random, *, migrated: bool = False) -> None:
        """`migrated`: a PostgreSQL that has its tables already."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.url = url
        self.chance = chance
        self.migrated = migrated or url.startswith("sqlite")
        self.history = History(folder / "history.jsonl")
        self.sink = Sink(self.history)
        self._followed: set[str] = set()

    async def __aenter__(self) -> Self:
        await self.sink.open()
        self.desk = Desk(self.folder, self.url, self.sink.url, SECRETS)
        if not self.migrated:
            await asyncio.to_thread(self.desk.migrate)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            self.desk.end()
        finally:
            await self.sink.close()
            self.history.close()

    # -------------------------------------------------------------- load

    def choose(self, name: str, size: int) -> list[list[Mail]]:
        """The mails of a round; the follow-ups among them answer replies that nobody has answered yet."""
        # A call to Agents answers nobody; what is answered to it is a note, and no customer's word.
        replies = {
            one.message_id: one
            for one in self.history.taken
            if one.in_reply_to and one.message_id not in self._followed
        }
        mails = load(self.chance, name, size, sorted(replies.values(), key=lambda one: one.subject)[:50])
        self._followed |= {mail.answers for clients in mails for mail in clients}
        return mails

    async def send(self, mails: Sequence[Sequence[Mail]]) -> None:
        """Returns when all are acknowledged, through whatever happens to the desk meanwhile."""
        async with asyncio.timeout(LOAD):
            clients = [(self.chance.uniform(0, RUSH), one) for one in mails]
            await send_all(clients, self.desk.listening, self.history)

    # -------------------------------------------------------------- looking at it

    def doubtful(self) -> set[str]:
        """The mails of ours that are on their way to the relay just now, as far as the database knows."""
        with look(self.url) as now:
            sending = now.rows("SELECT reference FROM delivery WHERE state = 'sending' AND reference IS NOT NULL")
            return {row["reference"] for row in sending}

    async def rest(self) -> bool:
        """Wait until everything is worked off, moving the Clock to whatever is due next; False: it never was."""
        waiting = Waiting(self)
        try:
            async with asyncio.timeout(REST):
                while not waiting.is_over():  # noqa: ASYNC110 (a database of another process tells no event)
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            return False
        return True

    async def check(self) -> list[Problem]:
        return await asyncio.to_thread(
            lambda: check(Evidence.of(self.url), self.history, self.desk.words(), [CANARY, *self._secrets()])
        )

    def _secrets(self) -> list[str]:
        keys = self.folder / "var" / "keys"
        ring = [line.split()[-1] for line in keys.read_text().splitlines()] if keys.exists() else []
        password = self.url.partition("://")[2].rpartition("@")[0].partition(":")[2]
        return [*SECRETS.values(), *ring, password]


class Waiting:
    """For a desk to come to rest. While it has something at work the Clock stays where it is."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._last: object = None
        self._since = 0.0

    def is_over(self) -> bool:
        """Raises DeskFailed when the desk has ended by itself."""
        self.site.desk.has_died()
        with look(self.site.url) as now:
            jobs = now.rows(JOBS)
            pauses = now.rows("SELECT channel, until FROM pause")
            owed = now.rows("SELECT id, state FROM delivery WHERE state IN ('pending', 'sending', 'unknown')")
        if not jobs and not owed:
            return True
        state = (jobs, pauses, owed)
        moment = asyncio.get_running_loop().time()
        if state != self._last:
            self._last, self._since = state, moment
        elif moment - self._since > STANDSTILL:
            self._since = moment
            self.site.desk.clock.move(61)
        if not any(job["lease_until"] for job in jobs):
            self._go_on(jobs, pauses)
        return False

    def _go_on(self, jobs: list[Row], pauses: list[Row]) -> None:
        """To the next moment at which something is due, unless something is due already."""
        now = f"{self.site.desk.clock.instant:%Y-%m-%d %H:%M:%S.%f}"
        shut = [pause["until"] for pause in pauses if pause["until"] > now]
        if any(job["run_at"] <= now and not (shut and job["lane"] == "deliver") for job in jobs):
            return
        later = [job["run_at"] for job in jobs if job["run_at"] > now] + shut
        if later:
            self.site.desk.clock.move_to(min(later))
