"""The systemd unit: systemd's own checks of it, and what it has in common with the code."""

import shutil
import subprocess
from pathlib import Path

import pytest

from config.cli import COMMANDS
from config.desk import DRAIN_SECONDS
from config.running import BROKEN
from config.settings import Settings, known
from tests.crash.desk import PROGRAM

UNIT = Path(__file__).parents[2] / "deploy" / "firstline.service"
INSTALLED = "/opt/firstline/.venv/bin/firstline"
# systemd-analyze counts in tenths: 2.0 of 10.
EXPOSURE = "20"


def settings(name: str) -> list[str]:
    """Every value that the unit gives it, in order."""
    lines = [line.partition("=") for line in UNIT.read_text(encoding="utf-8").splitlines()]
    return [value for key, _, value in lines if key == name]


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """A copy for the program that is here: systemd looks whether there is one."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace(INSTALLED, PROGRAM), encoding="utf-8")
    return copy


def analyze(*words: str | Path) -> str:
    """What systemd-analyze says of it; it must be content."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("wants systemd-analyze: the package systemd is not installed")
    done = subprocess.run(
        ["systemd-analyze", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_systemd_finds_no_fault(unit: Path) -> None:
    # It also loads what the machine has; only of ours may nothing be said.
    said = analyze("verify", "--man=no", unit)
    assert [line for line in said.splitlines() if unit.name in line] == []


def test_little_is_exposed(unit: Path) -> None:
    analyze("security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", unit)


def test_it_serves() -> None:
    (command,) = settings("ExecStart")
    program, name = command.split()
    assert program == INSTALLED
    assert name in COMMANDS


def test_a_broken_desk_is_started_again_and_a_refused_one_is_not() -> None:
    (final,) = settings("RestartPreventExitStatus")
    assert final.split() == ["2", "3"]
    assert str(BROKEN) not in final


def test_systemd_waits_longer_than_a_drain() -> None:
    (stop,), (watchdog,) = settings("TimeoutStopSec"), settings("WatchdogSec")
    assert int(stop) > DRAIN_SECONDS
    assert int(watchdog) / 2 > DRAIN_SECONDS


def test_the_default_ports_and_that_of_mail_may_be_listened_on() -> None:
    defaults = Settings()
    ports = {25, defaults.smtp.listen.port, defaults.http.listen.port}
    assert settings("SocketBindAllow") == [f"tcp:{port}" for port in sorted(ports)]


def test_each_credential_is_named_after_a_secret_and_may_be_missing() -> None:
    """With a path after a colon a missing file would fail the start."""
    secrets = {f"firstline.{key.section}-{key.name.replace('_', '-')}" for key in known() if key.secret}
    credentials = settings("LoadCredential")
    assert len(credentials) == 3
    assert set(credentials) <= secrets


def test_no_secret_stands_in_the_unit() -> None:
    assert settings("Environment") == settings("EnvironmentFile") == settings("SetCredential") == []
