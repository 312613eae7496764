"""A mailbox that is being fetched, and all that the desk got of it."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.imap.address import ImapAddress
from connectors.imap.connector import ImapConnector
from connectors.imap.link import Patience
from connectors.imap.login import Login, PasswordLogin
from connectors.imap.poller import Waits
from connectors.imap.settings import ImapSettings
from tests.connectors.smtp_desk import NoWayOut
from tests.fakes import PlainReader, RecordingKeep
from tests.servers.imap import PASSWORD, Account
from tests.waiting import until

NAME = "support"
QUICK = Waits(first=0.02, login=0.02, most=0.2)
PATIENCE = Patience(connect=10, read=10, command=20)


@dataclass
class MemoryMarks:
    """What was written down, and how often it was said that all is well."""

    marks: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    read_count: int = 0
    reasons: list[str] = field(default_factory=list)

    async def load(self, place: str) -> Mapping[str, Any] | None:
        return self.marks.get(place)

    async def save(self, place: str, value: Mapping[str, Any]) -> None:
        self.marks[place] = value

    async def begun(self, place: str) -> None:
        pass

    async def read(self, place: str, waiting: int) -> None:
        self.read_count += 1

    async def failed(self, place: str, reason: str) -> None:
        self.reasons.append(reason)


@dataclass
class Fetching:
    connector: ImapConnector
    keep: RecordingKeep
    marks: MemoryMarks
    listening: "asyncio.Task[None]"

    @property
    def raws(self) -> list[bytes]:
        return [arrival.raw for arrival in self.keep.arrivals]

    @property
    def mark(self) -> Mapping[str, Any]:
        return self.marks.marks[NAME]

    async def looked(self) -> None:
        await until(lambda: self.marks.read_count, 20, "the mailbox has been looked at")

    async def kept(self, number: int, deadline: float = 20) -> None:
        """Exactly so many, each once."""
        await until(lambda: len(self.keep.arrivals) >= number, deadline, f"{number} mails are kept")
        assert len(self.keep.arrivals) == number

    async def stop(self) -> None:
        """Its thread has ended then."""
        self.listening.cancel()
        await asyncio.wait({self.listening}, timeout=5)
        assert self.listening.done()
        assert not [one for one in threading.enumerate() if one.name == f"mailbox {NAME}"]


def settings(account: Account | int, login: Login | None = None, **changes: Any) -> ImapSettings:
    """Looks again soon, and is told of new mail at once where the server can."""
    port = account if isinstance(account, int) else account.port
    user = "ann" if isinstance(account, int) else account.user
    values = {"address": ImapAddress("127.0.0.1", port, tls=False), "poll": 0.1, "patience": PATIENCE} | changes
    return ImapSettings(NAME, login=login or PasswordLogin(user, PASSWORD), **values)


@contextlib.asynccontextmanager
async def fetching(
    wanted: ImapSettings, *, keep: RecordingKeep | None = None, marks: MemoryMarks | None = None
) -> AsyncIterator[Fetching]:
    connector = ImapConnector(wanted, reader=PlainReader(), out=NoWayOut(), waits=QUICK)
    keep, marks = keep or RecordingKeep(), marks or MemoryMarks()
    connector.remember(marks)
    run = Fetching(connector, keep, marks, asyncio.create_task(connector.listen(keep)))
    try:
        yield run
    finally:
        await run.stop()
