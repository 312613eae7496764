"""SMTP in: what clients do that want something else than to send a mail."""

import gc

import pytest
from aiosmtpd.smtp import SMTP

from tests.connectors.smtp_desk import BODY, SUPPORT, desk
from tests.fakes import SmtpClient
from tests.waiting import until


@pytest.mark.parametrize(
    "path", ["<" + "(" * 480, "<a b@c>", "<a@b", "a@b>", '<"a@b>', "<a\x01@b>", "<\udcff@b>", "<<a@b>>", ""]
)
async def test_addresses_that_are_none(path: str) -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.say(f"MAIL FROM:{path}"))[:3] in ("501", "553")
        assert (await client.say("MAIL FROM:<ann@cust.example>")).startswith("250")


async def test_commands_out_of_order() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.reply()
        assert (await client.say("MAIL FROM:<ann@cust.example>")).startswith("503")
        assert (await client.say("DATA")).startswith("503")
        await client.say("EHLO x")
        assert (await client.say(f"RCPT TO:<{SUPPORT}>")).startswith("503")
        assert (await client.say("DATA")).startswith("503")
        await client.say("MAIL FROM:<ann@cust.example>")
        assert (await client.say("MAIL FROM:<bob@cust.example>")).startswith("503")
        await client.say(f"RCPT TO:<{SUPPORT}>")
        await client.say("RSET")
        assert (await client.say("DATA")).startswith("503")
        assert (await client.mail(SUPPORT, BODY)).startswith("250")
        assert (await client.say("DATA")).startswith("503")


async def test_strange_commands_are_not_remembered() -> None:
    """aiosmtpd has one table of command sizes for all sessions, and stores in it whatever it is asked for."""
    before = dict(SMTP.command_size_limits)
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        for number in range(50):
            assert (await client.say(f"{number}" * 600)).startswith("500")
        (session,) = here.house.sessions
        assert set(session.command_size_limits) <= {"MAIL"}
    assert before == SMTP.command_size_limits


async def test_unknown_commands_end_the_session() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        answers = [await client.say(f"FOO{number}") for number in range(5)]
        assert answers[-1].startswith("502")
        assert await client.closed()


async def test_a_client_that_leaves_in_the_middle_leaves_nothing() -> None:
    async with desk() as here:
        for _ in range(3):
            async with SmtpClient.to(here.endpoint) as client:
                await client.greet()
                await client.begin(SUPPORT)
                client.send(b"half a mail\r\n")
        async with SmtpClient.to(here.endpoint) as client:
            await client.greet()
            await client.begin(SUPPORT)
            client.send(b"half a mail\r\n")
            client.writer.write_eof()
            assert await client.reply() == ""
        await until(lambda: not here.house.sessions)
        assert here.room.used == 0
        gc.collect()
    assert here.raws == []
