"""SMTP in: mail for our domains is kept, then acknowledged. How mail leaves is a `MailOut` that is handed in."""

import asyncio
import logging
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from bot.connector import Keep, Reader
from bot.model import Absent, Channel, Parcel, Receipt, Rendered
from connectors.mail.out import MailOut
from connectors.smtp_house import GOODBYE, House
from connectors.smtp_limits import SmtpLimits, client_of
from connectors.smtp_session import Session

log = logging.getLogger("firstline.smtp")

_TOO_MANY = "421 4.7.0 too many connections, try again later"


class CertificateUnusable(ValueError):
    """The certificate or its key can't be used for TLS."""


@dataclass(frozen=True)
class SmtpSettings:
    """Port 0 lets the system choose; `domains` are ours, in lower case, each with every local part."""

    domains: frozenset[str]
    host: str = "127.0.0.1"
    port: int = 2525
    certificate: Path | None = None
    key: Path | None = None
    """None when the key is in the certificate's file."""
    limits: SmtpLimits = field(default_factory=SmtpLimits)

    @property
    def hostname(self) -> str:
        return min(self.domains)


class SmtpConnector:
    """`ready` is set while it listens, and `endpoint` then says where. Raises CertificateUnusable when made."""

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        reader: Reader,
        out: MailOut,
        channel: Channel = Channel("smtp", "mail"),  # noqa: B008 (frozen)
        resend_unknown: bool = True,
    ) -> None:
        self.settings = settings
        self.channel = channel
        self.reader = reader
        self.resend_unknown = resend_unknown
        self.ready = asyncio.Event()
        self.endpoint: tuple[str, int] | None = None
        self._out = out
        self._tls: ssl.SSLContext | None = None
        self._house: House | None = None
        if settings.certificate:
            self.set_certificate(settings.certificate, settings.key)

    def set_certificate(self, certificate: Path, key: Path | None = None) -> None:
        """From the next connection on; when it can't be used CertificateUnusable is raised and the old one stays."""
        self._tls = tls_context(certificate, key)
        if self._house is not None:
            self._house.tls = self._tls

    def adopt(self, fresh: "SmtpConnector") -> None:
        """Go on as the other, which doesn't listen, was set up; only host and port stay. No connection is lost."""
        self.settings = replace(fresh.settings, host=self.settings.host, port=self.settings.port)
        self.channel, self.reader, self.resend_unknown = fresh.channel, fresh.reader, fresh.resend_unknown
        self._out, self._tls = fresh._out, fresh._tls
        if self._house is not None:
            self._house.change(self.settings.domains, self.settings.hostname, self.settings.limits, self._tls)

    async def listen(self, keep: Keep) -> None:
        """Until cancelled; then mails on their way in are finished, so `keep` must work until this has returned.

        Raises OSError when the port can't be had.
        """
        # aiosmtpd logs addresses and the first words of bodies at every level below ERROR.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        house = self._house = House(
            self.channel.name, self.settings.domains, self.settings.hostname, self.settings.limits, keep, self._tls
        )
        server = await asyncio.get_running_loop().create_server(
            lambda: _Doorkeeper(house), self.settings.host, self.settings.port, backlog=512
        )
        self.endpoint = server.sockets[0].getsockname()[:2]
        self.ready.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.ready.clear()
            server.close()
            await _drain(house)
            self._house = None

    def render(self, parcel: Parcel) -> Rendered:
        return self._out.render(parcel)

    async def deliver(self, parcel: Parcel) -> Receipt:
        return await self._out.deliver(parcel)

    async def settle(self, parcel: Parcel) -> Receipt | Absent | None:
        return await self._out.settle(parcel)


class _Doorkeeper(asyncio.Protocol):
    """Turns away whom there is no place for, before a session has cost anything."""

    def __init__(self, house: House) -> None:
        self.house = house

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its classes
        client = client_of(transport.get_extra_info("peername"))
        if self.house.closing or not self.house.crowd.enter(client):
            transport.write(f"{GOODBYE if self.house.closing else _TOO_MANY}\r\n".encode())
            transport.close()
            return
        session = Session(self.house, client)
        transport.set_protocol(session)
        session.connection_made(transport)


async def _drain(house: House) -> None:
    """Ends every session: now, or when its mail is answered, or when the time is over."""
    house.closing = True
    for session in tuple(house.sessions):
        session.dismiss()
    try:
        if not await _emptied(house, house.limits.drain):
            log.warning("sessions that did not end in time were cut", extra={"count": len(house.sessions)})
    finally:
        for session in tuple(house.sessions):
            session.abort()
    await _emptied(house, house.limits.linger)


async def _emptied(house: House, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await house.empty()
    except TimeoutError:
        return False
    return True


def tls_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise CertificateUnusable(
            f"{certificate} with key {key or certificate} can't be used ({error.reason}); both must be PEM and a pair"
        ) from error
    except OSError as error:
        raise CertificateUnusable(f"{certificate} with key {key or certificate}: {error.strerror}") from error
    return context
