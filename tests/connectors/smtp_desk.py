"""A listening SmtpConnector for tests."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.model import Parcel, Receipt, Rendered
from connectors.smtp import SmtpConnector, SmtpSettings
from connectors.smtp_house import House
from connectors.smtp_limits import Room, SmtpLimits
from tests.fakes import PlainReader, RecordingKeep

OURS = "desk.example"
SUPPORT = f"support@{OURS}"
CERTIFICATE = Path(__file__).parent / "data" / "cert.pem"
KEY = CERTIFICATE.with_name("key.pem")
TRUSTING = ssl.create_default_context(cafile=str(CERTIFICATE))
BODY = b"Subject: hello\r\n\r\nhow are you?\r\n"


class NoWayOut:
    """For tests in which nothing leaves."""

    def render(self, parcel: Parcel, /) -> Rendered:
        raise AssertionError("nothing is rendered here")

    async def deliver(self, parcel: Parcel) -> Receipt:
        raise AssertionError("nothing is delivered here")

    async def settle(self, parcel: Parcel) -> None:
        raise AssertionError("nothing is settled here")


@dataclass
class Desk:
    connector: SmtpConnector
    keep: RecordingKeep
    listening: "asyncio.Task[None]"

    @property
    def endpoint(self) -> tuple[str, int] | None:
        return self.connector.endpoint

    @property
    def house(self) -> House:
        assert self.connector._house is not None
        return self.connector._house

    @property
    def room(self) -> Room:
        return self.house.room

    @property
    def raws(self) -> list[bytes]:
        return [arrival.raw for arrival in self.keep.arrivals]


def settings(limits: SmtpLimits | None = None, **changes: Any) -> SmtpSettings:
    return SmtpSettings(frozenset({OURS, "other.example"}), port=0, limits=limits or SmtpLimits(), **changes)


@contextlib.asynccontextmanager
async def desk(store: RecordingKeep | None = None, *, tls: bool = False, **limits: Any) -> AsyncIterator[Desk]:
    """Drained at the end; a session that broke off fails the test by what asyncio logs."""
    keep = store or RecordingKeep()
    certificate = {"certificate": CERTIFICATE, "key": KEY} if tls else {}
    connector = SmtpConnector(
        settings(SmtpLimits(**{"drain": 5, "linger": 1, **limits}), **certificate), reader=PlainReader(), out=NoWayOut()
    )
    listening = asyncio.create_task(connector.listen(keep))
    await asyncio.wait_for(connector.ready.wait(), 10)
    try:
        yield Desk(connector, keep, listening)
    finally:
        listening.cancel()
        await asyncio.wait([listening])
