"""The supervisor with small programs in the desk's place."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.waiting import until_sync

SUPERVISE = Path(__file__).parents[2] / "deploy" / "supervise.sh"


class Supervised:
    """A program under the supervisor; it writes a line to `runs` at each start."""

    def __init__(self, folder: Path, program: str) -> None:
        self.runs = folder / "runs"
        self.file = folder / "program"
        self.file.write_text(program.replace("RUNS", str(self.runs)))
        self.file.chmod(0o755)
        self.process = self.start([SUPERVISE, self.file])

    def start(self, command: list[object]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            list(map(str, command)), stderr=subprocess.PIPE, text=True, start_new_session=True, env=os.environ
        )

    def starts(self) -> list[int]:
        return [int(line) for line in self.runs.read_text().split()] if self.runs.exists() else []

    def ends(self, within: float = 10) -> tuple[int, str]:
        _, said = self.process.communicate(timeout=within)
        return self.process.returncode, said

    def left(self) -> list[int]:
        """What still runs of its session."""
        return session(self.process.pid)


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[type[Supervised]]:
    made: list[Supervised] = []

    class Here(Supervised):
        def __init__(self, program: str) -> None:
            super().__init__(tmp_path, program)
            made.append(self)

    yield Here
    for one in made:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.communicate()


def session(leader: int) -> list[int]:
    found = []
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        with suppress(ProcessLookupError):
            found += [pid] if os.getsid(pid) == leader else []
    return found


def shell(program: str) -> str:
    return f"#!/bin/sh\necho $$ >> RUNS\n{program}\n"


def patient(code: int) -> str:
    """Runs until SIGTERM, then takes a moment and exits."""
    return f"""#!{sys.executable}
import os, signal, sys, time
def stop(*_):
    time.sleep(0.2)
    sys.exit({code})
signal.signal(signal.SIGTERM, stop)
print(os.getpid(), file=open("RUNS", "a"))
while True:
    signal.pause()
"""


@pytest.mark.parametrize("code", [0, 1, 3, 71])
def test_any_other_end_is_passed_on(supervised: type[Supervised], code: int) -> None:
    desk = supervised(shell(f"exit {code}"))
    assert desk.ends() == (code, "")
    assert len(desk.starts()) == 1


def test_a_broken_desk_is_started_again_at_most_five_times_in_a_minute(supervised: type[Supervised]) -> None:
    desk = supervised(shell("exit 70"))
    code, said = desk.ends()
    assert code == 70
    assert len(desk.starts()) == 6
    assert said.count("is started again") == 5
    assert "given up" in said


def test_it_goes_on_when_the_desk_is_well_again(supervised: type[Supervised]) -> None:
    desk = supervised(shell("[ $(wc -l < RUNS) -gt 2 ] || exit 70; exit 4"))
    assert desk.ends()[0] == 4
    assert len(desk.starts()) == 3


def test_restarts_long_ago_are_forgiven(tmp_path: Path) -> None:
    """`date` is made to jump half a minute at each asking: never five in one minute."""
    (tmp_path / "date").write_text(
        f"#!/bin/sh\necho 30 >> {tmp_path}/time\necho $(($(wc -l < {tmp_path}/time) * 30))\n"
    )
    (tmp_path / "date").chmod(0o755)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho >> {tmp_path}/runs\n[ $(wc -l < {tmp_path}/runs) -gt 12 ] || exit 70\n")
    program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    ended = subprocess.run([SUPERVISE, program], env={"PATH": path}, timeout=20, capture_output=True, text=True)
    assert ended.returncode == 0
    assert ended.stderr.count("started again") == 12


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_desk_in_order(supervised: type[Supervised], number: int) -> None:
    desk = supervised(patient(5))
    until_sync(desk.starts)
    desk.process.send_signal(number)
    assert desk.ends()[0] == 5
    assert desk.left() == []


def test_repeated_signals_don_t_lose_the_exit_code(supervised: type[Supervised]) -> None:
    desk = supervised(patient(6))
    until_sync(desk.starts)
    for _ in range(20):
        desk.process.send_signal(signal.SIGTERM)
    assert desk.ends()[0] == 6


def test_a_desk_that_breaks_while_it_stops_is_not_started_again(supervised: type[Supervised]) -> None:
    desk = supervised(patient(70))
    until_sync(desk.starts)
    desk.process.terminate()
    assert desk.ends()[0] == 70
    assert len(desk.starts()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_make_alone_ends_the_desk(tmp_path: Path, number: int) -> None:
    if not shutil.which("make"):
        pytest.skip("wants make: it is not installed")
    program, runs = tmp_path / "program", tmp_path / "runs"
    program.write_text(patient(0).replace("RUNS", str(runs)))
    program.chmod(0o755)
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {SUPERVISE} {program}\n")
    make = subprocess.Popen(["make", "-C", tmp_path, "run"], start_new_session=True, stderr=subprocess.PIPE)
    until_sync(lambda: runs.exists() and runs.read_text().endswith("\n"))
    make.send_signal(number)
    make.communicate(timeout=15)
    assert session(make.pid) == []


def test_a_new_desk_starts_without_delay(supervised: type[Supervised]) -> None:
    begun = time.monotonic()
    desk = supervised(shell("[ $(wc -l < RUNS) -gt 1 ] || exit 70"))
    assert desk.ends()[0] == 0
    assert time.monotonic() - begun < 5
