"""Servers at their worst: whatever they say, no mail is lost, none blocks the others, and memory has an end."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import pytest

from connectors.imap.link import Patience
from tests.connectors.imap.fetching import NAME, Fetching, fetching, settings
from tests.fakes import RecordingKeep
from tests.servers.imap import PASSWORD, letter
from tests.servers.script import CUT, HANG, ImapScript, asked
from tests.waiting import until

MAILS = {uid: letter(uid) for uid in range(1, 8)}
FROM_ALL = date(2000, 1, 1)
BAD = 4


@contextlib.asynccontextmanager
async def both(server: ImapScript, keep: RecordingKeep | None = None, **changes: Any) -> AsyncIterator[Fetching]:
    """The server, and a desk that fetches all of it."""
    async with server, fetching(settings(server.port, since=FROM_ALL, **changes), keep=keep) as box:
        yield box


def without(bad: int, answer: bytes) -> Callable[[str], bytes | None]:
    """Whoever asks for this mail gets that answer."""
    return lambda line: answer if bad in asked(line) else None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"{tag} NO [SERVERBUG] it is damaged\r\n", id="refused"),
        pytest.param(b"{tag} BAD what?\r\n", id="bad"),
        pytest.param(b"* 1 FETCH (UID 4 BODY[] NIL)\r\n{tag} OK done\r\n", id="nil"),
        pytest.param(CUT, id="cut"),
        pytest.param(b"* BYE I am broken\r\n", id="bye"),
        pytest.param(b"* 1 FETCH (UID 4 BODY[] {9}\r\nshort)\r\n{tag} OK done\r\n", id="short literal"),
        pytest.param(b"* 1 FETCH ((((((((((\r\n{tag} OK done\r\n", id="no sense"),
        pytest.param(b"* 1 FETCH " + b"(" * 5000 + b"\r\n{tag} OK done\r\n", id="deep"),
        pytest.param(b"* 1 FETCH (UID 4 BODY[] {999999999999}\r\n", id="endless literal"),
        pytest.param(b"* OK x\r\n" * 100_000 + b"{tag} OK done\r\n", id="endless talk"),
        pytest.param(b"\xff\x00\r\n", id="garbage"),
    ],
)
async def test_a_mail_that_cannot_be_fetched_blocks_no_other(answer: bytes) -> None:
    server = ImapScript(dict(MAILS), {"FETCH": without(BAD, answer)})
    async with both(server, patience=Patience(connect=10, read=1, command=20)) as box:
        await box.kept(7)
        asked_for = [line for line in server.commands if "BODY.PEEK" in line and BAD in asked(line)]
        await until(lambda: box.mark["uid"] == 7)
    assert box.raws == [MAILS[uid] if uid != BAD else b"" for uid in MAILS]
    told = box.keep.arrivals[BAD - 1].envelope
    assert (told["whole"], told["unfetched"]) == (False, "the server does not give it")
    assert len(asked_for) <= 8, "it is not asked for again and again"


async def test_a_server_that_gives_nothing_for_a_while_is_not_a_bad_mail() -> None:
    busy = iter(range(8))

    def answer(line: str) -> bytes | None:
        return b"{tag} NO [UNAVAILABLE] come back later\r\n" if next(busy, None) is not None else None

    server = ImapScript(dict(MAILS), {"FETCH": answer})
    async with both(server) as box:
        await box.kept(7)
    assert box.raws == list(MAILS.values())


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        ("GREETING", b"* BYE too many connections\r\n"),
        ("GREETING", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("GREETING", b"x" * 2_000_000),
        ("GREETING", b"* PREAUTH welcome\r\n"),
        ("CAPABILITY", b"{tag} NO never\r\n"),
        ("LOGIN", b"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n"),
        ("LOGIN", f"{{tag}} NO is {PASSWORD} your password?\r\n".encode()),
        ("LOGIN", f"* BYE your password is {PASSWORD}\r\n".encode()),
        ("EXAMINE", b"{tag} NO there is none\r\n"),
        ("EXAMINE", b"{tag} OK [READ-ONLY] with nothing\r\n"),
        ("EXAMINE", b"* OK [UIDVALIDITY 0] .\r\n{tag} OK [READ-ONLY] .\r\n"),
        ("EXAMINE", b"* OK [UIDVALIDITY x] .\r\n{tag} OK [READ-ONLY] .\r\n"),
        ("NOOP", CUT),
        ("SEARCH", b"* SEARCH two\r\n{tag} OK done\r\n"),
        ("SEARCH", b"* SEARCH " + b"1 " * 9_000_000 + b"\r\n{tag} OK done\r\n"),
        ("LIST", b"{tag} NO never\r\n"),
        ("LIST", b"* 1 FETCH (UID x RFC822.SIZE y)\r\n{tag} OK done\r\n"),
    ],
)
async def test_a_failure_is_told_without_secrets_and_tried_again(when: str, answer: bytes) -> None:
    first = iter([answer])
    server = ImapScript(dict(MAILS), {when: lambda _: next(first, None)})
    async with both(server) as box:
        await box.kept(7)
        # A server that lets everybody in at once is not lied to: the login that follows is refused by imaplib.
        assert len(box.marks.reasons) == 1
    assert 10 < len(box.marks.reasons[0]) < 400
    assert PASSWORD not in box.marks.reasons[0]


async def test_ids_that_cannot_be_are_none() -> None:
    script = {"SEARCH": b"* SEARCH 0 3 3 99999999999 4294967295\r\n{tag} OK done\r\n"}
    server = ImapScript(dict(MAILS), script)
    async with both(server) as box:
        await box.kept(1)
    assert box.raws == [MAILS[3]]


async def test_mail_that_nobody_asked_for_is_none() -> None:
    foreign = b"* 9 FETCH (UID 99 BODY[] {4}\r\nevil)\r\n"
    script = {"FETCH": lambda line: foreign + ImapScript(dict(MAILS)).usual("FETCH", line.partition(" ")[2])}
    server = ImapScript(dict(MAILS), script)
    async with both(server) as box:
        await box.kept(7)
        await until(lambda: box.mark["uid"] == 7)
    assert box.raws == list(MAILS.values())


async def test_a_size_that_is_a_lie_makes_no_mail_larger_than_allowed() -> None:
    huge = {1: b"Subject: small\r\n\r\n" + b"x" * 3_000_000, 2: letter(2)}
    small = b"* 1 FETCH (UID 1 RFC822.SIZE 100)\r\n* 2 FETCH (UID 2 RFC822.SIZE 300)\r\n{tag} OK done\r\n"
    server = ImapScript(huge, {"LIST": small})
    async with both(server, max_size=100_000) as box:
        await box.kept(2)
    assert box.raws == [b"", huge[2]]
    assert box.keep.arrivals[0].envelope["whole"] is False


@pytest.mark.parametrize("when", ["GREETING", "LOGIN", "EXAMINE", "NOOP", "SEARCH", "LIST", "FETCH"])
async def test_a_server_that_falls_silent_is_cut_and_asked_again(when: str) -> None:
    patience = Patience(connect=0.2, read=0.2, command=5)
    first = iter([HANG])
    server = ImapScript(dict(MAILS), {when: lambda _: next(first, None)})
    async with both(server, patience=patience) as box:
        await box.kept(7)
    assert "is silent" in box.marks.reasons[0]


async def test_a_server_that_drips_is_cut_from_outside() -> None:
    """Each byte is a sign of life for the socket, so that only the watch ends it."""
    patience = Patience(connect=0.5, read=5, command=0.5)
    dripping: list[asyncio.Task[None]] = []

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dripping.append(asyncio.current_task())  # type: ignore[arg-type]
        try:
            for _ in range(1000):
                writer.write(b"x")
                await asyncio.sleep(0.05)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with fetching(settings(server.sockets[0].getsockname()[1], patience=patience)) as box:
        await until(lambda: box.marks.reasons, 20)
    assert "was silent for too long and was cut" in box.marks.reasons[0]
    for task in dripping:
        task.cancel()
    await asyncio.gather(*dripping, return_exceptions=True)
    server.close()


@pytest.mark.parametrize("when", ["GREETING", "LOGIN", "NOOP", "FETCH"])
async def test_a_desk_that_stops_waits_for_no_server(when: str) -> None:
    server = ImapScript(dict(MAILS), {when: HANG})
    async with both(server) as box:
        await until(lambda: server.connections and (when == "GREETING" or _said(server, when)))
        began = time.monotonic()
        await box.stop()
    assert time.monotonic() - began < 3


async def test_a_desk_that_stops_does_not_wait_for_its_own_database_for_ever() -> None:
    keep = RecordingKeep()
    keep.open.clear()
    server = ImapScript(dict(MAILS))
    async with both(server, keep=keep) as box:
        await until(lambda: keep.waiting)
        await box.stop()
    assert not keep.waiting
    assert not [one for one in threading.enumerate() if one.name == f"mailbox {NAME}"]


async def test_a_restored_server_that_gives_out_ids_again_loses_nothing() -> None:
    async with ImapScript(dict(MAILS), next_uid=8) as server:
        async with fetching(settings(server.port, since=FROM_ALL)) as box:
            await box.kept(7)
            await until(lambda: box.mark["uid"] == 7)
        server.mails, server.next_uid = {5: letter(50)}, 6
        async with fetching(settings(server.port), keep=box.keep, marks=box.marks) as again:
            await again.kept(8)
    assert box.raws[-1] == server.mails[5]


def _said(server: ImapScript, when: str) -> bool:
    return any(when in line for line in server.commands)
