"""pymap: an IMAP server from a package, for machines without Dovecot. It keeps mail in memory, for one account."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.imap import PASSWORD, Account, NoImapServer, free_port
from tests.waiting import until_sync

USER = "ann"


@contextmanager
def pymap() -> Iterator["Pymap"]:
    """Raises NoImapServer."""
    program = Path(sys.executable).with_name("pymap")
    if not program.exists():
        raise NoImapServer("wants pymap: the package is not installed")
    server = Pymap(program)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Pymap:
    def __init__(self, program: Path) -> None:
        self.port = free_port()
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls"]
        account = ["--demo-user", USER, "--demo-password", PASSWORD]
        self._process = subprocess.Popen(
            [self._program, "--no-service", "managesieve", "--no-service", "admin", *where, "dict", *account],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until_sync(self._greets, 30, "pymap takes connections")

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(30)

    def account(self) -> Account:
        """The only one, emptied."""
        account = Account(self.port, USER)
        with account.client() as client:
            if uids := client.search():
                client.delete_messages(uids)
                client.expunge()
        return account

    def _greets(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            return client.recv(4) == b"* OK"
        return False
