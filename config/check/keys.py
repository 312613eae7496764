"""The keys that mail already sent depends on."""

import asyncio

from bot.keyring import KeysUnusable
from config.check.finding import Finding, Problem, Scene, found
from config.keys import load


async def keys(scene: Scene) -> Finding:
    path = scene.settings.desk.keys
    if not path.exists() and not path.is_symlink():
        return await _none(scene)
    try:
        ring = await asyncio.to_thread(load, path)
    except KeysUnusable as error:
        what, _, do = str(error).rpartition("; ")
        return found(Problem(what, do))
    return found(note=f"key {ring.newest} signs, {len(ring.keys)} in all; back them up with the database")


async def _none(scene: Scene) -> Finding:
    """New with a new desk, lost with one that has written to somebody."""
    path = scene.settings.desk.keys
    if await scene.read(lambda look: look.outbox.rows(limit=1)):
        text = f"{path} is not there, and mail signed with its keys has been sent"
        return found(Problem(text, "restore it from the backup: with new keys, answers begin new conversations"))
    return found(note=f"{path} is made when the desk starts")
