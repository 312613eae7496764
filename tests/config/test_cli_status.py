"""firstline status: one screen, beside a running desk or without one, and nothing of strangers commands it."""

import os
import pty
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.ids import new_id
from bot.model import Answer, Decision, Escalate, Lane, Level, Proposal, Receipt
from bot.rows import Spent
from bot.store import Transaction
from config.cli import status_view
from storage.lock import hold
from tests.config.commands import Commands, filed, owed, ticketed
from tests.config.test_cli_render import harmful
from tests.crash.desk import PROGRAM
from tests.waiting import until_sync

HOSTILE = "refused \x1b[31mred\x1b]0;title\x07 [bold]bold[/bold] \u202eback\nReady"


def busy(tx: Transaction) -> None:
    """A desk in some trouble."""
    conversation = filed(tx)
    tx.conversations.decide(decision(conversation.id, 1, Answer("Yes.", ()), tokens_in=900, cost=0.5))
    tx.conversations.decide(decision(conversation.id, 2, Escalate("legal threat")))
    tx.outbox.delivered(owed(tx, conversation).id, Receipt("r"))
    tx.outbox.undeliverable(owed(tx, conversation).id, "no such user")
    owed(tx, conversation)
    ticket = tx.tickets.get(ticketed(tx, conversation))
    assert ticket
    tx.tickets.call(ticket.id, "legal threat")
    tx.jobs.put(Lane.TRIAGE, "stuck")
    tx.jobs.set_aside(Lane.TRIAGE, "stuck", "it broke")
    tx.jobs.pause("smtp", tx.now + timedelta(minutes=5), HOSTILE)
    tx.alerts.begin("disk", HOSTILE, remind=timedelta(hours=1))
    tx.budgets.take(tx.now.date(), 0, Spent(900, 0.5), limit=Spent())
    tx.desk.stop(HOSTILE)


