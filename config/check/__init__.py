"""What may be wrong around a desk, each under its name. Works beside a running desk and without one."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.store import StoreError
from config.app import open_store
from config.check import certificate, database, desk, files, keys, mailboxes, model, names, ports, relay
from config.check.finding import Base, Check, Finding, Problem, Scene, found
from config.logging import describe
from config.settings import Settings, SettingsError, load
from config.sources import FILE
from storage.migrate import State, state

CHECKS: Mapping[str, Check] = {
    "permissions": files.permissions,
    "keys": keys.keys,
    "certificate": certificate.certificate,
    "smtp": ports.smtp,
    "http": ports.http,
    "relay": relay.relay,
    "mailboxes": mailboxes.mailboxes,
    "model": model.model,
    "budget": model.budget,
    "disk": files.disk,
    "database": database.database,
    "clock": database.clock,
    "dns": names.names,
    "knowledge": desk.knowledge,
    "agents": desk.agents,
    "mode": desk.mode,
}

# For one check. A model of one's own may have to be loaded first.
SECONDS = 6.0
MODEL_SECONDS = 20.0
THOROUGH_SECONDS = 600.0


async def check(
    environ: Mapping[str, str] = os.environ, *, thorough: bool = False
) -> AsyncIterator[tuple[str, Finding]]:
    """Each check's name and what it found, in a fixed order. Nothing is raised for what is wrong."""
    try:
        settings = load(environ=environ)
    except SettingsError as error:
        yield "settings", Finding(tuple(_of_settings(error)), "nothing else can be checked before")
        return
    yield "settings", desk.settings(settings, FILE)
    async with _scene(Scene(settings, environ=environ, thorough=thorough)) as scene:
        running = {name: asyncio.create_task(_guarded(name, one(scene), scene)) for name, one in CHECKS.items()}
        for name, task in running.items():
            yield name, await task


@asynccontextmanager
async def _scene(scene: Scene) -> AsyncIterator[Scene]:
    """With the database, if it can be read. Not opened unless its schema is ours: opening migrates a SQLite file."""
    base = await _base(scene.settings)
    if base.state is not State.CURRENT:
        yield replace(scene, base=base)
        return
    async with open_store(scene.settings, looking=True) as store:
        yield replace(scene, base=replace(base, store=store))


async def _base(settings: Settings) -> Base:
    try:
        return Base(state=await asyncio.to_thread(state, settings.database.url))
    except (StoreError, OSError, ValueError) as error:
        return Base(error=str(error))


async def _guarded(name: str, finding: Awaitable[Finding], scene: Scene) -> Finding:
    seconds = _patience(name, scene)
    try:
        async with asyncio.timeout(seconds):
            return await finding
    except TimeoutError:
        return found(Problem(f"no result within {seconds:g} s", "look whether what it asks hangs, then try again"))
    except Exception as error:
        return found(Problem(f"the check itself failed: {describe(error)}", "please report it with this line"))


def _patience(name: str, scene: Scene) -> float:
    if name == "database" and scene.thorough:
        return THOROUGH_SECONDS
    return MODEL_SECONDS if name == "model" else SECONDS


def _of_settings(error: SettingsError) -> list[Problem]:
    return [Problem(line, "change it, or remove it for the default") for line in str(error).splitlines()]
