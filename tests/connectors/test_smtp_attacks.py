"""SMTP in: what clients do that want something else than to send a mail."""

import gc

import pytest
from aiosmtpd.smtp import SMTP

from tests.connectors.smtp_desk import BODY, OURS, SUPPORT, desk
from tests.fakes import SmtpClient
from tests.waiting import until

# Every way of ending DATA that some server has taken for the end and that is not <CR><LF>.<CR><LF>.
NOT_THE_END = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\0\r\n.\n",
    b"\r\r\n.\n",
    b"\r\n.\r\r\n",
    b"\r\n..\r\n",
    b"\n.\r\r\n",
    b"\r\n.\n\r\n",
    b"\r\r.\r\r\n",
    b"\r\n. \r\n",
    b"\x85.\x85",
]


@pytest.mark.parametrize("end", NOT_THE_END, ids=repr)
async def test_one_mail_never_passes_for_two(end: bytes) -> None:
    smuggled = b"MAIL FROM:<boss@desk.example>\r\nRCPT TO:<" + SUPPORT.encode() + b">\r\nDATA\r\nsmuggled\r\n"
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(b"Subject: one\r\n\r\nfirst" + end + smuggled + b".\r\n")
        assert (await client.reply()).startswith("250 2.0.0")
        assert (await client.say("NOOP")).startswith("250")
    assert len(here.raws) == 1
    assert here.raws[0].endswith(b"smuggled\r\n")
    # Not normalised: what was signed is what is kept.
    assert end.replace(b"\r\n.", b"\r\n") in here.raws[0]


@pytest.mark.parametrize(
    "command", [b"NOOP\n", b"NO\rOP\r\n", b"NOOP x\0y\r\n", b"NOOP \r x\r\n", b"\r\n", b"\xff\xfe\r\n"]
)
async def test_a_command_with_bare_line_ends_or_nul_is_refused(command: bytes) -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        client.send(command)
        assert (await client.reply()).startswith("500")
        assert (await client.say("NOOP")).startswith("250")


@pytest.mark.parametrize(
    "path",
    [
        f"<user%cust.example@{OURS}>",
        f"<cust.example!user@{OURS}>",
        f'<"user@cust.example"@{OURS}>',
        f"<@{OURS}:user@cust.example>",
        f"<@cust.example:user@{OURS}>",
        f"<user@cust.example@{OURS}>",
        f"<user@{OURS}.cust.example>",
        f"<user@{OURS}.>",
        f"<@{OURS}>",
        "<user@[127.0.0.1]>",
        "<user>",
        "<>",
    ],
)
async def test_we_never_relay(path: str) -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.say("MAIL FROM:<ann@cust.example>")
        assert (await client.say(f"RCPT TO:{path}")).startswith("550 5.7.1")
        assert (await client.say("DATA")).startswith("503")


@pytest.mark.parametrize(
    "path", ["<" + "(" * 480, "<a b@c>", "<a@b", "a@b>", '<"a@b>', "<a\x01@b>", "<\udcff@b>", "<<a@b>>", ""]
)
async def test_addresses_that_are_none(path: str) -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.say(f"MAIL FROM:{path}"))[:3] in ("501", "553")
        assert (await client.say("MAIL FROM:<ann@cust.example>")).startswith("250")


async def test_bdat_auth_vrfy_and_expn_give_nothing_away() -> None:
    async with desk(tls=True) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.say("BDAT 5 LAST")).startswith("502")
        assert (await client.say("AUTH PLAIN AGEAYQ==")).startswith("502")
        assert (await client.say(f"VRFY {SUPPORT}")).startswith("252")
        assert (await client.say("VRFY \udcff")).startswith("252")
        assert (await client.say(f"EXPN {SUPPORT}")).startswith("502")
        assert (await client.say("HELP MAIL")).startswith("214")
        assert (await client.say("PROXY TCP4 1.2.3.4 5.6.7.8 1 2")).startswith("500")


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


async def test_one_line_of_a_megabyte_is_kept() -> None:
    line = b"x" * 2**20 + b"\r\n"
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.mail(SUPPORT, line)).startswith("250")
    assert here.raws == [line]


async def test_a_command_of_a_megabyte_is_refused() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        client.send(b"x" * 2**20 + b"\r\n")
        assert (await client.reply()).startswith("500")
        assert (await client.mail(SUPPORT, BODY)).startswith("250")


async def test_strange_commands_are_not_remembered() -> None:
    """aiosmtpd has one table of command sizes for all sessions, and stores in it whatever it is asked for."""
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        for number in range(50):
            assert (await client.say(f"{number}" * 600)).startswith("500")
        (session,) = here.house.sessions
        assert set(session.command_size_limits) <= {"MAIL"}
    assert not SMTP.command_size_limits


async def test_unknown_commands_end_the_session() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        answers = [await client.say(f"FOO{number}") for number in range(5)]
        assert answers[-1].startswith("502")
        assert await client.closed()


async def test_too_large_is_refused_at_once_and_after_the_fact() -> None:
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


async def test_a_mail_without_end_is_cut() -> None:
    async with desk(size=1000) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(b"x" * 100_000)
        assert (await client.reply()).startswith("421")
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