def decision(conversation: object, turn: int, action: Answer | Escalate, **more: object) -> Decision:
    proposal = Proposal(action, triager="local", **more)
    return Decision(new_id(), conversation, turn, 1, (), action, proposal, Level.AUTOMATIC)


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """One at which nobody answers."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as taken:
        port = taken.server_address[1]
    monkeypatch.setenv("FIRSTLINE__HTTP__LISTEN", f"127.0.0.1:{port}")
    return port


@contextmanager
def answering(port: int, status: int, body: str) -> Iterator[None]:
    class Fixed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", port), Fixed) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


# ------------------------------------------------------------------ as JSON


def test_an_object_has_what_an_operator_asks_for(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both
    firstline.write(busy)
    ended = firstline("status", "--json")
    (found,) = ended.json
    assert ended.code == 0
    assert found["desk"]["ready"] is None
    assert found["database"]["ok"] is True
    assert found["database"]["bytes"] > 100_000
    assert found["triage"]["stopped"] is True
    lanes = {lane["lane"]: lane for lane in found["lanes"]}
    assert (lanes["triage"]["buried"], lanes["read"]["waiting"], lanes["deliver"]["waiting"]) == (1, 1, 1)
    for period in ("last_hour", "last_day"):
        activity = found[period]
        assert (activity["kept"], activity["answered"], activity["escalated"], activity["deflection"]) == (1, 1, 1, 0.5)
        assert (activity["delivered"], activity["undeliverable"]) == (1, 1)
        assert (activity["tokens"], activity["cost"]) == (900, 0.5)
    assert found["tickets"] == {"new": 1, "open": 0, "pending": 0, "on hold": 0}
    assert found["escalations_untaken"]["number"] == 1
    assert found["deliveries_owed"] == {"pending": 1}
    assert [pause["channel"] for pause in found["channels_paused"]] == ["smtp"]
    assert [trouble["name"] for trouble in found["alerts"]] == ["disk"]
    assert found["budget"] == {"tokens": 900, "tokens_limit": 2_000_000, "money": 0.5, "money_limit": 0}


def test_a_file_tells_its_disk_and_who_serves_it(firstline: Commands) -> None:
    path = Path(firstline.url.removeprefix("sqlite:///"))
    (before,) = firstline("status", "--json").json
    with hold(path):
        (held,) = firstline("status", "--json").json
    (after,) = firstline("status", "--json").json
    assert before["desk"]["served_by"] is None
    assert f"process {os.getpid()} on " in held["desk"]["served_by"]
    assert after["desk"]["served_by"] is None
    assert 0 < held["database"]["disk_free_bytes"] < held["database"]["disk_bytes"]


# ------------------------------------------------------------------ in words


def test_a_busy_desk_is_one_screen_that_commands_no_terminal(firstline: Commands) -> None:
    firstline.write(busy)
    ended = firstline("status")
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert not any(harmful(line) for line in lines)
    assert len(lines) <= 30
    assert all(len(line) <= status_view.WIDE for line in lines)
    assert not any(line.startswith("Ready") for line in lines)
    words = " ".join(ended.out.split())
    for said in (
        "● no answer at 127.0.0.1",
        "triage was stopped by",
        "1 new",
        "1 not taken",
        "1 pending",
        "[bold]bold",
    ):
        assert said in words


def test_an_idle_desk_says_little(firstline: Commands) -> None:
    said = firstline("status", "--once").out
    assert "nobody serves this database" in said
    assert "calls" not in said
    assert "away" not in said


def test_a_narrow_screen_has_the_tables_one_below_the_other(
    firstline: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_view, "WIDE", 60)
    firstline.write(busy)
    lines = firstline("status").out.splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert not any("lane" in line and "requests" in line for line in lines)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7300, "2 h"), (172_800, "2 d")],
)
def test_a_span_of_time_has_the_unit_that_fits(seconds: float, said: str) -> None:
    assert status_view.span(seconds) == said


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (84_469_555_200, "84.5 GB")]
)
def test_a_size_has_the_unit_that_fits(number: int, said: str) -> None:
    assert status_view.size(number) == said


# ------------------------------------------------------------------ what the desk says


def test_a_desk_that_is_ready_tells_how_it_decides(firstline: Commands, port: int) -> None:
    info = 'firstline_desk_info{level="automatic",triager="instant",watch="yes"} 1\n'
    info += 'firstline_build_info{version="9.9"} 1\n'
    with answering(port, 200, info):
        (found,) = firstline("status", "--json").json
        said = firstline("status").out
    assert found["desk"] | {"http": "", "served_by": None} == {
        "ready": True,
        "reason": "",
        "http": "",
        "served_by": None,
        "version": "9.9",
        "triager": "instant",
        "level": "automatic",
        "watch": True,
    }
    assert "● ready at 127.0.0.1" in said
    assert "watch only" in said


def test_a_desk_that_is_not_ready_says_why(firstline: Commands, port: int) -> None:
    with answering(port, 503, '{"ready": false, "reason": "draining"}'):
        (found,) = firstline("status", "--json").json
        assert "● not ready: draining" in firstline("status").out
    assert (found["desk"]["ready"], found["desk"]["reason"]) == (False, "draining")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "firstline_desk_info{level=\n"),
        (200, 'firstline_desk_info{level="\x1b[2J\u202e"} 1\n'),
        (200, "firstline_desk_info" * 100_000),
        (404, "\x1b[2J"),
        (503, "[" * 100_000),
        (503, '{"reason": "\\u001b[2J"}'),
    ],
)
def test_another_server_at_the_port_harms_nothing(firstline: Commands, port: int, status: int, body: str) -> None:
    with answering(port, status, body):
        ended = firstline("status")
    assert ended.code == 0
    assert not any(harmful(line) for line in ended.out.splitlines())


# ------------------------------------------------------------------ on a terminal


def test_on_a_terminal_it_goes_on_until_ctrl_c(firstline: Commands, port: int) -> None:
    """A real one, since everything depends on what it is."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    shown = bytearray()
    with subprocess.Popen(
        [PROGRAM, "status", "--every", "0.5"], env=environ, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        reading = threading.Thread(target=_read_into, args=(ours, shown))
        reading.start()
        try:
            until_sync(lambda: shown.count(b"no answer") > 1, 30, "it has drawn twice")
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()
        assert process.stderr
        assert process.stderr.read() == b""
    reading.join(10)
    os.close(ours)
    assert b"\x1b[?25h" in shown  # the cursor is there again


def _read_into(terminal: int, shown: bytearray) -> None:
    with suppress(OSError):  # EIO: its other end is closed
        while data := os.read(terminal, 4096):
            shown.extend(data)
