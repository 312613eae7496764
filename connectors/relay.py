"""Mail out over SMTP: one Parcel, one connection."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.connector import NotYet
from bot.failpoints import failpoint
from bot.model import Parcel, Receipt, Rendered
from connectors.mail.out import envelope, stored
from connectors.relay_data import send
from connectors.relay_envelope import begin
from connectors.relay_failures import away
from connectors.relay_pace import Pace


@dataclass(frozen=True)
class RelayAddress:
    """Where the relay is. With a login, `smtps` or `required` its certificate must be valid; else TLS is used as it
    comes."""

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    required: bool = False

    @staticmethod
    def parse(url: str, *, required: bool = False) -> "RelayAddress":
        """From `smtp[s]://[user:password@]host[:port]`; `required`: nothing is sent without TLS. Raises ValueError,
        which does not repeat the password."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            parts, host, port = urlsplit(""), None, None
        if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("a relay is smtp://host:port or smtps://user:password@host:port")
        if (parts.username is None) != (parts.password is None):
            raise ValueError("a relay's login needs both a user and a password: smtp://user:password@host:port")
        tls = parts.scheme == "smtps"
        return RelayAddress(
            host=host,
            port=port or (465 if tls else 587 if parts.username else 25),
            tls=tls,
            user=unquote(parts.username) if parts.username is not None else None,
            password=unquote(parts.password) if parts.password is not None else None,
            required=required,
        )

    @property
    def must_be_proven(self) -> bool:
        return self.tls or self.required or self.user is not None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class RelayPatience:
    """Seconds to wait for the relay. RFC 5321 (4.5.3.2.6) asks for ten minutes after the final dot."""

    connect: float = 30
    command: float = 60
    final: float = 600


class Relay:
    """Hands mail to one SMTP relay. It can't tell later what became of a mail, so `settle` never knows."""

    def __init__(
        self,
        address: RelayAddress,
        render: Callable[[Parcel], Rendered],
        *,
        hostname: str,
        patience: RelayPatience | None = None,
        pace: Pace | None = None,
        authorities: ssl.SSLContext | None = None,
    ) -> None:
        """`hostname` is what we call ourselves; `pace` may be shared with other Relays to the same place; `authorities`
        replaces the system's trusted certificates."""
        self.address = address
        self.render = render
        self._hostname = hostname
        self._patience = patience or RelayPatience()
        self._pace = pace or Pace(0)
        self._tls = authorities or (ssl.create_default_context() if address.must_be_proven else _any_certificate())

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Raises NotYet when it isn't this Parcel's turn."""
        addressed, mail = envelope(parcel), stored(parcel)
        if wait := self._pace.wait(parcel.id):
            raise NotYet(f"the relay {self.address} takes only so many mails a minute (RELAY__PACE)", wait)
        failpoint("relay.send.before")
        client, name, patience = self._client(), str(self.address), self._patience
        try:
            await self._connect(client)
            lost = await begin(client, name, addressed, len(mail), patience.command)
            await send(client, name, mail, piece=patience.command, verdict=patience.final)
        finally:
            client.close()
        failpoint("relay.send.after")
        return Receipt(parcel.reference or "", refused=lost)

    async def settle(self, parcel: Parcel) -> None:
        return None

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.address.host,
            port=self.address.port,
            use_tls=self.address.tls,
            start_tls=False,
            tls_context=self._tls,
            local_hostname=self._hostname,
            timeout=self._patience.connect,
        )

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        """Up to a greeted, encrypted and logged-in connection. Whatever fails here has nothing to do with the mail."""
        try:
            await client.connect()
            await client.ehlo()
            if not self.address.tls:
                await self._encrypt(client)
            if self.address.user is not None:
                await client.login(self.address.user, self.address.password or "")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise away(str(self.address), error) from error

    async def _encrypt(self, client: aiosmtplib.SMTP) -> None:
        if client.supports_extension("starttls"):
            await client.starttls()
            await client.ehlo()
        elif self.address.must_be_proven:
            raise aiosmtplib.SMTPNotSupported("it offers no TLS, and without it nothing is sent")


def _any_certificate() -> ssl.SSLContext:
    """Opportunistic, as between mail servers: a relay's home-made certificate is better than no TLS at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
