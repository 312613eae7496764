"""What systemd is told about the desk, when it is systemd that started it: sd_notify(3), Type=notify in a unit.

systemd = Systemd.found()       # before any child is started
systemd.ready("…")              # again after each reloading()
"""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass

log = logging.getLogger("firstline.systemd")


@dataclass(frozen=True)
class Systemd:
    """`address`: where it listens; empty: nobody does, and every word is dropped. `watchdog`: seconds without a sign
    of life after which it ends the desk; 0: it doesn't."""

    address: str = ""
    watchdog: float = 0.0

    @classmethod
    def found(cls, environ: MutableMapping[str, str] = os.environ) -> "Systemd":
        """Taken out of the environment, so that no child process can speak for the desk."""
        address = environ.pop("NOTIFY_SOCKET", "")
        microseconds, for_whom = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
        if not microseconds.isdecimal() or for_whom not in ("", str(os.getpid())):
            return cls(address)
        return cls(address, int(microseconds) / 1e6)

    def ready(self, status: str) -> None:
        """Requests are taken; `status` is what `systemctl status` shows."""
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Settings are read again; `ready` ends it."""
        # Type=notify-reload (systemd 253) tells by the time which reload is answered.
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1", "STATUS=draining")

    async def watch(self, problem: Callable[[], str | None]) -> None:
        """A sign of life twice in each span of the watchdog, as long as the loop runs and there is no problem."""
        while True:
            await asyncio.sleep(self.watchdog / 2)
            if problem() is None:
                self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> None:
        if not self.address:
            return
        # An @ stands for the NUL byte with which an abstract address begins: unix(7).
        address = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
                sock.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            log.warning("systemd could not be told", extra={"error": error})
