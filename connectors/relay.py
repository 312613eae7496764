"""Mail out over SMTP: one Parcel, one connection, and an honest word about how far it came."""

import asyncio
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from bot.connector import DeliveryFailed
from bot.failpoints import failpoint
from bot.model import Parcel, Receipt, Rendered
from connectors.mail.out import envelope, stored

_PIECE = 65536
# RFC 4954 (section 6): what a relay says when it wants a login or TLS first. The settings are wrong, not the mail.
_NOT_LET_IN = (530, 534, 535, 538)


@dataclass(frozen=True)
class RelayAddress:
    """Where the relay is. With a login or `smtps` its certificate must be valid; else TLS is used as it comes."""

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @staticmethod
    def parse(url: str) -> "RelayAddress":
        """From `smtp[s]://[user:password@]host[:port]`. Raises ValueError, which does not repeat the password."""
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
        )

    @property
    def must_be_proven(self) -> bool:
        return self.tls or self.user is not None


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
        authorities: ssl.SSLContext | None = None,
    ) -> None:
        """`hostname` is what we call ourselves; `authorities` replaces the system's trusted certificates."""
        self.address = address
        self.render = render
        self._hostname = hostname
        self._patience = patience or RelayPatience()
        self._tls = authorities or (ssl.create_default_context() if address.must_be_proven else _any_certificate())

    async def deliver(self, parcel: Parcel) -> Receipt:
        sender, recipient = envelope(parcel)
        mail = _stuffed(stored(parcel))
        failpoint("relay.send.before")
        client = self._client()
        try:
            await self._connect(client)
            await self._begin(client, sender, recipient)
            await self._send(client, mail)
        finally:
            client.close()
        failpoint("relay.send.after")
        return Receipt(parcel.reference or "")

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
            if not self.address.tls and client.supports_extension("starttls"):
                await client.starttls()
                await client.ehlo()
            if self.address.user is not None:
                await self._login(client, self.address.user)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryFailed(f"the relay {self._name} is away: {_said(error)}", unreachable=True) from error

    async def _login(self, client: aiosmtplib.SMTP, user: str) -> None:
        if client.get_transport_info("sslcontext") is None:
            raise aiosmtplib.SMTPNotSupported("it offers no TLS, and the password is not sent without")
        await client.login(user, self.address.password or "")

    async def _begin(self, client: aiosmtplib.SMTP, sender: str, recipient: str) -> None:
        """MAIL, RCPT and DATA, each with its answer."""
        try:
            await client.mail(sender, timeout=self._patience.command)
            await client.rcpt(recipient, timeout=self._patience.command)
            answer = await client.execute_command(b"DATA", timeout=self._patience.command)
        except aiosmtplib.SMTPResponseException as error:
            raise self._refused(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise self._passing(error) from error
        if answer.code != 354:
            raise self._refused(answer.code, answer.message)

    async def _send(self, client: aiosmtplib.SMTP, mail: bytes) -> None:
        """The mail in pieces, and the final dot only when all of them have left: before it nothing is in doubt."""
        protocol, transport = client.protocol, cast(asyncio.WriteTransport | None, client.transport)
        if protocol is None or transport is None:
            raise self._passing(ConnectionError("the connection was cut before the mail was sent"))
        # Listening from now on: an early refusal is read instead of being taken for nothing.
        answer = asyncio.create_task(protocol.read_response())
        await asyncio.sleep(0)
        try:
            await self._send_text(protocol, transport, answer, mail)
            protocol.write(b".\r\n")
        except (aiosmtplib.SMTPException, OSError) as error:
            await _stop(answer)
            raise self._passing(error) from error
        except BaseException:
            await _stop(answer)
            raise
        await self._await_verdict(client, answer)

    async def _send_text(
        self,
        protocol: SMTPProtocol,
        transport: asyncio.WriteTransport,
        answer: "asyncio.Task[SMTPResponse]",
        mail: bytes,
    ) -> None:
        for start in range(0, len(mail), _PIECE):
            protocol.write(mail[start : start + _PIECE])
            async with asyncio.timeout(self._patience.command):
                await _until_sent(transport, answer)
            if answer.done():
                early = answer.result()
                raise self._refused(early.code, early.message)

    async def _await_verdict(self, client: aiosmtplib.SMTP, answer: "asyncio.Task[SMTPResponse]") -> None:
        try:
            verdict = await asyncio.wait_for(answer, self._patience.final)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(
                f"the relay {self._name} did not say whether it took the mail: {_said(error)}", unknown=True
            ) from error
        if 400 <= verdict.code < 600:
            raise self._refused(verdict.code, verdict.message)
        if not 200 <= verdict.code < 300:
            raise DeliveryFailed(f"the relay {self._name} answered {verdict.code} to the mail's end", unknown=True)
        if client.protocol is not None and client.is_connected:
            client.protocol.write(b"QUIT\r\n")

    def _refused(self, code: int, text: str) -> DeliveryFailed:
        reason = f"the relay {self._name} answered {code} {_line(text)}"
        if code == 421 or code in _NOT_LET_IN:
            return DeliveryFailed(reason, unreachable=True)
        return DeliveryFailed(reason, permanent=500 <= code < 600)

    def _passing(self, error: Exception) -> DeliveryFailed:
        return DeliveryFailed(f"the relay {self._name} failed before it had the whole mail: {_said(error)}")

    @property
    def _name(self) -> str:
        return f"{self.address.host}:{self.address.port}"


def _any_certificate() -> ssl.SSLContext:
    """Opportunistic, as between mail servers: a relay's home-made certificate is better than no TLS at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _until_sent(transport: asyncio.WriteTransport, answer: "asyncio.Task[SMTPResponse]") -> None:
    pause = 0.0
    while transport.get_write_buffer_size() and not answer.done():
        await asyncio.sleep(pause)
        pause = 0.01


async def _stop(answer: "asyncio.Task[SMTPResponse]") -> None:
    answer.cancel()
    await asyncio.gather(answer, return_exceptions=True)


def _stuffed(mail: bytes) -> bytes:
    """RFC 5321, section 4.5.2."""
    mail = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", mail)


def _said(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {_line(error.message)}"
    return _line(str(error)) or type(error).__name__


def _line(text: str) -> str:
    """What the other side said, short and fit for a log."""
    return " ".join(text.encode("ascii", "replace").decode().split())[:200]
