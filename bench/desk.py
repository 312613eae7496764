"""A desk as a process of its own, as anybody would start it, and what it takes of the machine."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("firstline"))
# Even if this process is killed itself, the desk is not left behind; util-linux has it, other systems do without.
GUARD = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
START, DRAIN = 60.0, 40.0
STEP = 0.002
TICKS = os.sysconf("SC_CLK_TCK")


class DeskFailed(Exception):
    """The desk did not start, or did not end as it must."""


class Desk:
    """`folder` gets its log and all that it writes; it starts from there."""

    def __init__(self, folder: Path, settings: Mapping[str, str], words: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.url = settings["DATABASE__URL"]
        self.words = words
        self.smtp = ("", 0)
        self.seconds = 0.0
        self._log = folder / "desk.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
        everywhere = {"SMTP__LISTEN": "127.0.0.1:0", "HTTP__LISTEN": "127.0.0.1:0"}
        self._environ |= {f"FIRSTLINE__{name}": value for name, value in {**everywhere, **settings}.items()}

    def run(self, *words: str) -> str:
        """Another command of this desk's; returns what it prints. Raises DeskFailed."""
        done = subprocess.run([PROGRAM, *words], env=self._environ, cwd=self.folder, capture_output=True, check=False)
        if done.returncode:
            raise DeskFailed(f"firstline {words[0]} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
        return done.stdout.decode()

    def start(self) -> None:
        """Returns when it is ready; `seconds` says how long that took. Raises DeskFailed."""
        with self._log.open("wb") as log:
            began = time.monotonic()
            self._process = subprocess.Popen(
                [*GUARD, PROGRAM, "serve", *self.words],
                env=self._environ,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not (ready := self._ready()):
            if self._process.poll() is not None or time.monotonic() - began > START:
                raise DeskFailed(f"the desk did not start: {self._said()[-2000:]}")
            time.sleep(STEP)
        self.seconds = time.monotonic() - began
        self.smtp = (ready[1], int(ready[2]))

    def stop(self) -> None:
        """It drains. Raises DeskFailed unless it then ends with 0."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        if code := self._process.wait(DRAIN):
            raise DeskFailed(f"asked to stop, the desk ended with {code}: {self._said()[-2000:]}")

    def end(self) -> None:
        """Whatever has happened, nothing of it stays."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(10)

    # -------------------------------------------------------------- what it takes

    def memory(self) -> float:
        """MB (of a million bytes), the sum of the proportional set sizes of all its processes (proc_pid_smaps(5))."""
        return sum(_pss(pid) for pid in self.processes()) * 1024 / 1e6

    def cpu(self) -> float:
        """Seconds of processor time that its processes have used until now."""
        return sum(_ticks(pid) for pid in self.processes()) / TICKS

    def processes(self) -> list[int]:
        session = self._process.pid if self._process else 0
        return [pid for pid in _all() if _session(pid) == session]

    # -------------------------------------------------------------- parts

    def _ready(self) -> re.Match[str] | None:
        return re.search(r"^ready smtp=([\d.]+):(\d+) .*\n", self._said(), re.MULTILINE)

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return 0


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _session(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[3]) if fields and fields[0] != "Z" else None


def _stat(pid: int) -> list[str]:
    """From the state on, the third field of proc_pid_stat(5): what comes before may hold spaces."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return []
