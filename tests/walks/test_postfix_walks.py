"""A customer, a real Postfix and the desk: what becomes of a mail on its way there and back."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid, parseaddr
from pathlib import Path

import pytest

from bot.model import DeliveryState, Kind, Ticket, Verdict
from bot.rows import DeliveryRow
from tests.servers.cutting import cutting
from tests.servers.postfix import CUSTOMERS, NAME, NoPostfix, Postfix, postfix, swaks
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story, story
from tests.walks.test_mail_walks import DEED, QUESTION, bounce

ANN, CARL, GONE = (f"{name}@{CUSTOMERS}" for name in ("ann", "carl", "gone"))
WIRE = default.clone(linesep="\r\n", max_line_length=998)


@pytest.fixture(scope="module")
def running() -> Iterator[Postfix]:
    try:
        with postfix() as server:
            yield server
    except NoPostfix as reason:
        pytest.skip(str(reason))


@pytest.fixture
def mx(running: Postfix) -> Postfix:
    running.clear()
    return running


def behind(
    mx: Postfix, url: str, folder: Path, believed: Mapping[str, object] | None = None, *, relay: str = ""
) -> AbstractAsyncContextManager[Story]:
    """A desk whose mail comes and goes by Postfix; `believed`: settings of [smtp] besides."""
    smtp = {"listen": f"127.0.0.1:{mx.desk_port}", **(believed or {})}
    return story(url, folder, sections={"smtp": smtp, "relay": {"url": relay or mx.url}})


# ------------------------------------------------------------------ there and back


async def test_a_talk_through_postfix_stays_one_thread_on_both_sides(
    mx: Postfix, database_url: str, tmp_path: Path
) -> None:
    async with behind(mx, database_url, tmp_path) as desk:
        asked = letter("A question", QUESTION)
        await write(mx, tmp_path, asked)
        (reply,) = await arrived(mx, "ann", 1)
        assert reply["In-Reply-To"] == reply["References"] == asked["Message-ID"]
        assert parseaddr(reply["From"])[1] == SUPPORT
        back = parseaddr(reply["Reply-To"])[1]
        # Bounces name the Delivery, answers the Thread.
        assert parseaddr(reply["Return-Path"])[1].startswith("support+")
        assert parseaddr(reply["Return-Path"])[1] != back
        await write(mx, tmp_path, answer_to(reply, DEED))
        _, second = await arrived(mx, "ann", 2)
        assert second["References"].split()[0] == asked["Message-ID"]
        arrivals = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=9))
        assert [row.envelope["to"] for row in arrivals] == [[SUPPORT], [back]]
        conversation = await desk.conversation()
        assert len(conversation.messages) == 4
        assert conversation.proven


async def test_the_desk_believes_what_postfix_says_of_a_sender_and_no_forged_word_of_it(
    mx: Postfix, sqlite_desk: str, tmp_path: Path
) -> None:
    believed = {"authserv_id": NAME, "upstreams": ["127.0.0.1/32"]}
    async with behind(mx, sqlite_desk, tmp_path, believed) as desk:
        await write(mx, tmp_path, letter("A question", QUESTION))
        forged = letter("Another question", QUESTION, sender=CARL)
        forged["Authentication-Results"] = f"{NAME}; dmarc=pass header.from={CUSTOMERS}"
        await write(mx, tmp_path, forged)
        await until(lambda: talks(desk, 2))
        await desk.quiet()
        (ann,), (carl,) = [talk.messages[:1] for talk in await desk.conversations()]
        assert (ann.verdict, carl.verdict) == (Verdict.VERIFIED, Verdict.UNVERIFIED)
        assert "failed-authentication" in carl.signs
        assert [row.to for row in await owed(desk)] == [(ANN,)]


# ------------------------------------------------------------------ what comes back


async def test_a_real_bounce_is_shown_to_the_agents_in_the_matter(
    mx: Postfix, database_url: str, tmp_path: Path
) -> None:
    async with behind(mx, database_url, tmp_path) as desk:
        await write(mx, tmp_path, letter("A question", QUESTION, sender=GONE))
        ticket = await ticketed(desk)
        await desk.quiet()
        conversation = await desk.conversation()
        assert ticket.conversation == conversation.id
        assert "came back" in ticket.reason
        assert "unknown user" in ticket.reason
        (report,) = [message for message in conversation.messages if message.kind is Kind.BOUNCE]
        assert "unknown user" in report.text
        (row,) = await owed(desk)
        assert row.state is DeliveryState.UNDELIVERABLE
        assert "unknown user" in row.error


async def test_a_delay_is_noted_and_nobody_is_called(mx: Postfix, sqlite_desk: str, tmp_path: Path) -> None:
    async with behind(mx, sqlite_desk, tmp_path) as desk:
        await write(mx, tmp_path, letter("A question", QUESTION))
        (reply,) = await arrived(mx, "ann", 1)
        back, daemon = parseaddr(reply["Reply-To"])[1], "mailer-daemon@mx.example.net"
        report = bounce(daemon, back, "delayed", reply["Message-ID"])
        await asyncio.to_thread(swaks, mx.port, sender="<>", to=back, data=report, folder=tmp_path)
        await until(lambda: holds(desk, 3))
        await desk.quiet()
        assert (await desk.conversation()).messages[2].kind is Kind.BOUNCE
        assert await desk.tickets() == []
        assert await ended(desk) == [(DeliveryState.DELIVERED, 1)]


# ------------------------------------------------------------------ a relay in trouble


async def test_what_postfix_puts_off_is_sent_again_and_arrives_once(
    mx: Postfix, sqlite_desk: str, tmp_path: Path
) -> None:
    async with behind(mx, sqlite_desk, tmp_path) as desk:
        async with refusing(mx, "450 4.2.0 come back later"):
            await desk.mail(QUESTION, sender=ANN)
            await until(lambda: is_put_off(desk, DeliveryState.PENDING))
            (row,) = await desk.outbox()
            assert "come back later" in row.error
        await desk.later(minutes=10)
        await arrived(mx, "ann", 1)
        await desk.quiet()
        assert await desk.tickets() == []
        assert await ended(desk) == [(DeliveryState.DELIVERED, 2)]


async def test_whom_postfix_refuses_is_told_to_the_agents_at_once(
    mx: Postfix, sqlite_desk: str, tmp_path: Path
) -> None:
    async with refusing(mx, "550 5.1.1 no such box"), behind(mx, sqlite_desk, tmp_path) as desk:
        await desk.mail(QUESTION, sender=ANN)
        ticket = await ticketed(desk)
        await desk.quiet()
        assert ticket.conversation == (await desk.conversation()).id
        assert "no such box" in ticket.reason
        assert await ended(desk) == [(DeliveryState.UNDELIVERABLE, 1)]


async def test_an_hour_without_postfix_costs_no_try_and_no_second_copy(
    mx: Postfix, database_url: str, tmp_path: Path
) -> None:
    async with behind(mx, database_url, tmp_path) as desk:
        await asyncio.to_thread(mx.stop)
        await desk.mail(QUESTION, sender=ANN)
        await until(lambda: paused(desk))
        await until(lambda: is_waiting(desk))
        await desk.later(hours=1)
        await asyncio.to_thread(mx.start)
        await desk.later(minutes=2)
        await arrived(mx, "ann", 1)
        await desk.quiet()
        assert await ended(desk) == [(DeliveryState.DELIVERED, 1)]
        assert len(mx.box("ann")) == 1


async def test_a_connection_that_breaks_after_the_dot_costs_one_more_copy_with_the_same_message_id(
    mx: Postfix, sqlite_desk: str, tmp_path: Path
) -> None:
    """Nobody can know whether the mail was taken. Postfix doesn't look for repeated Message-IDs; most mailboxes do."""
    async with cutting(mx.port) as proxy, behind(mx, sqlite_desk, tmp_path, relay=proxy) as desk:
        await desk.mail(QUESTION, sender=ANN)
        await until(lambda: is_put_off(desk, DeliveryState.UNKNOWN))
        (row,) = await desk.outbox()
        await desk.later(minutes=10)
        first, second = await arrived(mx, "ann", 2)
        await desk.quiet()
        assert first["Message-ID"] == second["Message-ID"] == f"<{row.message_id}>"
        assert first.get_body().as_bytes() == second.get_body().as_bytes()
        assert await ended(desk) == [(DeliveryState.DELIVERED, 2)]
        await desk.later(days=1)
        await desk.quiet()
        assert len(mx.box("ann")) == 2


