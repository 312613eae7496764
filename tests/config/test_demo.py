"""firstline demo: a whole desk, a dozen customers, and an honest count."""

import asyncio
import io
import json
import os
import pty
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bot.keyring import KeyRing
from config.channels import channels
from config.demo import pictures, screen
from config.demo.letters import PARTS
from config.demo.mailboxes import Mailboxes
from config.demo.play import Play, Seen
from config.desk import Desk
from config.kinds import Endpoint
from config.settings import Settings
from storage.store import SqlStore
from tests.crash.desk import PROGRAM
from tests.waiting import until_sync

KEYS = ["answered", "ticketed", "escalated", "ignored", "failed"]

# What a developer's own desk may have around; the demo must neither heed nor touch it.
THEIRS = {
    "FIRSTLINE__SMTP__LISTEN": "no endpoint",
    "FIRSTLINE__RELAY__URL": "smtp://user:canary@relay.invalid",
    "FIRSTLINE_FAILPOINT": "triage.before:kill@1",
    "FIRSTLINE_CLOCK": "/nowhere",
}


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "firstline.toml").write_text("this is no TOML")
    (tmp_path / "tmp").mkdir()
    return os.environ | THEIRS | {"TMPDIR": str(tmp_path / "tmp"), "TERM": "xterm"}


@pytest.fixture
def _left_clean(tmp_path: Path) -> Iterator[None]:
    yield
    assert sorted(one.name for one in tmp_path.iterdir()) == ["firstline.toml", "tmp"]
    assert list((tmp_path / "tmp").iterdir()) == [], "nothing of it is kept"


def run(environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([PROGRAM, "demo"], env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.usefixtures("_left_clean")
def test_without_a_terminal_it_tells_a_line_a_mail_and_ends_with_the_table(surroundings: Mapping[str, str]) -> None:
    ended = run(surroundings)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [line.split() for line in ended.stdout.splitlines() if line.strip()]
    over = [line for line in lines if line[0] in KEYS and line[-1].endswith("s)")]
    assert len(over) == len(PARTS)
    assert [line[0] for line in lines[-5:]] == KEYS
    assert sum(int(line[1]) for line in lines[-5:]) == len(PARTS)
    assert "Forgot" in ended.stdout, "the replies are shown"
    assert "\x1b" not in ended.stdout
    assert "canary" not in ended.stdout


@pytest.mark.usefixtures("_left_clean")
def test_for_programs_there_is_one_object_and_nothing_else(surroundings: Mapping[str, str]) -> None:
    ended = run(surroundings | {"FIRSTLINE_JSON": "1"})
    assert (ended.returncode, ended.stderr) == (0, "")
    (line,) = ended.stdout.splitlines()
    counts = json.loads(line)
    assert list(counts) == KEYS
    assert counts == {"answered": 5, "ticketed": 3, "escalated": 4, "ignored": 2, "failed": 0}


@pytest.mark.usefixtures("_left_clean")
def test_ctrl_c_ends_it_cleanly(surroundings: Mapping[str, str]) -> None:
    ours, theirs = pty.openpty()
    seen: list[bytes] = []
    demo = subprocess.Popen([PROGRAM, "demo"], env=surroundings, stdout=theirs, stderr=subprocess.PIPE)
    try:
        os.close(theirs)
        until_sync(lambda: seen.append(os.read(ours, 65536)) or b"answered" in b"".join(seen), 30, "the first answer")
        demo.send_signal(signal.SIGINT)
        while _more(ours):
            pass
        assert demo.wait(30) == 1
        assert demo.stderr
        assert demo.stderr.read() == b"firstline: the demo was stopped before its end\n"
    finally:
        demo.kill()
        demo.wait()
        os.close(ours)
        demo.stderr and demo.stderr.close()


def _more(terminal: int) -> bytes:
    """Linux answers EIO when the other side of a terminal is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


# ------------------------------------------------------------------ counting


async def test_what_was_not_taken_or_never_written_has_failed(sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nobody = Endpoint(*gone.getsockname()[:2])
    told: list[Seen] = []
    play = Play(told.append, 0, patience=0.2)
    async with SqlStore(sqlite_url) as store, Mailboxes() as mailboxes:
        await play.run(store, nobody, mailboxes)
    assert screen.counts(play.seen) == dict.fromkeys(KEYS, 0) | {"failed": len(PARTS)}
    assert len(told) == len(PARTS)
    assert all(one.problem for one in told)


async def test_what_is_kept_but_never_decided_has_failed(sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "smtp": {"listen": "127.0.0.1:0", "domains": ["lumenpost.example"]},
            "relay": {"outbox": tmp_path / "outbox"},
        }
    )
    connectors = channels(settings, KeyRing({"a": bytes(32)}, newest="a"))
    play = Play(lambda _: None, 0, patience=1)
    async with SqlStore(sqlite_url) as store, Mailboxes() as mailboxes:
        desk = Desk(store, connectors, [], listening=["smtp"])
        ready = asyncio.Event()
        running = asyncio.create_task(desk.run(ready.set))
        await ready.wait()
        await play.run(store, Endpoint(*connectors["smtp"].endpoint), mailboxes)
        desk.stop()
        await running
    assert screen.counts(play.seen)["failed"] == len(PARTS)
    assert "it waits to be read" in play.seen[0].problem


# ------------------------------------------------------------------ showing


def test_no_words_command_the_terminal() -> None:
    evil = replace(PARTS[0].letter, name="\x1b]0;x\x07Eve", subject="\x1b[2J[bold red]Hi[/]\u202e")
    one = Seen(replace(PARTS[0], letter=evil), refused="\x1b[31mno\x07")
    out = io.StringIO()
    console = Console(file=out, width=120)
    for picture in (pictures.walk([one], "127.0.0.1:25"), pictures.line(one), *pictures.replies([one])):
        console.print(picture)
    shown = out.getvalue()
    assert "[bold red]Hi[/]" in shown
    assert all(c.isprintable() or c in "\n " for c in shown)
