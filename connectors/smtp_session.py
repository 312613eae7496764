"""One SMTP client: aiosmtpd's command loop with our own rules at every door it leaves open."""

import asyncio
import logging
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, TLSSetupException
from aiosmtpd.smtp import Session as Facts

from connectors.smtp_data import read_data
from connectors.smtp_house import FULL, GOODBYE, TRY_LATER, House
from connectors.smtp_limits import Hold
from connectors.smtp_paths import declared_size, parse_path

log = logging.getLogger("firstline.smtp")

_TOO_SLOW = "421 4.4.2 too slow, try again later"
_TOO_MUCH_TALK = "421 4.7.0 too many commands without a mail"


class _CommandSizes(dict[str, int]):
    """aiosmtpd shares one such table among all sessions and stores every unknown command in it."""

    def __missing__(self, command: str) -> int:
        return SMTP.command_size_limit


class Session(SMTP):
    """Ends itself by `_leave`; aiosmtpd's loop is only ever left quietly by cancellation."""

    session: Facts
    envelope: Envelope
    _handler_coroutine: asyncio.Task[None]
    _timeout_handle: asyncio.TimerHandle

    # Of a command, and so of what a client can make us buffer unread; the lines of a mail have no limit.
    line_length_limit = 2**16

    def __init__(self, house: House, client: str) -> None:
        self.command_size_limits = _CommandSizes()
        self.house = house
        self.client = client
        loop = asyncio.get_running_loop()
        self._ends_at = loop.time() + house.limits.session
        self._commands = 0
        self._ahead = bytearray()
        self._listening = False
        self._lost = False
        self._linger: asyncio.TimerHandle | None = None
        super().__init__(
            house,
            data_size_limit=house.limits.size,
            enable_SMTPUTF8=True,
            hostname=house.hostname,
            ident="ESMTP",
            tls_context=house.tls,
            loop=loop,
        )

    # -------------------------------------------------------------- coming and going

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called again when TLS has begun: what was sent before it is forgotten (RFC 3207, section 4.2)."""
        self._ahead.clear()
        super().connection_made(transport)
        if self not in self.house.sessions:
            self.house.sessions.add(self)
            self._handler_coroutine.add_done_callback(self._ended)

    def _cb_client_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super()._cb_client_connected(reader, writer)
        # The loop's only way to a command: the place to look at each line before aiosmtpd does.
        reader.readuntil = self._next_command  # type: ignore[assignment]

    def connection_lost(self, error: Exception | None) -> None:
        if self._lost:
            return
        self._lost = True
        if self._linger is not None:
            self._linger.cancel()
        self.house.leave(self)
        super().connection_lost(error)

    def eof_received(self) -> bool:
        """A client that has sent everything and closed its half still gets its answers (aiosmtpd would drop them)."""
        asyncio.StreamReaderProtocol.eof_received(self)
        return self.session.ssl is None

    def dismiss(self) -> None:
        """The house closes: RFC 5321 (3.8) lets us say so at once; a mail that is on its way in is finished first."""
        if self._listening:
            self._leave(GOODBYE)

    def abort(self) -> None:
        transport = cast(asyncio.WriteTransport | None, self._original_transport or self.transport)
        if transport is not None:
            transport.abort()

    def _leave(self, last_words: str) -> None:
        if self.transport is None or self._linger is not None:
            return
        if not self.transport.is_closing():
            self._writer.write(last_words.encode() + b"\r\n")
        self.transport.close()
        self._linger = self.loop.call_later(self.house.limits.linger, self.abort)
        self._handler_coroutine.cancel()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, OSError):
            log.error("an SMTP session broke off", exc_info=error)
        if self._is_shaking_hands:
            # asyncio's TLS does not tell of a connection that is lost before the handshake is over.
            self.abort()
            self.connection_lost(None)

    @property
    def _is_shaking_hands(self) -> bool:
        return self._tls_protocol is not None and self.session.ssl is None

    # -------------------------------------------------------------- time

    def _reset_timeout(self, duration: float | None = None) -> None:
        """After each valid command; whatever is sent, the whole session has its end."""
        self._stop_timeout()
        at = min(self._ends_at, self.loop.time() + self.house.limits.idle)
        self._timeout_handle = self.loop.call_at(at, self._leave, _TOO_SLOW)

    def _stop_timeout(self) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()

    def _begin_anew(self) -> None:
        """A mail came of it: the session may go on as long again."""
        self._ends_at = self.loop.time() + self.house.limits.session
        self._commands = 0

    # -------------------------------------------------------------- commands

    async def _next_command(self, separator: bytes = b"\n") -> bytes:
        """One line for aiosmtpd's loop; what is no proper line comes as an empty one, which it answers with 500."""
        self._commands += 1
        last_words = self._enough()
        if last_words:
            self._leave(last_words)
            raise asyncio.CancelledError
        line = await self._read_line()
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            return b"\r\n"
        return line

    def _enough(self) -> str:
        if self.house.closing:
            return GOODBYE
        return _TOO_MUCH_TALK if self._commands > self.house.limits.commands else ""

    async def _read_line(self) -> bytes:
        head, newline, tail = self._ahead.partition(b"\n")
        self._ahead = tail
        if newline:
            return bytes(head + newline)
        self._listening = True
        try:
            return bytes(head) + await asyncio.StreamReader.readuntil(self._reader, b"\n")
        except asyncio.IncompleteReadError:
            raise asyncio.CancelledError from None
        finally:
            self._listening = False

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        return parse_path(arg) or (None, None)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if arg and declared_size(arg.partition(":")[2]) > self.house.limits.size:
            await self.push(f"552 5.3.4 the mail is larger than {self.house.limits.size} bytes")
            return
        await super().smtp_MAIL(arg)

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        if self._tls_protocol is not None:
            await self.push("503 5.5.1 TLS is on already")
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_BDAT(self, arg: str | None) -> None:  # noqa: N802
        await self.push("502 5.5.1 BDAT is not offered")

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802
        await self.push("502 5.5.1 AUTH is not offered")

    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: N802
        await self.push("252 2.1.5 send it and see")

    async def smtp_HELP(self, arg: str | None) -> None:  # noqa: N802
        await self.push("214 2.0.0 see RFC 5321")

    async def handle_exception(self, error: Exception) -> str:
        # A connection that breaks or a handshake that fails is the client's affair.
        if not isinstance(error, OSError | TLSSetupException):
            log.error("an SMTP session failed", exc_info=error)
        return TRY_LATER

    # -------------------------------------------------------------- mail

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        if await self.check_helo_needed():
            return
        refusal = self._not_now(arg)
        if refusal:
            await self.push(refusal)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._stop_timeout()
        try:
            with self.house.room.hold() as hold:
                answer = await self._take(hold)
        except TimeoutError:
            self._leave(_TOO_SLOW)
            return
        self.envelope = self._create_envelope()
        self._reset_timeout()
        await self.push(answer)

    def _not_now(self, arg: str | None) -> str:
        if not self.envelope.rcpt_tos:
            return "503 5.5.1 send RCPT first"
        if arg:
            return "501 5.5.4 DATA takes no argument"
        return FULL if self.house.room.is_full else ""

    async def _take(self, hold: Hold) -> str:
        """From the first byte of the mail to the answer to its last."""
        ahead, self._ahead = bytes(self._ahead), bytearray()
        try:
            incoming = await read_data(self._reader, ahead, limits=self.house.limits, hold=hold, ends_at=self._ends_at)
        except EOFError:
            raise asyncio.CancelledError from None
        self._ahead = bytearray(incoming.ahead)
        if incoming.refusal:
            return incoming.refusal
        answer = await self.house.take(incoming.raw, self.client, self.session, self.envelope)
        if answer.startswith("250"):
            self._begin_anew()
        return answer
