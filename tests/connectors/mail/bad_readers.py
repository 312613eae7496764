"""Readers as bad as a stranger could wish."""

import os
import signal
import time
from dataclasses import dataclass

from bot.model import Arrival, Skipped


@dataclass(frozen=True)
class Bad:
    deed: str
    isolated: bool = True

    def __call__(self, arrival: Arrival) -> Skipped:
        if self.deed == "raise":
            raise ValueError("the customer's words")
        if self.deed == "hang":
            time.sleep(3600)
        if self.deed == "spin":
            while True:
                pass
        if self.deed == "grow":
            return Skipped(str(len([bytes(50_000_000) for _ in range(100)])))
        if self.deed == "die":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.deed == "exit":
            raise SystemExit(3)
        if self.deed == "look":
            return Skipped(
                " ".join(sorted(name for name in os.environ if name.startswith(("FIRSTLINE", "CREDENTIALS"))))
            )
        return Skipped(f"{os.getpid()}")
