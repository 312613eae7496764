"""What every IMAP server for tests has: an account, and another mail program that uses it."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from imapclient import IMAPClient

from bot.ids import new_id

PASSWORD = "secret"


class NoImapServer(Exception):
    """There is none of this kind; the text is a reason to skip."""


@dataclass
class Account:
    """Somebody's mailbox on a server of this machine."""

    port: int
    user: str

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Another mail program, logged in and in the folder."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.login(self.user, PASSWORD)
            client.select_folder(folder)
            yield client

    def put(self, *mails: bytes, date: datetime | None = None) -> None:
        """Into the inbox, as if they had arrived at `date`."""
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", mail, msg_time=date or datetime.now(UTC))

    def flags(self) -> list[tuple[bytes, ...]]:
        """Of each mail of the inbox, without \\Recent."""
        with self.client() as client:
            flags = client.get_flags(client.search()).values()
        return [tuple(flag for flag in one if flag != b"\\Recent") for one in flags]

    def flags_are(self, *flags: bytes) -> bool:
        """Of each mail, and there is one."""
        found = self.flags()
        return bool(found) and all(one == flags for one in found)

    def is_empty(self) -> bool:
        return self.count() == 0

    def count(self, folder: str = "INBOX") -> int:
        with self.client(folder) as client:
            return len(client.search())


def letter(number: int = 1, *, size: int = 0, sender: str = "ann@cust.test") -> bytes:
    """A mail unlike any other, at least so many bytes long."""
    head = (
        f"From: Ann <{sender}>\r\nTo: support@firstline.localhost\r\nSubject: Question {number}\r\n"
        f"Message-ID: <{number}.{new_id()}@cust.test>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\n"
    ).encode()
    body = b"I forgot my password. How can I reset my password?\r\n"
    return head + body * max(1, -(-(size - len(head)) // len(body)))


def letters(number: int, *, size: int = 0) -> Sequence[bytes]:
    return [letter(n, size=size) for n in range(1, number + 1)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
