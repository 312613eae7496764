"""SMTP: doors that stay shut, and an error that opens none and tells nothing."""

import pytest

from bot.failpoints import arm
from bot.store import CommitUnknown, StoreBroken, StoreBusy, StoreFull
from tests.connectors.smtp_desk import BODY, OURS, SUPPORT, desk
from tests.fakes import RecordingKeep, SmtpClient

# ------------------------------------------------------------------ recipients


async def test_t_rcpt_at_most_a_hundred() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.say("MAIL FROM:<ann@cust.example>")
        answers = [await client.say(f"RCPT TO:<r{number}@{OURS}>") for number in range(102)]
        assert all(one.startswith("250") for one in answers[:100])
        assert [one[:9] for one in answers[100:]] == ["452 4.5.3"] * 2
        await client.say("DATA")
        client.send(BODY + b".\r\n")
        assert (await client.reply()).startswith("250")
    assert len(here.keep.arrivals[0].envelope["to"]) == 100


@pytest.mark.parametrize(
    "path",
    [
        "<ann@cust.example>",
        f"<ann@sub.{OURS}>",
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
async def test_t_rcpt_we_never_relay(path: str) -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.say("MAIL FROM:<ann@cust.example>")
        assert (await client.say(f"RCPT TO:{path}")).startswith("550 5.7.1")
        assert (await client.say("DATA")).startswith("503")


async def test_t_utf8_addresses_only_when_announced() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.say("MAIL FROM:<änn@cust.example>")).startswith("553 5.6.7")
        assert (await client.say("MAIL FROM:<änn@cust.example> SMTPUTF8 BODY=8BITMIME")).startswith("250")
        assert (await client.say(f"RCPT TO:<grüße@{OURS}>")).startswith("250")
        await client.say("DATA")
        client.send(BODY + b".\r\n")
        assert (await client.reply()).startswith("250")
        await client.say("MAIL FROM:<ann@cust.example>")
        assert (await client.say(f"RCPT TO:<grüße@{OURS}>")).startswith("553 5.6.7")
    assert here.keep.arrivals[0].envelope["from"] == "änn@cust.example"
    assert here.keep.arrivals[0].envelope["to"] == [f"grüße@{OURS}"]


# ------------------------------------------------------------------ commands


async def test_t_bdat_is_neither_offered_nor_taken() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        assert "CHUNKING" not in await client.greet()
        await client.say("MAIL FROM:<ann@cust.example>")
        await client.say(f"RCPT TO:<{SUPPORT}>")
        assert (await client.say("BDAT 5 LAST")).startswith("502")
    assert here.raws == []


async def test_t_auth_is_never_offered_and_guessing_ends() -> None:
    async with desk(tls=True, commands=20) as here, SmtpClient.to(here.endpoint) as client:
        assert "AUTH" not in await client.greet()
        answers = [await client.say("AUTH PLAIN AGEAYQ==") for _ in range(20)]
        assert {one[:3] for one in answers[:-2]} == {"502"}
        assert answers[-1].startswith("421")
        assert await client.closed()


async def test_t_auth_no_command_tells_who_is_there() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        known, unknown = await client.say(f"VRFY {SUPPORT}"), await client.say("VRFY nobody@cust.example")
        assert known == unknown
        assert known.startswith("252")
        assert (await client.say("VRFY \udcff")).startswith("252")
        assert (await client.say(f"EXPN {SUPPORT}")).startswith("502")
        assert (await client.say("HELP MAIL")).startswith("214")
        assert (await client.say("PROXY TCP4 1.2.3.4 5.6.7.8 1 2")).startswith("500")


# ------------------------------------------------------------------ our own trouble


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (StoreBusy("secret"), "451 4.3.0"),
        (CommitUnknown("secret"), "451 4.3.0"),
        (StoreBroken("secret"), "451 4.3.0"),
        (StoreFull("secret"), "452 4.3.1"),
        (RuntimeError("secret"), "451 4.3.0"),
        (ConnectionResetError("secret"), "451 4.3.0"),
    ],
)
async def test_t_exc_our_own_trouble_is_passing_and_says_nothing(error: Exception, answer: str) -> None:
    async with desk(RecordingKeep(error)) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        said = await client.mail(SUPPORT, BODY)
        assert said.startswith(answer)
        assert "secret" not in said
        assert "Error" not in said
        assert (await client.mail(SUPPORT, BODY)).startswith("250")


@pytest.mark.parametrize(("point", "kept"), [("smtp.data", 0), ("smtp.kept", 1)])
async def test_t_exc_a_fault_on_either_side_of_keeping_is_repaired_by_the_next_try(point: str, kept: int) -> None:
    arm(f"{point}:fail@1")
    try:
        async with desk() as here, SmtpClient.to(here.endpoint) as client:
            await client.greet()
            assert (await client.mail(SUPPORT, BODY)).startswith("451 4.3.0")
            assert len(here.raws) == kept
            assert (await client.mail(SUPPORT, BODY)) == f"250 2.0.0 {here.keep.arrivals[0].id}"
    finally:
        arm(None)
    assert here.raws == [BODY]
