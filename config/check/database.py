"""The database and the clock that it is written by."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.store import StoreError
from config.check.files import nearest, sqlite
from config.check.finding import Finding, Problem, Scene, found
from config.database_file import DatabaseFile
from config.settings import Settings
from storage.migrate import State
from storage.probe import begin_to_write, damage

REACH = "start the server, or correct DATABASE__URL"
MIGRATE = "run `firstline migrate`"

# What hosts may differ by: leases are a minute.
APART = timedelta(seconds=10)
LATER = timedelta(minutes=1)
SYNCHRONISE = "let the host follow a time server (systemd-timesyncd, chrony)"


async def database(scene: Scene) -> Finding:
    base, url = scene.base, scene.settings.database.url
    if base.error:
        return found(Problem(base.error, REACH if sqlite(url) is None else "look at the file's owner, mode and disk"))
    if wrong := schema(base.state, server=sqlite(url) is None):
        return found(wrong)
    problems = [await asyncio.to_thread(_writable, scene.settings)]
    if scene.thorough:
        problems.append(await asyncio.to_thread(_sound, url))
    return found(*problems, note=_note(scene))


def schema(state: State | None, *, server: bool) -> Problem | None:
    """On SQLite `serve` brings it up to date by itself."""
    if state is State.FUTURE:
        return Problem("its schema is newer than this version", "run the newer version, or restore a backup")
    if server and state is State.EMPTY:
        return Problem("it has no schema yet", MIGRATE)
    if server and state is State.BEHIND:
        return Problem("its schema is older than this version", MIGRATE)
    return None


async def clock(scene: Scene) -> Finding:
    host = datetime.now(UTC)

    def later(asked: datetime) -> UUID:
        """The first id that can have been given after the instant: UUIDv7 begins with its milliseconds."""
        return UUID(int=int(asked.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)

    rows = await scene.read(lambda look: look.arrivals.since(later(host + LATER), state=None, limit=1))
    theirs = None
    if sqlite(scene.settings.database.url) is None:
        theirs = await scene.read(lambda look: look.now)
    note = "FIRSTLINE_CLOCK is set: for tests only" if scene.settings.testing.clock else ""
    return found(*clocks(host, theirs if not note else None, kept_later=bool(rows)), note=note)


def clocks(host: datetime, server: datetime | None, *, kept_later: bool) -> Iterator[Problem]:
    if not 2025 <= host.year < 2100:
        yield Problem(f"this host believes that it is {host:%Y-%m-%d}", SYNCHRONISE)
    if server and abs(server - host) > APART:
        yield Problem(f"host and database server are {abs(server - host).total_seconds():.0f} s apart", SYNCHRONISE)
    if kept_later:
        yield Problem("a request was kept later than now: the clock was ahead, or has been set back", SYNCHRONISE)


# ------------------------------------------------------------------ parts


def _writable(settings: Settings) -> Problem | None:
    path = sqlite(settings.database.url)
    if path and not path.exists():
        return _can_be_made(settings)
    try:
        begin_to_write(settings.database.url)
    except StoreError as error:
        return Problem(str(error), REACH if path is None else "give file and folder to the desk's user")
    return None


def _can_be_made(settings: Settings) -> Problem | None:
    path = sqlite(settings.database.url)
    folder = nearest(path.parent) if path else None
    if folder and not os.access(folder, os.W_OK | os.X_OK):
        return Problem(f"{path} can't be made: {folder} can't be written", "give the folder to the desk's user")
    return None


def _sound(url: str) -> Problem | None:
    try:
        rows = damage(url)
    except StoreError as error:
        rows = [str(error)]
    return (
        Problem(f"the file is damaged: {rows[0]}", "stop the desk, keep a copy, restore the backup") if rows else None
    )


def _note(scene: Scene) -> str:
    file = DatabaseFile.of(scene.settings.database.url)
    if file is None:
        return ""
    if scene.base.state is State.EMPTY:
        return f"{file.path} is made when the desk starts"
    told = "" if scene.base.state is State.CURRENT else "; its schema is brought up to date when the desk starts"
    served = file.holder()
    return (f"{file.path} is served by {served}" if served else f"{file.path}: no desk is running on it") + told
