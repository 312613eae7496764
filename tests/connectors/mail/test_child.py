import os
import signal
import subprocess
import sys
import time

import anyio
import pytest

from bot import failpoints
from bot.model import Inbound, Skipped
from connectors.child import Child, ReaderDied
from connectors.mail.reader import MailReader
from connectors.mail.threads import Ours
from tests.connectors.mail.bad_readers import Bad
from tests.connectors.mail.letters import arrival, letter

MAIL = arrival(letter())
READER = MailReader(Ours(frozenset({"desk.example"})))


async def pid_of(child: Child) -> int:
    skipped = await child.read(Bad(""), MAIL)
    assert isinstance(skipped, Skipped)
    return int(skipped.reason)


async def test_a_mail_is_read_in_another_process() -> None:
    child = Child()
    await child.warm(READER)
    found = await child.read(READER, MAIL)
    assert isinstance(found, Inbound)
    assert found.reply == "Please help me."
    assert await pid_of(child) != os.getpid()


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("raise", "ValueError at bad_readers.py"),
        ("hang", "more than 1 s"),
        ("spin", "processor time"),
        ("grow", "memory"),
        ("die", "crashed"),
        ("exit", "SystemExit"),
    ],
)
async def test_a_bad_reader_costs_one_mail(deed: str, reason: str) -> None:
    child = Child(wall=1.0 if deed == "hang" else 30.0, cpu=1)
    with pytest.raises(ReaderDied, match=reason) as died:
        await child.read(Bad(deed), MAIL)
    assert "customer's words" not in str(died.value)
    assert isinstance(await child.read(READER, MAIL), Inbound)


async def test_processor_time_is_counted_for_each_mail_anew() -> None:
    child = Child(cpu=1)
    first = await pid_of(child)
    for _ in range(3):
        with pytest.raises(ReaderDied):
            await child.read(Bad("raise"), MAIL)
    assert await pid_of(child) == first


async def test_the_child_is_kept_between_mails() -> None:
    child = Child()
    assert await pid_of(child) == await pid_of(child)


async def test_a_child_that_died_while_idle_is_replaced() -> None:
    child = Child()
    os.kill(await pid_of(child), signal.SIGKILL)
    assert isinstance(await child.read(READER, MAIL), Inbound)


async def test_the_child_sees_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE__OPENAI__API_KEY", "secret")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/firstline.service")
    assert await Child().read(Bad("look"), MAIL) == Skipped("")


async def test_a_signal_for_the_whole_group_does_not_lose_the_mail_being_read() -> None:
    child = Child()
    pid = await pid_of(child)
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    assert await pid_of(child) == pid


async def test_a_cancelled_caller_leaves_no_process_at_work() -> None:
    child = Child(wall=60)
    pid = await pid_of(child)
    with anyio.move_on_after(0.3):
        await child.read(Bad("hang"), MAIL)
    deadline = time.monotonic() + 5
    while _runs(pid):
        assert time.monotonic() < deadline
        await anyio.sleep(0.01)


async def test_waiting_for_a_free_child_does_not_count() -> None:
    child = Child(wall=1.0)
    reasons: list[str] = []

    async def read(deed: str) -> None:
        try:
            await child.read(Bad(deed), MAIL)
        except ReaderDied as died:
            reasons.append(f"{deed}: {died}")

    async with anyio.create_task_group() as group:
        for deed in ("hang", "hang", ""):
            group.start_soon(read, deed)
    assert [reason.split(":")[0] for reason in reasons] == ["hang", "hang"]


async def test_a_mail_of_25_mb_is_read() -> None:
    found = await Child().read(READER, arrival(letter(body=b"word " * 5_000_000)))
    assert isinstance(found, Inbound)
    assert len(found.text) == 2_000_000


async def test_the_call_passes_its_failpoints() -> None:
    failpoints.arm("none:count@1")
    try:
        await Child().read(READER, MAIL)
        assert failpoints.passed == {"reader.before": 1, "reader.after": 1}
    finally:
        failpoints.arm(None)


def test_the_desk_does_not_load_what_only_the_child_needs() -> None:
    heavy = "lxml inscriptis selectolax charset_normalizer"
    code = f"import sys, connectors.child, connectors.mail.reader; print(set('{heavy}'.split()) & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "set()\n"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
