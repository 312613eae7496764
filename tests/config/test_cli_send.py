"""firstline send: a test mail to a running desk, followed to its end."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.demo.mailboxes import Mailboxes
from config.errors import Refused
from config.kinds import Endpoint
from config.sending import Letter, hand_over, reachable
from tests.config.commands import Commands
from tests.crash.desk import PROGRAM
from tests.waiting import until_sync


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[str]:
    """A desk as a process of its own, with its database in the folder; where it takes mail."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
    environ |= {"FIRSTLINE__SMTP__LISTEN": "127.0.0.1:0", "FIRSTLINE__HTTP__LISTEN": "127.0.0.1:0"}
    log = folder / "log"
    with log.open("wb") as out:
        desk = subprocess.Popen([PROGRAM, "serve", "--trial", *words], env=environ, cwd=folder, stderr=out)
    try:
        ready = until_sync(lambda: desk.poll() is not None or "\nready " in f"\n{log.read_text()}", 30, "the desk")
        assert ready
        assert desk.poll() is None, log.read_text()
        last = next(line for line in log.read_text().splitlines() if line.startswith("ready "))
        yield next(part.removeprefix("smtp=") for part in last.split() if part.startswith("smtp="))
    finally:
        desk.send_signal(signal.SIGTERM)
        desk.wait(40)


def beside(folder: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FIRSTLINE__SMTP__LISTEN", where)
    return Commands(f"sqlite:///{folder}/var/firstline.db", monkeypatch)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def endpoint(home: Path) -> Iterator[str]:
    with serving(home) as where:
        yield where


@pytest.fixture
def firstline(home: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return beside(home, endpoint, monkeypatch)


def test_a_mail_is_followed_to_its_reply(firstline: Commands) -> None:
    ended = firstline("send")
    assert (ended.code, ended.err) == (0, "")
    steps = [line.split()[2] for line in ended.out.splitlines() if line.startswith("20")]
    assert steps == ["kept", "read", "decided", "delivery"]
    assert "delivered after" in ended.out
    assert "“Reset your password”" in ended.out, "the reply's text"


def test_programs_get_an_object_a_step_and_the_outcome_last(firstline: Commands) -> None:
    ended = firstline("send", "I want to talk to a human.", "--subject", "Help", "--json")
    assert (ended.code, ended.err) == (0, "")
    *steps, outcome = ended.json
    assert [step["step"] for step in steps][:5] == ["kept", "read", "decided", "ticket", "escalated"]
    assert (outcome["step"], outcome["ok"], outcome["action"]) == ("outcome", True, "Escalate")
    assert outcome["arrival"] == steps[0]["id"]
    assert [reply["kind"] for reply in outcome["replies"]] == ["acknowledgement"]
    assert (outcome["waits_for"], outcome["problem"]) == ("", "")


def test_each_comes_from_a_stranger_so_that_each_is_answered(firstline: Commands) -> None:
    outcomes = [step for step in firstline("send", "--count", 3, "--json").json if step["step"] == "outcome"]
    assert [outcome["action"] for outcome in outcomes] == ["Answer"] * 3
    assert len({outcome["from"] for outcome in outcomes}) == 3


def test_the_sender_may_be_named_and_the_text_piped_in(firstline: Commands) -> None:
    said = b"How do I reset my password?\n.\n.. and a line that begins with dots"
    ended = firstline("send", "-", "--from", "ann@example.org", "--to", "help@firstline.localhost", "--json", said=said)
    assert ended.json[-1]["from"] == "ann@example.org"
    arrival = ended.json[-1]["arrival"]
    conversation = ended.json[-1]["conversation"]
    assert firstline("trace", arrival).code == 0
    found = firstline.read(lambda look: look.conversations.get(look.conversations.find(conversation)))
    assert found.messages[0].text == said.decode()


def test_nothing_may_be_owed(firstline: Commands) -> None:
    ended = firstline("send", "Thank you very much!")
    assert ended.code == 0
    assert "The desk owes no reply to this." in ended.out


def test_a_desk_with_another_database_is_noticed(
    firstline: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE__DATABASE__URL", f"sqlite:///{tmp_path}/other.db")
    ended = firstline("send")
    assert (ended.code, ended.out) == (1, "")
    assert "DATABASE__URL" in ended.err


@pytest.mark.parametrize(
    "words", [("--to", "a@@b"), ("--from", "nobody"), ("--subject", "a\nb"), ("--count", 0), (" ",)]
)
def test_wrong_use_sends_nothing(firstline: Commands, words: tuple[object, ...]) -> None:
    ended = firstline("send", *words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err


def test_an_address_that_is_not_the_desks_is_refused(firstline: Commands) -> None:
    ended = firstline("send", "--to", "ann@example.org")
    assert (ended.code, ended.out) == (3, "")
    assert "550" in ended.err


# ------------------------------------------------------------------ desks that don't do their work


def test_what_is_not_done_in_time_says_what_it_waits_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, "--only", "smtp") as where:
        firstline = beside(tmp_path, where, monkeypatch)
        ended = firstline("send", "--wait", 0.2, "--json")
    assert ended.code == 1
    assert [step["step"] for step in ended.json] == ["kept", "outcome"]
    assert (ended.json[-1]["ok"], ended.json[-1]["waits_for"]) == (False, "to be read")
    assert "not done within 0.2 s" in ended.err
    assert f"firstline trace {ended.json[0]['id']}" in ended.err


def test_nobody_at_the_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        where = f"127.0.0.1:{gone.getsockname()[1]}"
    ended = beside(tmp_path, where, monkeypatch)("send")
    assert (ended.code, ended.out) == (3, "")
    assert where in ended.err
    assert "Connection refused" in ended.err
    assert "firstline serve" in ended.err
    assert list(tmp_path.iterdir()) == [], "no database is made for nothing"


async def test_something_else_at_the_port() -> None:
    letter = Letter("ann@example.org", "support@example.org", "Hi", "Hello\n.\n")
    async with Mailboxes() as other:
        with pytest.raises(Refused, match="is no desk of ours"):
            await hand_over(letter, Endpoint("127.0.0.1", other.port))
        mail = await other.first("support@example.org")
    assert (mail["Subject"], mail.get_content().split()) == ("Hi", ["Hello", "."])


def test_a_desk_that_listens_everywhere_is_reached_here() -> None:
    assert reachable(Endpoint("0.0.0.0", 25)) == Endpoint("127.0.0.1", 25)
    assert reachable(Endpoint("::", 25)) == Endpoint("::1", 25)
    assert reachable(Endpoint("mx.example.org", 25)) == Endpoint("mx.example.org", 25)
    with pytest.raises(Refused, match="SMTP__LISTEN"):
        reachable(Endpoint("127.0.0.1", 0))