# ------------------------------------------------------------------ the customer


def letter(subject: str, text: str, *, sender: str = ANN, to: str = SUPPORT) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = make_msgid(domain=CUSTOMERS)
    mail.set_content(text)
    return mail


def answer_to(mail: EmailMessage, text: str) -> EmailMessage:
    answer = letter(f"Re: {mail['Subject']}", text, to=parseaddr(mail["Reply-To"])[1])
    answer["In-Reply-To"] = mail["Message-ID"]
    answer["References"] = f"{mail['References']} {mail['Message-ID']}"
    return answer


async def write(mx: Postfix, folder: Path, mail: EmailMessage) -> None:
    data = mail.as_bytes(policy=WIRE)
    await asyncio.to_thread(swaks, mx.port, sender=mail["From"], to=mail["To"], data=data, folder=folder)


async def arrived(mx: Postfix, box: str, number: int) -> list[EmailMessage]:
    await until(lambda: len(mx.box(box)) >= number, what=f"{number} mails for {box}")
    assert len(mx.box(box)) == number
    return mx.box(box)


# ------------------------------------------------------------------ trouble


@asynccontextmanager
async def refusing(mx: Postfix, answer: str) -> AsyncIterator[None]:
    """Postfix answers this to mail for Ann."""
    await asyncio.to_thread(mx.restart, {ANN: answer})
    try:
        yield
    finally:
        await asyncio.to_thread(mx.restart)


# ------------------------------------------------------------------ looking


async def talks(desk: Story, number: int) -> bool:
    return len(await desk.conversations()) == number


async def holds(desk: Story, number: int) -> bool:
    return len((await desk.conversation()).messages) == number


async def ticketed(desk: Story) -> Ticket:
    (ticket,) = await until(desk.tickets)
    return ticket


async def is_put_off(desk: Story, state: DeliveryState) -> bool:
    return await ended(desk) == [(state, 1)]


async def ended(desk: Story) -> list[tuple[DeliveryState, int]]:
    return [(row.state, row.attempts) for row in await owed(desk)]


async def owed(desk: Story) -> list[DeliveryRow]:
    """To customers; a relay that is away for long is told to Agents."""
    return [row for row in await desk.outbox() if row.channel == "smtp"]


async def is_waiting(desk: Story) -> bool:
    return await ended(desk) == [(DeliveryState.PENDING, 0)]


async def paused(desk: Story) -> bool:
    pauses = await desk.store.read(lambda look: look.jobs.pauses())
    return bool(pauses) and pauses[0].until > desk.clock.now()
