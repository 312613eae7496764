"""The terminal: the connector that others are copied from keeps what all of them promise."""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from bot.connector import DeliveryFailed
from bot.ids import new_id
from bot.model import Arrival, Inbound, Parcel, Skipped
from bot.store import StoreFull
from connectors.terminal import LONGEST, TerminalConnector, TerminalReader, unbuffered
from tests.connectors.parcels import parcel
from tests.fakes import RecordingKeep
from tests.waiting import until


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        with suppress(OSError):
            os.close(end)


@asynccontextmanager
async def listening(terminal: TerminalConnector, keep: RecordingKeep) -> AsyncIterator[None]:
    task = asyncio.create_task(terminal.listen(keep))
    await terminal.ready.wait()
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def on(reading: int) -> TerminalConnector:
    return TerminalConnector("ann", unbuffered(reading), io.StringIO())


def arrival(raw: bytes) -> Arrival:
    return Arrival(new_id(), "terminal", "k", raw, {"login": "ann", "session": "s1"})


def owed(text: str) -> Parcel:
    return parcel(channel="terminal", address={"to": {"address": "ann"}}, text=text)


# ------------------------------------------------------------------ listening


async def test_each_line_is_kept_as_soon_as_it_is_said(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    terminal, keep = on(reading), RecordingKeep()
    async with listening(terminal, keep):
        os.write(writing, b"Where is my parcel?\nI am wai")
        await until(lambda: keep.arrivals)
        os.write(writing, b"ting.\n")
        await until(lambda: len(keep.arrivals) == 2)
        assert not terminal.ended.is_set()
    assert [a.raw for a in keep.arrivals] == [b"Where is my parcel?\n", b"I am waiting.\n"]
    assert len({a.transport_key for a in keep.arrivals}) == 2
    assert {a.envelope["session"] for a in keep.arrivals} == {terminal.session}


async def test_the_end_is_told_after_the_last_line_is_kept(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    terminal, keep = on(reading), RecordingKeep()
    keep.open.clear()
    async with listening(terminal, keep):
        os.write(writing, b"one\ntwo")
        os.close(writing)
        await until(lambda: keep.waiting)
        assert not terminal.ended.is_set()
        keep.open.set()
        await asyncio.wait_for(terminal.ended.wait(), 5)
    assert [a.raw for a in keep.arrivals] == [b"one\n", b"two"]


async def test_what_was_not_kept_is_told_and_the_next_line_is_taken(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    screen = io.StringIO()
    terminal, keep = TerminalConnector("ann", unbuffered(reading), screen), RecordingKeep(StoreFull("no room left"))
    async with listening(terminal, keep):
        os.write(writing, b"one\ntwo\n")
        await until(lambda: keep.arrivals)
    assert [a.raw for a in keep.arrivals] == [b"two\n"]
    assert "not kept (no room left)" in screen.getvalue()


async def test_a_line_without_an_end_is_kept_in_parts(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    terminal, keep = on(reading), RecordingKeep()
    async with listening(terminal, keep):
        await asyncio.to_thread(os.write, writing, b"a" * LONGEST)
        await until(lambda: keep.arrivals)
    assert len(keep.arrivals[0].raw) == LONGEST


# ------------------------------------------------------------------ reading


def test_a_line_is_a_message_of_whoever_is_logged_in() -> None:
    read = TerminalReader()(arrival("Où est mon colis ?\r\n".encode()))
    assert isinstance(read, Inbound)
    assert (read.text, read.reply) == ("Où est mon colis ?",) * 2
    assert read.author is not None
    assert (read.author.kind, read.author.value) == ("terminal", "ann")
    assert read.key == "s1"


@pytest.mark.parametrize("raw", [b"", b"\n", b" \t\r\n", b"\0\n"])
def test_an_empty_line_says_nothing(raw: bytes) -> None:
    assert isinstance(TerminalReader()(arrival(raw)), Skipped)


def test_bytes_that_are_no_text_are_read_all_the_same() -> None:
    read = TerminalReader()(arrival(b"a\xff\x00b\xed\xa0\x80"))
    assert isinstance(read, Inbound)
    assert read.text.startswith("a�b")
    read.text.encode()


def test_what_can_not_be_read_is_salvaged() -> None:
    salvaged = TerminalReader().salvage(arrival(b"help"), "it broke")
    assert (salvaged.text, salvaged.problems, salvaged.partly) == ("help", ("it broke",), True)


# ------------------------------------------------------------------ delivering


async def test_an_answer_is_printed_and_commands_nothing(pipe: tuple[int, int]) -> None:
    screen = io.StringIO()
    terminal = TerminalConnector("ann", unbuffered(pipe[0]), screen)
    answer = owed("Look \x1b[2Jhere\u202e.\nTwice.\n")
    rendered = terminal.render(answer)
    assert terminal.render(answer) == rendered
    assert rendered.to == ("ann",)
    ready = replace(answer, rendered=rendered.data, reference=rendered.reference)
    assert (await terminal.deliver(ready)).reference == rendered.reference
    assert screen.getvalue() == "Look ?[2Jhere?.\nTwice.\n\n"


async def test_nobody_knows_whether_a_printed_line_was_read(pipe: tuple[int, int]) -> None:
    terminal = on(pipe[0])
    assert await terminal.settle(owed("one")) is None
    assert terminal.resend_unknown


async def test_a_terminal_that_is_gone_gets_nothing_more(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(reading)
    screen = os.fdopen(writing, "w", closefd=False)
    terminal = TerminalConnector("ann", io.BytesIO(), screen)
    answer = owed("hello")
    rendered = terminal.render(answer)
    with pytest.raises(DeliveryFailed) as failed:
        await terminal.deliver(replace(answer, rendered=rendered.data))
    assert failed.value.permanent
    with suppress(BrokenPipeError):
        screen.close()
