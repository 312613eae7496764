"""SMTP in: what a client may take of us."""

import asyncio
import time

from connectors.smtp_limits import Crowd, Pace, Room, SmtpLimits
from tests.connectors.smtp_desk import BODY, SUPPORT, desk
from tests.fakes import RecordingKeep, SmtpClient
from tests.waiting import until


async def test_a_kept_mail_prolongs_a_session() -> None:
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


async def test_too_many_commands_without_a_mail() -> None:
    async with desk(commands=20) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        answers = [await client.say("RCPT TO:<x@cust.example>") for _ in range(20)]
        assert answers[-1].startswith("421 4.7.0")
        assert await client.closed()


async def test_connections_of_one_client() -> None:
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
