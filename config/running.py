"""One run of the desk, from its settings to its exit code."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.model import Lane, Level
from bot.store import Transaction
from config.app import open_store, workers
from config.channels import channels, mailbox
from config.desk import Desk
from config.errors import Refused, WrongUse
from config.keys import load_or_make
from config.knowledge import load_folder
from config.metrics import Scrape
from config.reload import Reloading
from config.settings import Settings
from config.slack import routes
from config.systemd import Systemd
from connectors import http
from connectors.child import Child
from storage.lock import DatabaseLocked, hold

log = logging.getLogger("firstline.serve")

SAMPLE = Path(__file__).with_name("sample_knowledge")
BROKEN = 70


def as_trial(settings: Settings) -> Settings:
    """Level automatic and sample knowledge, except where something else was asked for."""
    triage, knowledge = settings.triage, settings.knowledge
    if "level" not in triage.model_fields_set:
        triage = triage.model_copy(update={"level": Level.AUTOMATIC})
    if knowledge.folder is None:
        knowledge = knowledge.model_copy(update={"folder": SAMPLE})
    return settings.model_copy(update={"triage": triage, "knowledge": knowledge})


async def run(settings: Settings, only: Collection[str], again: Callable[[], Settings] | None = None) -> int:
    """Serve until a signal (0) or until the store is broken (70, for the supervisor). `again` reads the settings anew
    on SIGHUP. Raises Refused, WrongUse, StoreError or KeysUnusable when the desk can't start."""
    systemd = Systemd.found()
    ring = load_or_make(settings.desk.keys)
    connectors = dict(channels(settings, ring))
    listening, lanes = _chosen(only, connectors)
    with _one_per_file(settings), _bind(settings) as web:
        async with open_store(settings) as store:
            if settings.database.url.startswith("sqlite"):
                await store.write(_release)
            if settings.knowledge.folder:
                await load_folder(store, settings.knowledge.folder)
            child = Child()
            await child.warm(*(c.reader for c in connectors.values() if c.reader.isolated))
            at_work = workers(settings, store, connectors, ring, child.read, lanes)
            desk = Desk(store, connectors, at_work, listening=listening)
            reloading = Reloading(settings, again or (lambda: settings), desk, connectors, child.read, systemd)
            scrape = Scrape(lambda: reloading.settings, store, connectors)
            desk.beside(http.serve(http.app(desk.problem, routes(connectors), scrape=scrape), web))
            if systemd.watchdog:
                desk.beside(systemd.watch(desk.problem))
            _stop_on_signals(desk)
            if again:
                _reload_on_signal(desk, reloading)
            await desk.run(lambda: _announce(settings, desk, web, systemd), systemd.stopping)
            return BROKEN if store.broken.is_set() else 0


def _release(tx: Transaction) -> None:
    """We hold the file's lock: whoever claimed Jobs has died, and nobody need wait for the leases to end."""
    if freed := tx.jobs.release():
        log.info("work of a desk that died is claimable again", extra={"count": freed})


def _chosen(only: Collection[str], connectors: Collection[str]) -> tuple[list[str], list[Lane]]:
    """What to listen on and which lanes to work: those named, or everything."""
    known = {*connectors, *Lane}
    for name in only:
        if name not in known:
            raise WrongUse(f"--only {name}: there is no such lane or channel; known are {', '.join(sorted(known))}")
    if not only:
        return list(connectors), list(Lane)
    return [name for name in connectors if name in only], [lane for lane in Lane if lane in only]


@contextmanager
def _one_per_file(settings: Settings) -> Iterator[None]:
    """SQLite has one writer: two desks on a file would take each other's Jobs and starve each other."""
    url = settings.database.url
    if not url.startswith("sqlite"):
        yield
        return
    path = Path(url.partition(":///")[2])
    with ExitStack() as held:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            held.enter_context(hold(path))
        except DatabaseLocked as locked:
            raise Refused(str(locked)) from locked
        except OSError as error:
            raise Refused(f"the folder of {path} can't be written: {error.strerror}; give it to this user") from error
        yield


def _bind(settings: Settings) -> socket.socket:
    where = settings.http.listen
    try:
        return http.bind(where.host, where.port)
    except OSError as error:
        raise Refused(f"HTTP__LISTEN={where}: {error.strerror}; free the port or choose another") from error


def _stop_on_signals(desk: Desk) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, desk.stop)


def _reload_on_signal(desk: Desk, reloading: Reloading) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloading.ask)
    desk.beside(reloading.run())


def _announce(settings: Settings, desk: Desk, web: socket.socket, systemd: Systemd) -> None:
    """The last line of the start: whoever waits for the desk waits for it."""
    if settings.desk.watch:
        log.warning("the desk only watches: nobody is written to or called (DESK__WATCH)")
    parts = [f"{name}={where}" for name, where in desk.endpoints().items()]
    host, port = web.getsockname()[:2]
    line = " ".join(["ready", *parts, f"http={host}:{port}", f"mail-to={mailbox(settings)}"])
    print(line, file=sys.stderr, flush=True)
    systemd.ready(line)
