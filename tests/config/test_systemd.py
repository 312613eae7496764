"""What a desk tells the systemd that started it, read at the other end of a real socket."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from config.systemd import Systemd
from tests.crash.desk import PROGRAM
from tests.waiting import until, until_sync


class Listener:
    """systemd's end: whole messages, in order."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(address.replace("@", "\0", 1))
        self.messages: list[str] = []

    def heard(self) -> list[str]:
        with suppress(BlockingIOError):
            while True:
                self.messages.append(self.socket.recv(4096).decode())
        return self.messages


@pytest.fixture(params=["a path", "an abstract address"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listener]:
    made = Listener(str(tmp_path / "notify") if request.param == "a path" else f"@firstline-test-{uuid4()}")
    yield made
    made.socket.close()


def test_each_state_is_told(listener: Listener) -> None:
    systemd = Systemd(listener.address)
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    systemd.ready("smtp=127.0.0.1:25")
    systemd.reloading()
    systemd.stopping()
    ready, reloading, stopping = listener.heard()
    assert ready == "READY=1\nSTATUS=smtp=127.0.0.1:25"
    assert stopping == "STOPPING=1\nSTATUS=draining"
    word, _, at = reloading.partition("\nMONOTONIC_USEC=")
    assert word == "RELOADING=1"
    assert before <= int(at) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_what_it_found_no_child_finds() -> None:
    environ = {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid()), "A": "b"}
    assert Systemd.found(environ) == Systemd("/run/notify", watchdog=30.0)
    assert environ == {"A": "b"}


def test_a_watchdog_for_another_process_is_none_of_ours() -> None:
    assert Systemd.found({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}).watchdog == 0


@pytest.mark.parametrize("microseconds", ["", "soon", "-5"])
def test_a_watchdog_that_is_no_number_is_none(microseconds: str) -> None:
    assert Systemd.found({"WATCHDOG_USEC": microseconds}).watchdog == 0


def test_without_systemd_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    Systemd.found({}).ready("…")
    assert caplog.records == []


def test_a_systemd_that_is_gone_ends_no_desk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "firstline.systemd"):
        Systemd(str(tmp_path / "gone")).ready("…")
    assert [record.message for record in caplog.records] == ["systemd could not be told"]


async def test_signs_of_life_end_with_a_problem_and_come_back(listener: Listener) -> None:
    answers: list[str | None] = []
    broken = False

    def problem() -> str | None:
        answers.append("the database is broken" if broken else None)
        return answers[-1]

    watching = asyncio.create_task(Systemd(listener.address, watchdog=0.002).watch(problem))
    await until(lambda: len(listener.heard()) >= 3, what="three signs of life")
    broken, silent = True, len(listener.heard())
    await until(lambda: answers.count("the database is broken") >= 3, what="three askings without a sign of life")
    assert len(listener.heard()) == silent
    broken = False
    await until(lambda: len(listener.heard()) > silent, what="another sign of life")
    assert set(listener.heard()) == {"WATCHDOG=1"}
    watching.cancel()


def test_a_desk_tells_its_whole_life(tmp_path: Path) -> None:
    listener = Listener(str(tmp_path / "notify"))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE")}
    environ |= {"FIRSTLINE__SMTP__LISTEN": "127.0.0.1:0", "FIRSTLINE__HTTP__LISTEN": "127.0.0.1:0"}
    environ |= {"NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "20000"}
    desk = subprocess.Popen([PROGRAM, "serve"], env=environ, cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        until_sync(lambda: "WATCHDOG=1" in listener.heard(), 60, "the desk gives a sign of life")
        assert not inherited_by_children(desk.pid)
        desk.send_signal(signal.SIGHUP)
        until_sync(lambda: told(listener)[1:], 30, "the desk has begun to reload")
        until_sync(lambda: told(listener)[2:], 30, "the desk has reloaded")
        desk.send_signal(signal.SIGTERM)
        assert desk.wait(40) == 0
    finally:
        desk.kill()
        desk.wait()
    ready, reloading, again, stopping = told(listener)
    assert ready.startswith("READY=1\nSTATUS=ready smtp=127.0.0.1:")
    assert reloading.startswith("RELOADING=1\n")
    assert again.startswith("READY=1\n")
    assert stopping == "STOPPING=1\nSTATUS=draining"
    listener.socket.close()


def told(listener: Listener) -> list[str]:
    return [message for message in listener.heard() if message != "WATCHDOG=1"]


def inherited_by_children(parent: int) -> bool:
    children = [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return any(b"NOTIFY_SOCKET" in Path(f"/proc/{child}/environ").read_bytes() for child in children)
