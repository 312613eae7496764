"""One `serve` per file, and whoever comes second is told who was first."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.lock import DatabaseLocked, hold

HOLD = """
import sys, time
from pathlib import Path
from storage.lock import hold

with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "firstline.db"
    holder = rf"firstline\.db is being served by process {os.getpid()} on .+ since"
    with hold(file), pytest.raises(DatabaseLocked, match=holder):
        hold(file).__enter__()
    with hold(file):
        pass


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "firstline.db"
    with subprocess.Popen([sys.executable, "-c", HOLD, file], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseLocked, match=f"process {other.pid} "):
            hold(file).__enter__()
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        with hold(file):
            assert f"process {os.getpid()} " in (tmp_path / "firstline.db.lock").read_text()


def test_two_files_are_two_locks(tmp_path: Path) -> None:
    with hold(tmp_path / "one.db"), hold(tmp_path / "two.db"):
        pass


def test_the_lock_is_let_go_when_its_work_fails(tmp_path: Path) -> None:
    file = tmp_path / "firstline.db"
    with pytest.raises(ZeroDivisionError), hold(file):
        raise ZeroDivisionError
    with hold(file):
        pass
