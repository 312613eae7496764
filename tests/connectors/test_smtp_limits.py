"""SMTP in: what a client may take of us."""

import asyncio
import contextlib
import time

import pytest

from connectors.smtp_limits import Crowd, Pace, Room, SmtpLimits
from tests.connectors.smtp_desk import BODY, SUPPORT, desk
from tests.fakes import RecordingKeep, SmtpClient
from tests.waiting import until

SOON = 5.0


async def _said_and_closed(client: SmtpClient) -> str:
    """What the server says by itself, at most SOON seconds from now, before it closes."""
    return (await asyncio.wait_for(client.reader.read(), SOON)).decode()


async def test_a_slow_mail_is_cut_and_a_quick_one_beside_it_is_not() -> None:
    async with desk(grace=0.2, bytes_per_second=500) as here, SmtpClient.to(here.endpoint) as slow:
        await slow.greet()
        await slow.begin(SUPPORT)

        async def drip() -> None:
            while True:
                slow.send(b"x")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        async with SmtpClient.to(here.endpoint) as quick:
            await quick.greet()
            assert (await quick.mail(SUPPORT, BODY)).startswith("250")
        assert (await _said_and_closed(slow)).startswith("421 4.4.2")
        dripping.cancel()
    assert here.raws == [BODY]


async def test_noops_do_not_prolong_a_session() -> None:
    async with desk(session=0.3, commands=10**9) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        began = time.monotonic()
        answer = ""
        while not answer.startswith("421"):
            assert time.monotonic() - began < SOON
            answer = await client.say("NOOP")
        assert answer.startswith("421 4.4.2")
        assert time.monotonic() - began > 0.2
        assert await client.closed()


async def test_a_kept_mail_does() -> None:
    async with desk(session=0.5) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        began, number = time.monotonic(), 0
        while time.monotonic() - began < 1.0:
            number += 1
            assert (await client.mail(SUPPORT, b"%d\r\n" % number)).startswith("250")
            await asyncio.sleep(0.01)


async def test_the_database_may_take_longer_than_the_client() -> None:
    keep = RecordingKeep()
    keep.open.clear()
    async with desk(keep, session=0.2, idle=0.2, grace=0.2) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(BODY + b".\r\n")
        await until(lambda: keep.waiting)
        ends = time.monotonic() + 0.4
        await until(lambda: time.monotonic() > ends)
        keep.open.set()
        assert (await client.reply()).startswith("250 2.0.0")


@pytest.mark.parametrize("said", [b"", b"EHLO x\r\n", b"EHL"])
async def test_a_silent_client_is_sent_home(said: bytes) -> None:
    async with desk(idle=0.2) as here, SmtpClient.to(here.endpoint) as client:
        await client.reply()
        client.send(said)
        assert "421 4.4.2" in await _said_and_closed(client)


async def test_a_silent_client_in_the_middle_of_a_mail_too() -> None:
    async with desk(idle=0.2) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(b"x" * 100_000)
        assert "421 4.4.2" in await _said_and_closed(client)


async def test_a_client_that_never_reads_is_cut() -> None:
    async with desk(session=0.3, linger=0.1, commands=10**6) as here, SmtpClient.to(here.endpoint) as client:
        client.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await until(lambda: here.house.sessions)
        client.send(b"EHLO x\r\n" * 100_000)
        await until(lambda: not here.house.sessions, SOON)


async def test_too_many_commands_without_a_mail() -> None:
    async with desk(commands=20) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        answers = [await client.say("RCPT TO:<x@cust.example>") for _ in range(20)]
        assert answers[-1].startswith("421 4.7.0")
        assert await client.closed()


async def test_connections_of_one_client_and_of_all() -> None:
    async with desk(connections_per_client=3) as here:
        clients = [SmtpClient.to(here.endpoint) for _ in range(4)]
        async with clients[0] as first, clients[1] as second, clients[2] as third:
            for one in first, second, third:
                assert (await one.reply()).startswith("220")
            async with clients[3] as fourth:
                assert (await fourth.reply()).startswith("421 4.7.0")
                assert await fourth.closed()
            await third.say("QUIT")
            await third.closed()

            await until(lambda: len(here.house.sessions) == 2)
            async with SmtpClient.to(here.endpoint) as again:
                assert (await again.reply()).startswith("220")


