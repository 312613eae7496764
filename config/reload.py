"""SIGHUP: a running desk takes its settings anew, with keys, certificate, relay, knowledge, Triager and levels.

Everything new is built before anything old is touched: settings that can't be used change nothing. Nobody is sent away.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from bot.connector import Connector
from bot.model import Lane
from bot.reading import Isolate
from bot.worker import Step
from config.app import steps
from config.channels import channels
from config.desk import Desk
from config.errors import exit_code
from config.keys import load
from config.knowledge import load_folder
from config.settings import Settings, known
from config.systemd import Systemd

log = logging.getLogger("firstline.reload")

# What a desk holds on to from its start to its end.
FIXED = {"DATABASE__URL", "SMTP__LISTEN", "HTTP__LISTEN"}


@runtime_checkable
class Lasting(Protocol):
    """A connector that others are connected to: it is not replaced, but goes on as the fresh one was set up."""

    def adopt(self, fresh: Any) -> None: ...


@dataclass(frozen=True)
class Parts:
    """What was built from new settings and has not taken anybody's place yet."""

    settings: Settings
    connectors: Mapping[str, Connector]
    steps: Mapping[Lane, Step]


class Reloading:
    """Runs beside the desk. `again` reads the settings as they were read at the start, `connectors` are the desk's."""

    def __init__(
        self,
        settings: Settings,
        again: Callable[[], Settings],
        desk: Desk,
        connectors: MutableMapping[str, Connector],
        isolate: Isolate,
        systemd: Systemd,
    ) -> None:
        self.settings = settings
        self.again = again
        self.desk = desk
        self.connectors = connectors
        self.isolate = isolate
        self.systemd = systemd
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """However often it is asked for meanwhile, one more time is enough."""
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled; nothing that is wrong with new settings ends it."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            if not self.desk.stopping.is_set():
                await self._try()

    async def _try(self) -> None:
        self.systemd.reloading()
        try:
            await self.reload()
            status = "running with the settings of the last reload"
        except Exception as error:
            _complain(error)
            status = "running with the settings from before: the new ones were refused, see the log"
        self.systemd.ready(status)

    async def reload(self) -> None:
        """Raises what makes the new settings unusable; then everything is as it was."""
        wanted = await asyncio.to_thread(self.again)
        refused = sorted(FIXED.intersection(changed(self.settings, wanted)))
        settings = _keeping(self.settings, wanted, refused)
        parts = await asyncio.to_thread(self._build, settings)
        if settings.knowledge.folder:
            await load_folder(self.desk.store, settings.knowledge.folder)
        names = list(changed(self.settings, settings))
        self._swap(parts)
        for name in refused:
            log.warning("a setting takes effect at the next start only", extra={"part": name})
        log.info("reloaded", extra={"part": ", ".join(names) or "no setting has changed"})

    # -------------------------------------------------------------- parts

    def _build(self, settings: Settings) -> Parts:
        # Not load_or_make: at the start a missing file means a new desk, here it means a lost one.
        ring = load(settings.desk.keys)
        fresh = channels(settings, ring)
        made = steps(settings, self.desk.store, self.connectors, ring, self.isolate)
        return Parts(settings, fresh, {step.lane: step for step in made})

    def _swap(self, parts: Parts) -> None:
        """Without a wait in it: no Job sees half of it. One that is at work ends with the parts it began with."""
        for name in self.connectors.keys() & parts.connectors.keys():
            running, fresh = self.connectors[name], parts.connectors[name]
            if isinstance(running, Lasting):
                running.adopt(fresh)
            else:
                self.connectors[name] = fresh
        for name in self.connectors.keys() ^ parts.connectors.keys():
            log.warning("a channel begins or ends at the next start only", extra={"channel": name})
        for worker in self.desk.workers:
            worker.step = parts.steps[worker.step.lane]
        logging.getLogger("firstline").setLevel(parts.settings.log.level.upper())
        self.settings = parts.settings


def changed(old: Settings, new: Settings) -> Iterator[str]:
    """The names of the settings that differ, as the environment writes them."""
    for name in sorted(old.mailboxes.keys() | new.mailboxes.keys()):
        if old.mailboxes.get(name) != new.mailboxes.get(name):
            yield f"MAILBOXES__{name}".upper()
    for key in known():
        if not key.table and getattr(getattr(old, key.section), key.name) != getattr(
            getattr(new, key.section), key.name
        ):
            yield f"{key.section}__{key.name}".upper()


def _keeping(old: Settings, new: Settings, names: list[str]) -> Settings:
    """The new settings, but these as they were."""
    for name in names:
        section, _, key = name.lower().partition("__")
        kept = getattr(new, section).model_copy(update={key: getattr(getattr(old, section), key)})
        new = new.model_copy(update={section: kept})
    return new


def _complain(error: Exception) -> None:
    """A line for each problem: the log cuts what is longer."""
    if exit_code(error) == 70:
        log.error("not reloaded, nothing has changed", exc_info=error)
        return
    for line in str(error).splitlines():
        log.error("not reloaded, nothing has changed", extra={"reason": line})
