"""A desk as a process of its own: started, killed, stopped and stopped in its tracks like any other program."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.waiting import until, until_sync

PROGRAM = str(Path(sys.executable).with_name("firstline"))
# Even if this process is killed itself, the desk is not left behind; util-linux has it, other systems do without.
GUARD = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
START = 60.0
# The contract: a desk that is asked to stop has drained after 30 s.
DRAIN = 30.0

KNOWLEDGE = Path(__file__).parents[2] / "config" / "sample_knowledge"


class DeskFailed(AssertionError):
    """The desk did not start, or did not stop as it must."""


class Desk:
    """`folder` gets its log, its clock and its keys; `url` is its database."""

    def __init__(self, folder: Path, url: str, relay: str, secrets: dict[str, str]) -> None:
        self.folder = folder
        self.url = url
        self.clock = Clock(folder / "clock")
        self.log = folder / "desk.log"
        self.up = asyncio.Event()
        self.address = ("", 0)
        self._process: subprocess.Popen[bytes] | None = None
        self._sessions: list[int] = []
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
        self._environ |= secrets | {
            "FIRSTLINE__DATABASE__URL": url,
            "FIRSTLINE__SMTP__LISTEN": "127.0.0.1:0",
            "FIRSTLINE__HTTP__LISTEN": "127.0.0.1:0",
            "FIRSTLINE__RELAY__URL": relay,
            "FIRSTLINE__TRIAGE__TRIAGER": "local",
            "FIRSTLINE__TRIAGE__LEVEL": "automatic",
            "FIRSTLINE__TRIAGE__UNVERIFIED_REPLIES": "0",
            "FIRSTLINE__KNOWLEDGE__FOLDER": str(KNOWLEDGE),
            "FIRSTLINE__AGENTS__MAIL": "oncall@example.org",
            "FIRSTLINE_CLOCK": str(self.clock.file),
        }

    # -------------------------------------------------------------- its life

    def migrate(self) -> None:
        """For PostgreSQL, where `serve` doesn't."""
        done = subprocess.run(
            [PROGRAM, "migrate"], env=self._environ, cwd=self.folder, capture_output=True, timeout=START, check=False
        )
        if done.returncode:
            raise DeskFailed(f"firstline migrate ended with {done.returncode}: {done.stderr.decode()}")

    async def start(self, failpoint: str | None = None) -> None:
        """Returns when it is ready. Whatever a dead one held is free by then: the Clock has moved on.

        One that dies at its failpoint before it is ready is started as well: `is_running` tells.
        """
        self.clock.move(61)
        begin = self.log.stat().st_size if self.log.exists() else 0
        process = self._launch({"FIRSTLINE_FAILPOINT": failpoint} if failpoint else {})
        ready = await until(lambda: self._ready(begin), START, "the desk is ready")
        if isinstance(ready, re.Match):
            self.address = (ready[1], int(ready[2]))
            self.up.set()
        elif process.returncode != -signal.SIGKILL:
            raise DeskFailed(f"the desk did not start ({process.returncode}): {self._since(begin)[-2000:]}")

    async def listening(self) -> tuple[str, int]:
        await self.up.wait()
        return self.address

    @property
    def is_running(self) -> bool:
        running = self._process is not None and self._process.poll() is None
        if not running:
            self.up.clear()
        return running

    async def kill(self) -> None:
        """SIGKILL, unless it is dead already; returns when it is gone with all its children."""
        self.send(signal.SIGKILL)
        await self.gone()

    async def stop(self) -> float:
        """SIGTERM; returns how many seconds the drain took. Raises DeskFailed unless it ended in time with 0."""
        began = time.monotonic()
        self.up.clear()
        self.send(signal.SIGTERM)
        await until(lambda: not self.is_running, DRAIN + 5, "the desk has drained")
        took = time.monotonic() - began
        assert self._process is not None
        if self._process.returncode != 0 or took > DRAIN:
            raise DeskFailed(f"asked to stop, the desk ended with {self._process.returncode} after {took:.1f} s")
        await self.gone()
        return took

    def send(self, number: signal.Signals) -> None:
        """Raises DeskFailed when it has ended without having been killed."""
        if not self.has_died() and self._process is not None:
            self._process.send_signal(number)

    def has_died(self) -> bool:
        """True after a SIGKILL, from us or at a failpoint. Raises DeskFailed when it has ended in any other way."""
        code = None if self.is_running or self._process is None else self._process.returncode
        if code not in (None, -signal.SIGKILL):
            raise DeskFailed(f"the desk ended by itself with {code}: {self.words()[-500:]}")
        return code is not None

    async def gone(self) -> None:
        """Raises AssertionError when a child outlives it by more than some seconds."""
        await until(lambda: not self.is_running, 10, "the desk is dead")
        await until(lambda: not self.left_behind(), 10, "the children of the desk are gone")

    def left_behind(self) -> list[int]:
        """Processes of the desks that were started here, dead or alive."""
        return [pid for pid, session in _processes() if session in self._sessions]

    def end(self) -> None:
        """Whatever has happened, nothing of it stays."""
        for pid in self.left_behind():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(10)
        until_sync(lambda: not self.left_behind(), 10, "nothing of the desk is left")

    def _launch(self, extra: dict[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*GUARD, PROGRAM, "serve"],
                env=self._environ | extra,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._sessions.append(self._process.pid)
        return self._process

    # -------------------------------------------------------------- what it says

    def words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def passed(self) -> dict[str, int]:
        """The failpoints of the last run, which had `list:count@1`."""
        lines = [json.loads(line) for line in self.words().splitlines() if line.startswith("{") and '"passed"' in line]
        return {str(name): int(count) for name, count in lines[-1]["passed"].items()}

    def _ready(self, begin: int) -> re.Match[str] | str | None:
        if not self.is_running:
            return "dead"
        return re.search(r"^ready smtp=([\d.]+):(\d+) ", self._since(begin), re.MULTILINE)

    def _since(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace")


class Clock:
    """The desk's, in a file: it stands still until it is moved."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.instant = datetime.now(UTC)
        self._write()

    def move(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)
        self._write()

    def move_to(self, text: str) -> None:
        """To an instant as `evidence.py` writes it; never back."""
        self.instant = max(self.instant, datetime.fromisoformat(text).replace(tzinfo=UTC))
        self._write()

    def _write(self) -> None:
        # Put in place as a whole: the desk may be reading.
        fresh = self.file.with_suffix(".new")
        fresh.write_text(self.instant.isoformat(), encoding="ascii")
        fresh.replace(self.file)


def _processes() -> list[tuple[int, int]]:
    """(process, session) of all that are alive, from /proc: proc_pid_stat(5)."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            if state != "Z":
                found.append((int(entry.name), int(session)))
    return found
