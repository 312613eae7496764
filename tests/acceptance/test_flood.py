"""Ten thousand mails from one sender: few replies, one matter for the Agents, and nobody else waits."""

import asyncio
from pathlib import Path

import aiosmtplib
import pytest

from bot.model import Ticket
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story, story
from tests.walks.test_mail_walks import QUESTION

MAILS = 10_000
CONNECTIONS = 10
FLOOD = 20
MALLORY = "mallory@example.com"


@pytest.mark.slow
async def test_a_flood_costs_few_replies_becomes_one_matter_and_holds_up_nobody(
    sqlite_desk: str, tmp_path: Path
) -> None:
    async with story(sqlite_desk, tmp_path, sections={"desk": {"flood": FLOOD}}) as desk:
        half = asyncio.Event()
        flood = asyncio.gather(*(send(desk, number, half) for number in range(CONNECTIONS)))
        await half.wait()
        await desk.mail(QUESTION, sender="ann@example.org")
        await until(lambda: replies(desk, "ann@example.org") == 1, 60, "Ann is answered")
        assert await unread(desk) or not flood.done(), "and that in the middle of the flood"
        await flood
        # What one sender sends in masses is due at a pace.
        await desk.later(minutes=10)
        await until(lambda: is_read(desk), 1200, "all of it is read")
        await desk.quiet(60)
        assert [sent.recipients for sent in desk.relay.mails].count((MALLORY,)) == 1
        assert len(desk.relay.mails) == 2
        await assert_one_matter(desk)


async def assert_one_matter(desk: Story) -> None:
    tickets = await desk.tickets()
    assert len(tickets) <= FLOOD + 1
    sizes = {ticket.id: await size(desk, ticket) for ticket in tickets}
    assert sum(sizes.values()) >= MAILS, "each mail is there to be read"
    matter = max(tickets, key=lambda ticket: sizes[ticket.id])
    assert sizes[matter.id] >= MAILS // 2
    assert str(sizes[matter.id]) in matter.reason, "the Agents see how many there are"


async def size(desk: Story, ticket: Ticket) -> int:
    return await desk.store.read(lambda look: look.conversations.size(ticket.conversation))


async def send(desk: Story, connection: int, half: asyncio.Event) -> None:
    """A share of the flood: a third the same words each time, a third other words each, a third adding to the first."""
    host, port = desk.endpoint
    async with aiosmtplib.SMTP(hostname=host, port=port, use_tls=False, start_tls=False) as client:
        for number in range(MAILS // CONNECTIONS):
            if number == MAILS // CONNECTIONS // 2:
                half.set()
            await client.sendmail(MALLORY, [SUPPORT], mail(connection, number))


def mail(connection: int, number: int) -> bytes:
    text = f"Please change delivery {connection}-{number}." if number % 3 == 1 else QUESTION
    follows = f"In-Reply-To: <{connection}.0@example.com>\r\n" if number % 3 == 2 else ""
    return (
        f"From: {MALLORY}\r\nTo: {SUPPORT}\r\nSubject: A question\r\n{follows}"
        f"Message-ID: <{connection}.{number}@example.com>\r\n\r\n{text}\r\n"
    ).encode()


def replies(desk: Story, to: str) -> int:
    return sum(to in sent.recipients for sent in desk.relay.mails)


async def unread(desk: Story) -> int:
    counts = await desk.store.read(lambda look: look.jobs.counts())
    return counts.get("read", 0)


async def is_read(desk: Story) -> bool:
    """Every mail that was acknowledged has been kept and read."""
    if await unread(desk):
        return False
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=2 * MAILS))
    assert len(rows) == MAILS + 1
    return {row.state for row in rows} == {"read"}
