"""Reading what follows DATA: however it is cut, it is what a reading line by line would give."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.smtp_data import Incoming, read_data
from connectors.smtp_limits import Room, SmtpLimits

MIXED = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"x", b"\0"]), max_size=12).map(b"".join)


async def _read(pieces: list[bytes], ahead: bytes = b"", **limits: int) -> Incoming:
    """Each piece comes when the one before it has been taken."""
    reader = asyncio.StreamReader()

    async def feed() -> None:
        for piece in pieces:
            reader.feed_data(piece)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        reader.feed_eof()

    made = SmtpLimits(**limits)
    room = Room(made)
    with room.hold() as hold:
        ends_at = asyncio.get_running_loop().time() + 5
        reading = asyncio.create_task(read_data(reader, ahead, limits=made, hold=hold, ends_at=ends_at))
        await asyncio.sleep(0)
        await asyncio.gather(feed(), asyncio.wait([reading]))
    assert room.used == 0
    return await reading


def _by_lines(data: bytes) -> tuple[bytes, bytes]:
    """(mail, what follows it), read as the RFC says it: a line that is a dot ends, another's first dot is dropped."""
    mail, rest = b"", data
    while True:
        line, _, rest = rest.partition(b"\r\n")
        if line == b".":
            return mail, rest
        mail += line.removeprefix(b".") + b"\r\n"


@settings(max_examples=300)
@given(body=MIXED, beyond=MIXED, cuts=st.lists(st.integers(0, 60), max_size=20))
def test_it_reads_what_a_reading_by_lines_would(body: bytes, beyond: bytes, cuts: list[int]) -> None:
    sent = body + b"\r\n.\r\n" + beyond
    mail, rest = _by_lines(sent)
    places = sorted({0, *(min(cut, len(sent)) for cut in cuts), len(sent)})
    pieces = [sent[start:end] for start, end in pairwise(places)]
    incoming = asyncio.run(_read(pieces))
    assert incoming.raw == mail
    assert incoming.refusal == ""
    assert rest.startswith(incoming.ahead)
    assert asyncio.run(_read(pieces[1:], ahead=pieces[0])).raw == mail


@pytest.mark.parametrize("cut", range(1, 5))
async def test_the_end_in_two_pieces(cut: int) -> None:
    end = b"\r\n.\r\n"
    assert (await _read([b"x" + end[:cut], end[cut:] + b"NOOP"])) == Incoming(b"x\r\n", "", b"NOOP")


@pytest.mark.parametrize("cut", range(1, 5))
async def test_the_end_in_two_pieces_after_too_much(cut: int) -> None:
    end = b"\r\n.\r\n"
    incoming = await _read([b"x" * 200, b"y" + end[:cut], end[cut:] + b"NOOP"], size=100)
    assert incoming.raw == b""
    assert incoming.refusal.startswith("552 5.3.4")
    assert incoming.ahead == b"NOOP"


async def test_the_client_leaves() -> None:
    with pytest.raises(EOFError):
        await _read([b"x\r\n"])