async def test_a_flood_of_connections_leaves_the_others_alone() -> None:
    async with desk(connections_per_client=20) as here, contextlib.AsyncExitStack() as flood:
        good = await flood.enter_async_context(SmtpClient.to(here.endpoint))
        await good.greet()
        greetings = []
        for _ in range(200):
            client = await flood.enter_async_context(SmtpClient.to(here.endpoint))
            greetings.append((await client.reply())[:3])
        assert greetings == ["220"] * 19 + ["421"] * 181
        assert (await good.mail(SUPPORT, BODY)).startswith("250")


async def test_connections_over_all_clients() -> None:
    async with desk(connections=1) as here, SmtpClient.to(here.endpoint) as first:
        await first.greet()
        async with SmtpClient.to(here.endpoint) as second:
            assert (await second.reply()).startswith("421 4.7.0")


async def test_mails_in_memory_over_all_sessions() -> None:
    keep = RecordingKeep()
    keep.open.clear()
    large = b"a" * 1_000_000 + b"\r\n"
    async with desk(keep, size=1_100_000, in_flight=1) as here, SmtpClient.to(here.endpoint) as first:
        await first.greet()
        await first.begin(SUPPORT)
        first.send(large + b".\r\n")
        await until(lambda: keep.waiting == 1)
        async with SmtpClient.to(here.endpoint) as second, SmtpClient.to(here.endpoint) as third:
            await second.greet()
            await second.begin(SUPPORT)
            second.send(large + large[:50_000])
            await until(lambda: here.room.used > 2_000_000)
            await third.greet()
            assert (await third.mail(SUPPORT, large)).startswith("452 4.3.1")
            keep.open.set()
            assert (await first.reply()).startswith("250")
            second.send(b"\r\n.\r\n")
            assert (await second.reply()).startswith("250")
            assert (await third.mail(SUPPORT, large)).startswith("250")
        assert here.room.used == 0


async def test_a_mail_that_is_too_large_takes_no_memory_while_the_rest_of_it_comes() -> None:
    async with desk(size=1000) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(b"x" * 500)
        await until(lambda: here.room.used == 500)
        client.send(b"x" * 2000)
        await until(lambda: here.room.used == 0)
        client.send(b"\r\n.\r\n")
        assert (await client.reply()).startswith("552 5.3.4")


async def test_no_mail_is_begun_when_the_memory_is_full() -> None:
    keep = RecordingKeep()
    keep.open.clear()
    async with desk(keep, size=1000) as here, SmtpClient.to(here.endpoint) as first:
        await first.greet()
        await first.begin(SUPPORT)
        first.send(BODY + b".\r\n")
        await until(lambda: keep.waiting == 1)
        here.room.size = here.room.used
        async with SmtpClient.to(here.endpoint) as second:
            await second.greet()
            assert (await second.begin(SUPPORT)).startswith("452 4.3.1")
        keep.open.set()
        assert (await first.reply()).startswith("250")


async def test_mails_a_minute() -> None:
    async with desk(mails_per_minute=2) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        for _ in range(2):
            assert (await client.mail(SUPPORT, BODY)).startswith("250")
        assert (await client.say("MAIL FROM:<ann@cust.example>")).startswith("451 4.7.1")


def test_the_pace_recovers_and_forgets() -> None:
    now = 0.0
    pace = Pace(SmtpLimits(mails_per_minute=60), now=lambda: now)
    assert [pace.take("192.0.2.1") for _ in range(61)] == [True] * 60 + [False]
    assert pace.take("192.0.2.2")
    now = 2.0
    assert [pace.take("192.0.2.1") for _ in range(3)] == [True, True, False]
    for number in range(20_000):
        pace.take(f"client-{number}")
    assert len(pace._buckets) <= 10_000


def test_a_customer_of_ipv6_counts_once() -> None:
    crowd = Crowd(SmtpLimits(connections_per_client=1))
    assert crowd.enter("2001:db8::1")
    assert not crowd.enter("2001:db8::2")
    assert crowd.enter("2001:db8:0:1::1")
    assert crowd.enter("192.0.2.1")
    assert not crowd.enter("::ffff:192.0.2.1")
    crowd.leave("2001:db8::1")
    assert crowd.enter("2001:db8::3")
    assert crowd.enter("")


def test_the_room_always_fits_one_mail() -> None:
    room = Room(SmtpLimits(size=100, in_flight=10))
    with room.hold() as hold:
        assert hold.take(100 + 2**20)
        assert room.is_full
        assert not hold.take(1)
    assert room.used == 0
