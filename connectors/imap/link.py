"""The wire: imapclient over a connection that can be cut from outside, with an end to what a server may say.

imaplib collects whatever comes, and a literal of any size, until the command is done. Here each command has an
allowance of bytes, and a time that grows with it.
"""

import imaplib
import logging
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import ProtocolError
from imapclient.response_parser import parse_fetch_response

from connectors.imap.address import ImapAddress
from connectors.imap.failures import Cut, MailboxFailed, Refused, said
from connectors.imap.plug import Plug, connected

# For the words around what was asked for.
WORDS = 256 * 1024

READ = 256 * 1024

# imaplib's own log has every line that is sent.
logging.getLogger("imapclient").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Patience:
    """Seconds: to connect; without a byte; for a whole command. `slowest`: bytes a second of what it brings."""

    connect: float = 15
    read: float = 60
    command: float = 90
    slowest: float = 20_000

    def whole(self, size: int) -> float:
        return self.command + size / self.slowest


class Link(IMAPClient):  # type: ignore[misc] # it has no types
    """A greeted and, unless it stays on this machine, encrypted connection. Raises Cut when there can't be one.

    Whatever the server says, of all that is called inside `asking` only a MailboxFailed comes out.
    """

    def __init__(
        self, address: ImapAddress, plug: Plug, *, patience: Patience, authorities: ssl.SSLContext | None = None
    ) -> None:
        self._address = address
        self._plug = plug
        self._patience = patience
        self._tls = authorities or ssl.create_default_context()
        self.normalise_times = False
        plug.expect(patience.connect + patience.whole(0))
        with self._translated():
            timeout = SocketTimeout(connect=patience.connect, read=patience.read)
            try:
                super().__init__(address.host, address.port, ssl=address.tls, timeout=timeout)
                # imapclient has every answer written out for a log that nobody reads: a third of all its time.
                self._imap.debug = 0
                if not address.tls and not address.is_here:
                    self.starttls(self._tls)
            except BaseException:
                self.abandon()
                raise

    def _create_IMAP4(self) -> "_Bounded":  # noqa: N802 (imapclient's name)
        return _Bounded(self._address, self._tls if self._address.tls else None, self._patience.connect, self._plug)

    @contextmanager
    def asking(self, size: int = 0) -> Iterator[None]:
        """One command, which brings about so many bytes."""
        self._imap.allowance = WORDS + size
        self._plug.expect(self._patience.whole(size))
        try:
            with self._translated():
                yield
        finally:
            self._plug.rest()

    def ask_for(self, uids: Sequence[int], what: str) -> bytes:
        """Returns the command's tag. imapclient's own fetch names every id, which makes lines that servers refuse, and
        waits: here the next may be asked for before the first has come."""
        return cast(bytes, self._imap._command("UID", "FETCH", ranges(uids), what))

    def given(self, tag: bytes, uids: Sequence[int]) -> Mapping[int, Mapping[bytes, Any]]:
        """What came for that command; in the order in which they were sent."""
        kind, data = self._imap._command_complete("UID", tag)
        kind, data = self._imap._untagged_response(kind, data, "FETCH")
        self._checkok("fetch", kind, data)
        found = parse_fetch_response(data, normalise_times=False, uid_is_key=True)
        return {uid: found[uid] for uid in uids if uid in found}

    def idle(self) -> None:
        """imapclient's own takes news that come before the server's go-ahead for a mistake."""
        self._idle_tag = self._imap._command("IDLE")
        while self._imap._get_response() is not None:
            if self._imap.tagged_commands[self._idle_tag]:
                raise imaplib.IMAP4.error("IDLE was refused")

    def end_idle(self) -> None:
        self._imap.send(b"DONE\r\n")
        self._imap._command_complete("IDLE", self._idle_tag)

    def expect(self, seconds: float) -> None:
        """Nothing need come for so long."""
        self._plug.expect(seconds + self._patience.command)

    def forget_news(self) -> None:
        """imaplib keeps every line that nobody has asked for."""
        self._imap.untagged_responses.clear()

    def abandon(self) -> None:
        """Without a word to the server."""
        # Whatever state it is in, it is over.
        with suppress(Exception):
            self._imap.shutdown()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except MailboxFailed:
            raise
        except imaplib.IMAP4.readonly as error:
            raise Refused('it may only be read: set after = "leave"') from error
        except (imaplib.IMAP4.abort, ProtocolError) as error:
            raise Cut(self._why(error)) from error
        except imaplib.IMAP4.error as error:
            raise Refused(said(_plain(error))) from error
        except Exception as error:
            raise Cut(self._why(error)) from error

    def _why(self, error: Exception) -> str:
        if self._plug.pulled:
            return "it was silent for too long and was cut" if self._plug.overdue() else "it was cut by the desk"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate of {self._address} can't be trusted: {said(error.verify_message)}"
        if isinstance(error, TimeoutError):
            return f"{self._address} is silent"
        if isinstance(error, OSError):
            return f"{self._address} can't be reached: {said(error.strerror or error)}"
        if isinstance(error, imaplib.IMAP4.error) and not isinstance(error, ProtocolError):
            return f"{self._address} has ended the connection: {said(error)}"
        return f"{self._address} says what can't be understood ({type(error).__name__})"


class _Bounded(imaplib.IMAP4):
    """`allowance`: bytes that may still come."""

    def __init__(self, address: ImapAddress, tls: ssl.SSLContext | None, seconds: float, plug: Plug) -> None:
        self.allowance = WORDS
        self._connect_seconds = seconds
        self._context = tls
        self._plug = plug
        super().__init__(address.host, address.port)

    def _create_socket(self, timeout: float | None = None) -> Any:
        sock = connected(self.host, self.port, self._connect_seconds, self._plug)
        if self._context is None:
            return sock
        try:
            return self._context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise

    def open(self, host: str = "", port: int = 993, timeout: float | None = None) -> None:
        """imaplib reads 8 kB at a time, and after each time the thread has to wait for the others."""
        self.host, self.port = host, port
        self.sock = self._create_socket(timeout)
        self.file = self.sock.makefile("rb", READ)  # type: ignore[assignment] # typeshed knows no buffered ones

    def read(self, size: int) -> bytes:
        self._take(size)
        return cast(bytes, self.file.read(size))

    def readline(self) -> bytes:
        line = cast(bytes, self.file.readline(self.allowance + 1))
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        self.allowance -= size
        if self.allowance < 0:
            raise self.abort("more came than was asked for")


def ranges(uids: Iterable[int]) -> bytes:
    """A set of ids as IMAP writes it: 1:3,7. They must rise."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs).encode("ascii")


def _plain(error: Exception) -> str:
    """The server's words, without what imaplib puts around them in an answer of BAD."""
    return re.sub(r"\[b(['\"])(.*)\1\]$", r"\2", str(error)[:1000])
