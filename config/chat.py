"""A desk of its own for one talk at a terminal: a database that is thrown away, no ports, answers at once."""

import asyncio
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, TextIO

from bot.connector import Connector, Reader
from bot.keyring import KeyRing
from bot.model import Arrival, Lane, Level, Meaning
from bot.store import Store
from config.app import open_store, workers
from config.channels import AGENTS, agents
from config.desk import Desk
from config.knowledge import load_folder
from config.running import BROKEN, as_trial
from config.sections import Agents, Database
from config.settings import Settings
from connectors.terminal import TerminalConnector

LANES = (Lane.READ, Lane.TRIAGE, Lane.DELIVER)


async def chat(settings: Settings, login: str, said: BinaryIO, screen: TextIO) -> int:
    """Until all is answered that was said before `said` ended or SIGINT came; a second SIGINT ends it at once."""
    terminal = TerminalConnector(login, said, screen)
    with TemporaryDirectory(prefix="firstline-chat-") as folder:
        settings = _of_its_own(settings, Path(folder))
        async with open_store(settings) as store:
            if settings.knowledge.folder:
                await load_folder(store, settings.knowledge.folder)
            ring = KeyRing({"a": secrets.token_bytes(32)}, newest="a")
            connectors: Mapping[str, Connector] = {terminal.channel.name: terminal, AGENTS: agents(settings, ring)}
            at_work = workers(settings, store, connectors, ring, _isolate, LANES)
            desk = Desk(store, connectors, at_work, listening=connectors)
            ending = asyncio.create_task(_end(desk, terminal, store))
            _stop_on_interrupt(desk, terminal)
            await desk.run(lambda: None)
            ending.cancel()
            return BROKEN if store.broken.is_set() else 0


def _of_its_own(settings: Settings, folder: Path) -> Settings:
    settings = as_trial(settings)
    triage = {"level": Level.AUTOMATIC, "levels": {}, "unverified_replies": 0}
    return settings.model_copy(
        update={
            "agents": Agents(),
            "database": Database(url=f"sqlite:///{folder / 'chat.db'}"),
            "desk": settings.desk.model_copy(update={"watch": False}),
            "triage": settings.triage.model_copy(update=triage),
        }
    )


async def _isolate(reader: Reader, arrival: Arrival) -> Meaning:
    """Nobody but the user has written it: no child process is needed."""
    return reader(arrival)


async def _end(desk: Desk, terminal: TerminalConnector, store: Store) -> None:
    await terminal.ended.wait()
    # Nothing tells when the last Job has ended: its lanes' signals are for their workers.
    while await store.read(lambda look: look.jobs.next_due(LANES)) is not None:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    desk.stop()


def _stop_on_interrupt(desk: Desk, terminal: TerminalConnector) -> None:
    def interrupted() -> None:
        if terminal.ended.is_set():
            desk.stop()
        terminal.ended.set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted)
