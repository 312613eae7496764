"""At every failpoint that one request passes, the desk is killed, or fails: nothing is lost, nothing happens twice."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storage.migrate import upgrade
from tests.crash.checker import is_discreet
from tests.crash.desk import Desk
from tests.crash.found import Problem
from tests.crash.mails import CANARY, question
from tests.crash.site import Site
from tests.databases import Server
from tests.waiting import until

# A desk that starts keeps a core busy for a second; then there is waiting.
AT_ONCE = 4

# Every desk passes these on its way from a mail to the reply; what else there is, a run that counts will tell.
WORKS = ("keep", "claim", "file", "act", "begin", "delivered")
POINTS = {
    *(f"commit.{side}.{work}" for side in ("before", "after") for work in WORKS),
    *("smtp.data", "smtp.kept", "reader.before", "reader.after", "triage.before", "triage.after"),
    *("deliver.before", "relay.send.before", "relay.send.after", "deliver.after"),
}

# On PostgreSQL the works are the same; what differs is how a commit ends.
COMMITS = {
    "commit.before.keep",
    "commit.after.keep",
    "commit.after.act",
    "commit.after.begin",
    "commit.after.delivered",
}

# Between the relay's word and our writing it down: a mail may come once more.
IN_DOUBT = {"relay.send.after", "deliver.after"}

Trial = Callable[[Site, str], Awaitable[list[Problem]]]


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The failpoints between the start of a desk and its rest after one request."""
    folder = tmp_path_factory.mktemp("counted")
    return asyncio.run(_passed(folder))


async def _passed(folder: Path) -> set[str]:
    async with Site(folder, f"sqlite:///{folder}/firstline.db", random.Random(1)) as site:
        await site.desk.start("list:count@1")
        await site.send([[question(site.chance, "counted")]])
        assert await site.rest()
        await site.desk.stop()
        return set(site.desk.passed())


def test_one_request_passes_a_failpoint_around_every_commit_and_outside_call(passed: set[str]) -> None:
    assert passed >= POINTS


@pytest.mark.slow
def test_a_desk_killed_at_any_failpoint_goes_on(passed: set[str], tmp_path: Path) -> None:
    assert asyncio.run(_each(passed, _killed, tmp_path)) == {}


def test_a_failure_at_any_failpoint_is_made_good(tmp_path: Path) -> None:
    assert asyncio.run(_each(POINTS, _failing, tmp_path)) == {}


def test_a_desk_on_postgresql_killed_at_a_commit_goes_on(postgresql_server: Server, tmp_path: Path) -> None:
    assert asyncio.run(_each(COMMITS, _killed, tmp_path, postgresql_server)) == {}


def test_a_commit_of_unknown_end_on_postgresql_is_made_good(postgresql_server: Server, tmp_path: Path) -> None:
    points = {"commit.after.keep", "commit.after.file", "commit.after.act", "commit.after.delivered"}
    assert asyncio.run(_each(points, _failing, tmp_path, postgresql_server)) == {}


async def _each(points: Iterable[str], trial: Trial, folder: Path, server: Server | None = None) -> dict[str, object]:
    """What was wrong, by failpoint."""
    place = asyncio.Semaphore(AT_ONCE)

    async def one(point: str, databases: ExitStack, template: str) -> object:
        async with place:
            home = folder / point
            url = databases.enter_context(server.database(template)) if server else f"sqlite:///{home}/firstline.db"
            async with Site(home, url, random.Random(point), migrated=True) as site:
                return await trial(site, point)

    names = sorted(points)
    with ExitStack() as databases:
        template = _migrated(databases, server) if server else ""
        trials = (one(name, databases, template) for name in names)
        found = await asyncio.gather(*trials, return_exceptions=True)
    return {name: wrong for name, wrong in zip(names, found, strict=True) if wrong}


def _migrated(databases: ExitStack, server: Server) -> str:
    """The name of a database with the tables, to copy."""
    url = databases.enter_context(server.database())
    upgrade(url)
    return urlsplit(url).path.removeprefix("/")


async def _killed(site: Site, point: str) -> list[Problem]:
    await site.desk.start(f"{point}:kill@1")
    load = asyncio.create_task(site.send([[question(site.chance, "asked")]]))
    await until(lambda: not site.desk.is_running, 20, f"the desk reaches {point}")
    await site.desk.gone()
    site.history.fault("killed", site.doubtful())
    await site.desk.start()
    await load
    return await _at_rest(site)


async def _failing(site: Site, point: str) -> list[Problem]:
    await site.desk.start(f"{point}:fail@1")
    await site.send([[question(site.chance, "asked")]])
    assert await site.rest()
    replies = {one.message_id for one in site.history.taken}
    site.history.fault("failed", replies if point in IN_DOUBT else ())
    return await _at_rest(site)


async def _at_rest(site: Site) -> list[Problem]:
    assert await site.rest()
    problems = await site.check()
    assert len({one.message_id for one in site.history.taken}) == 1
    return problems


async def test_the_relays_password_is_in_no_log(tmp_path: Path, sqlite_url: str) -> None:
    """Not even when the relay can't be used, which is told at length."""
    async with Site(tmp_path / "site", sqlite_url, random.Random(1)) as site:
        relay = site.sink.url.replace("smtp://", "smtp://desk:hunter2-hunter2@")
        site.desk = Desk(site.folder, sqlite_url, relay, {})
        await site.desk.start()
        await site.send([[question(site.chance, "asked")]])
        await until(lambda: "not delivered" in site.desk.words(), 10)
        await site.desk.stop()
        assert list(is_discreet(site.desk.words(), ["hunter2", CANARY])) == []
