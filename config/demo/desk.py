"""The demo's desk: a real one on a database that is thrown away, with SMTP in and out on ports that nobody else has."""

import asyncio
import secrets
import signal
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.keyring import KeyRing
from bot.model import Lane
from config.app import open_store, workers
from config.channels import channels
from config.demo.letters import SUPPORT
from config.demo.mailboxes import Mailboxes
from config.demo.play import Play
from config.demo.screen import Screen
from config.desk import Desk
from config.kinds import Endpoint
from config.knowledge import load_folder
from config.running import SAMPLE
from config.settings import Settings
from connectors.child import Child

LANES = (Lane.READ, Lane.TRIAGE, Lane.DELIVER)


async def run(play: Play, screen: Screen) -> None:
    """Until the play is over, or SIGINT or SIGTERM ends it before. Raises what made the desk fail."""
    with TemporaryDirectory(prefix="firstline-demo-") as folder:
        async with Mailboxes() as mailboxes:
            settings = _settings(Path(folder), mailboxes.port)
            async with open_store(settings) as store:
                await load_folder(store, SAMPLE)
                ring = KeyRing({"a": secrets.token_bytes(32)}, newest="a")
                connectors = channels(settings, ring)
                child = Child()
                await child.warm(*(c.reader for c in connectors.values() if c.reader.isolated))
                at_work = workers(settings, store, connectors, ring, child.read, LANES)
                desk = Desk(store, connectors, at_work, listening=list(connectors))
                _stop_on_signals(desk)
                await _perform(desk, play, screen, mailboxes)


def _settings(folder: Path, relay: int) -> Settings:
    """Its own and nobody else's: neither firstline.toml nor the environment has a say."""
    return Settings.model_validate(
        {
            "database": {"url": f"sqlite:///{folder / 'demo.db'}"},
            "smtp": {"listen": "127.0.0.1:0", "domains": [SUPPORT.partition("@")[2]]},
            "relay": {"url": f"smtp://127.0.0.1:{relay}"},
            "triage": {"level": "automatic"},
            "desk": {"name": "Lumenpost", "keys": folder / "keys"},
            "agents": {"mail": "people@oncall.example"},
        }
    )


async def _perform(desk: Desk, play: Play, screen: Screen, mailboxes: Mailboxes) -> None:
    """The customers come when the desk is there, and the desk goes when they have."""
    ready = asyncio.Event()

    async def customers() -> None:
        await ready.wait()
        host, _, port = desk.endpoints()["smtp"].rpartition(":")
        with screen.showing(play, f"{host}:{port}"):
            await play.run(desk.store, Endpoint(host, int(port)), mailboxes)

    playing = asyncio.create_task(customers())
    playing.add_done_callback(lambda _: desk.stop())
    try:
        await desk.run(ready.set)
    finally:
        playing.cancel()
        with suppress(asyncio.CancelledError):
            await playing


def _stop_on_signals(desk: Desk) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, desk.stop)
