"""SMTP: clients that want more than their share of memory, of connections, of time."""

import asyncio
import contextlib
import time

import pytest

from tests.connectors.smtp_desk import BODY, SUPPORT, desk
from tests.fakes import RecordingKeep, SmtpClient
from tests.waiting import until

SOON = 5.0


async def said_and_closed(client: SmtpClient) -> str:
    """What the server says by itself, at most SOON seconds from now, before it closes."""
    return (await asyncio.wait_for(client.reader.read(), SOON)).decode()


# ------------------------------------------------------------------ memory


async def test_t_size_too_large_is_refused_at_once_and_after_the_fact() -> None:
    async with desk(size=1000) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.say("MAIL FROM:<ann@cust.example> SIZE=1001")).startswith("552 5.3.4")
        assert (await client.say("MAIL FROM:<ann@cust.example> SIZE=1000")).startswith("250")
        await client.say("RSET")
        exactly = b"x" * 998 + b"\r\n"
        assert (await client.mail(SUPPORT, exactly)).startswith("250 2.0.0")
        assert (await client.mail(SUPPORT, b"y" + exactly)).startswith("552 5.3.4")
        assert (await client.mail(SUPPORT, b"z" * 9000 + b"\r\n")).startswith("552 5.3.4")
        assert (await client.mail(SUPPORT, BODY)).startswith("250 2.0.0")
    assert here.raws == [exactly, BODY]


async def test_t_size_what_is_too_large_takes_no_memory_while_the_rest_of_it_comes() -> None:
    async with desk(size=1000) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(b"x" * 500)
        await until(lambda: here.room.used == 500)
        client.send(b"x" * 2000)
        await until(lambda: here.room.used == 0)
        client.send(b"\r\n.\r\n")
        assert (await client.reply()).startswith("552 5.3.4")


async def test_t_size_a_mail_without_end_is_cut() -> None:
    async with desk(size=1000) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(b"x" * 100_000)
        assert (await client.reply()).startswith("421")
        assert await client.closed()


async def test_t_line_one_line_of_a_megabyte_is_kept() -> None:
    line = b"x" * 2**20 + b"\r\n"
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.mail(SUPPORT, line)).startswith("250")
    assert here.raws == [line]


async def test_t_line_a_command_of_a_megabyte_is_refused() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        client.send(b"x" * 2**20 + b"\r\n")
        assert (await client.reply()).startswith("500")
        assert (await client.mail(SUPPORT, BODY)).startswith("250")


# ------------------------------------------------------------------ time


async def test_t_slow_a_slow_mail_is_cut_and_a_quick_one_beside_it_is_not() -> None:
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
        assert (await said_and_closed(slow)).startswith("421 4.4.2")
        dripping.cancel()
    assert here.raws == [BODY]


async def test_t_slow_noops_do_not_prolong_a_session() -> None:
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


@pytest.mark.parametrize("said", [b"", b"EHLO x\r\n", b"EHL"])
async def test_t_slow_a_silent_client_is_sent_home(said: bytes) -> None:
    async with desk(idle=0.2) as here, SmtpClient.to(here.endpoint) as client:
        await client.reply()
        client.send(said)
        assert "421 4.4.2" in await said_and_closed(client)


async def test_t_slow_a_silent_client_in_the_middle_of_a_mail_too() -> None:
    async with desk(idle=0.2) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(b"x" * 100_000)
        assert "421 4.4.2" in await said_and_closed(client)


async def test_t_slow_a_client_that_never_reads_is_cut() -> None:
    async with desk(session=0.3, linger=0.1, commands=10**6) as here, SmtpClient.to(here.endpoint) as client:
        client.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await until(lambda: here.house.sessions)
        client.send(b"EHLO x\r\n" * 100_000)
        await until(lambda: not here.house.sessions, SOON)


@pytest.mark.parametrize("instead", [b"", b"no hello at all\r\n" * 10])
async def test_t_slow_a_handshake_that_stalls_or_fails_holds_up_nobody(instead: bytes) -> None:
    async with desk(tls=True, idle=0.2) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.say("STARTTLS")).startswith("220")
        client.send(instead)
        await asyncio.wait_for(client.closed(), 5)
        await until(lambda: not here.house.sessions)
        async with SmtpClient.to(here.endpoint) as other:
            await other.greet()
            assert (await other.mail(SUPPORT, BODY)).startswith("250")


# ------------------------------------------------------------------ connections


async def test_t_conn_a_flood_from_one_address_leaves_the_others_alone() -> None:
    async with desk(connections_per_client=20) as here, contextlib.AsyncExitStack() as flood:
        good = await flood.enter_async_context(SmtpClient.to(here.endpoint))
        await good.greet()
        greetings = []
        for _ in range(200):
            client = await flood.enter_async_context(SmtpClient.to(here.endpoint))
            greetings.append((await client.reply())[:3])
        assert greetings == ["220"] * 19 + ["421"] * 181
        assert (await good.mail(SUPPORT, BODY)).startswith("250")


async def test_t_conn_a_flood_from_many_addresses_ends_at_the_cap_over_all() -> None:
    async with desk(connections=100, connections_per_client=20) as here, contextlib.AsyncExitStack() as flood:
        greetings = []
        for number in range(160):
            host = f"127.0.0.{number % 8 + 1}"
            client = await flood.enter_async_context(SmtpClient.to(here.endpoint, host))
            greetings.append((await client.reply())[:3])
        assert greetings == ["220"] * 100 + ["421"] * 60
        await client.closed()


async def test_t_conn_mails_in_memory_are_capped_over_all_sessions() -> None:
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
