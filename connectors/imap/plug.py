"""The plug of a connection, which another thread can pull: nothing that waits on the socket waits any longer.

A deadline goes with it. Timeouts of the socket end when a single byte comes, and a cut network can leave a wait without
one (mjs/imapclient#449), so somebody outside the thread looks whether the command under way has had its time.
"""

import socket
import threading
import time
from contextlib import suppress

from connectors.imap.failures import Cut


class Plug:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._pulled = False
        self._deadline: float | None = None

    def hold(self, sock: socket.socket) -> None:
        """The connection's socket, before it connects. Raises Cut when the plug has been pulled already."""
        with self._lock:
            if self._pulled:
                raise Cut("it was cut by the desk")
            self._drop()
            # A second handle on the same connection: it stays the same when TLS wraps the first.
            self._held = sock.dup()

    def pull(self) -> None:
        """From any thread; for good."""
        with self._lock:
            self._pulled = True
            if self._held is not None:
                with suppress(OSError):
                    self._held.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """The connection has ended."""
        with self._lock:
            self._deadline = None
            self._drop()

    @property
    def pulled(self) -> bool:
        return self._pulled

    def expect(self, seconds: float) -> None:
        """What begins now will have ended by then."""
        self._deadline = time.monotonic() + seconds

    def rest(self) -> None:
        """Nothing is under way that could be late."""
        self._deadline = None

    def overdue(self) -> bool:
        deadline = self._deadline
        return deadline is not None and time.monotonic() > deadline

    def _drop(self) -> None:
        if self._held is not None:
            self._held.close()
        self._held = None


def connected(host: str, port: int, seconds: float, plug: Plug) -> socket.socket:
    """To the first of the host's addresses that answers within so many seconds. Raises OSError or Cut."""
    failed: OSError | None = None
    for family, kind, number, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, number)
        try:
            sock.settimeout(seconds)
            plug.hold(sock)
            sock.connect(address)
        except OSError as error:
            sock.close()
            failed = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failed or OSError(f"{host} has no address")
