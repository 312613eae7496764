"""The thread of one mailbox: it connects, again and again, until it is stopped."""

import asyncio
import logging
import threading
from contextlib import suppress
from dataclasses import dataclass

from bot.backoff import backoff
from connectors.imap.bridge import Bridge, Stopped
from connectors.imap.failures import LoginRefused, MailboxFailed, NotKept
from connectors.imap.fetching import Doubts
from connectors.imap.folder import Folder
from connectors.imap.link import Link
from connectors.imap.plug import Plug
from connectors.imap.settings import ImapSettings
from connectors.imap.visit import Visit

log = logging.getLogger("firstline.imap")


@dataclass(frozen=True)
class Waits:
    """Seconds before it is tried again: at first, after a login that was refused, at most."""

    first: float = 1
    login: float = 60
    most: float = 300


class Poller:
    """`start`, `change` and `stop` are the loop's; the thread ends soon after `stop`, whatever it waits for."""

    def __init__(self, settings: ImapSettings, bridge: Bridge, waits: Waits) -> None:
        self.ended = asyncio.Event()
        self._settings = settings
        self._bridge = bridge
        self._waits = waits
        self._doubts = Doubts()
        self._plug = Plug()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"mailbox {settings.name}")

    def start(self) -> None:
        self._thread.start()

    def change(self, settings: ImapSettings) -> None:
        """From now on, on a new connection."""
        self._settings = settings
        self._plug.pull()
        self._bridge.wake()

    def cut_if_late(self) -> None:
        if self._plug.overdue():
            log.warning("a mailbox is silent and is cut", extra={"channel": self._settings.name})
            self._plug.pull()

    def stop(self) -> None:
        self._bridge.stop()
        self._plug.pull()

    def join(self) -> None:
        """After `ended`, when the thread has nothing left to do."""
        self._thread.join()

    # -------------------------------------------------------------- in the thread

    def _run(self) -> None:
        try:
            with suppress(NotKept):
                self._bridge.begun()
            self._again_and_again()
        except Stopped:
            pass
        finally:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self.ended.set)

    def _again_and_again(self) -> None:
        """Ends by Stopped alone."""
        tries = 0
        while True:
            got_on, failure = self._connect()
            tries = 1 if got_on else tries + 1
            log.warning(
                "a mailbox can't be read",
                extra={"channel": self._settings.name, "reason": str(failure), "attempts": tries},
            )
            with suppress(NotKept):
                self._bridge.failed(str(failure))
            first = self._waits.login if isinstance(failure, LoginRefused) else self._waits.first
            self._bridge.sleep(backoff(tries, first=first, most=self._waits.most).total_seconds())

    def _connect(self) -> tuple[bool, MailboxFailed]:
        """One connection, until it fails: whether anything was done on it, and why it ended."""
        visits: list[Visit] = []
        try:
            self._visit(visits)
        except (MailboxFailed, Stopped) as error:
            self._bridge.check()
            failure = error if isinstance(error, MailboxFailed) else MailboxFailed("stopped")
        except Exception as error:
            log.exception("a mailbox can't be read for a fault of the desk")
            failure = MailboxFailed(f"a fault of the desk, see its log ({type(error).__name__})")
        return any(visit.got_on for visit in visits), failure

    def _visit(self, visits: list[Visit]) -> None:
        settings, plug = self._settings, Plug()
        self._plug = plug
        self._bridge.check()
        link = None
        try:
            link = Link(settings.address, plug, patience=settings.patience, authorities=settings.authorities)
            settings.login(link)
            folder = Folder(link, settings.folder, read_only=settings.after == "leave")
            visits.append(Visit(folder, settings, self._bridge, self._doubts))
            visits[0].go_on()
        finally:
            if link is not None:
                link.abandon()
            plug.release()
