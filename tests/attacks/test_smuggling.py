"""SMTP: words that one program takes for the end of something and another one doesn't."""

import asyncio
import re

import pytest

from bot.agents import tickets
from tests.connectors.smtp_desk import BODY, SUPPORT, TRUSTING, desk
from tests.fakes import SmtpClient
from tests.walks.desk import Story

# Every way of ending DATA that some server has taken for the end and that is not <CR><LF>.<CR><LF>: the 9 of
# The-Login/SMTP-Smuggling-Tools and the 10 of hannob/smtpsmug.
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
async def test_t_smug_one_mail_never_passes_for_two(end: bytes) -> None:
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


async def test_t_smug_what_goes_out_has_one_kind_of_line_end_and_one_end(attacked: Story) -> None:
    """Whoever wrote those words: here they are an Agent's, and the customer's under them."""
    ends = "".join(end.decode("latin-1") for end in NOT_THE_END if b"\0" not in end)
    smuggled = f"first{ends}MAIL FROM:<boss@desk.example>\r\nRCPT TO:<mallory@example.net>\r\nDATA\r\nsecond"
    await attacked.mail(f"please change my address{ends}QUIT", subject="one")
    await attacked.replies(1)
    agent = await attacked.agent()
    (ticket,) = await attacked.tickets()
    await attacked.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, smuggled))
    await attacked.replies(2)
    await attacked.quiet()
    assert [mail.recipients for mail in attacked.relay.mails] == [("ann@example.org",)] * 2
    assert sum(command.startswith("MAIL") for command in attacked.relay.commands) == 2
    for mail in attacked.relay.mails:
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", mail.raw)


@pytest.mark.parametrize("text", [b"bare\nlf\r\n", b"bare\rcr\r\n", b"nul\0\r\n", b"\n\r\r\n"], ids=repr)
async def test_t_bare_a_body_is_kept_as_it_came(text: bytes) -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.mail(SUPPORT, BODY + text)).startswith("250")
    assert here.raws == [BODY + text]


@pytest.mark.parametrize(
    "command", [b"NOOP\n", b"NO\rOP\r\n", b"NOOP x\0y\r\n", b"NOOP \r x\r\n", b"\r\n", b"\xff\xfe\r\n"]
)
async def test_t_bare_a_command_with_bare_line_ends_or_nul_is_refused(command: bytes) -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        client.send(command)
        assert (await client.reply()).startswith("500")
        assert (await client.say("NOOP")).startswith("250")


async def test_t_tlsinj_what_was_said_before_tls_is_forgotten() -> None:
    async with desk(tls=True) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.say("MAIL FROM:<ann@cust.example>")
        client.send(b"STARTTLS\r\nRSET\r\nMAIL FROM:<mallory@cust.example>\r\n")
        assert (await client.reply()).startswith("220")
        await client.writer.start_tls(TRUSTING, server_hostname="localhost")
        assert (await client.say(f"RCPT TO:<{SUPPORT}>")).startswith("503")
        assert (await client.say("MAIL FROM:<ann@cust.example>")).startswith("503")
        await client.say("EHLO x")
        assert (await client.mail(SUPPORT, BODY)).startswith("250")
    assert here.keep.arrivals[0].envelope["from"] == "ann@cust.example"


async def test_t_tlsinj_commands_that_came_with_a_mail_are_forgotten_too() -> None:
    async with desk(tls=True) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(BODY + b".\r\nSTARTTLS\r\nMAIL FROM:<mallory@cust.example>\r\n")
        assert (await client.reply()).startswith("250")
        assert (await client.reply()).startswith("220")
        await client.writer.start_tls(TRUSTING, server_hostname="localhost")
        assert (await client.say("NOOP")).startswith("250 OK")
        await client.say("EHLO x")
        assert (await client.say(f"RCPT TO:<{SUPPORT}>")).startswith("503")


async def test_t_pipe_a_client_that_sends_all_at_once_gets_its_answers_in_order() -> None:
    """From before the greeting on, and with its half of the connection closed."""
    one = b"MAIL FROM:<a@cust.example>\r\nRCPT TO:<" + SUPPORT.encode() + b">\r\nDATA\r\n"
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        client.send(b"EHLO x\r\n" + one + b"first\r\n.\r\n" + one + b".\r\n" + one + b"third\r\n.\r\nNOOP\r\n")
        client.writer.write_eof()
        said = (await asyncio.wait_for(client.reader.read(), 10)).decode().splitlines()
    assert here.raws == [b"first\r\n", b"", b"third\r\n"]
    assert [line[:3] for line in said[-13:]] == ["250", "250", "354", "250"] * 3 + ["250"]


async def test_t_pipe_a_mail_before_ehlo_is_none() -> None:
    one = b"MAIL FROM:<a@cust.example>\r\nRCPT TO:<" + SUPPORT.encode() + b">\r\nDATA\r\nNOOP\r\n"
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.reply()
        client.send(one)
        assert [(await client.reply())[:3] for _ in range(4)] == ["503", "503", "503", "250"]
    assert here.raws == []
