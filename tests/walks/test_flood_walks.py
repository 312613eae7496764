"""Too much from one sender, and from one who is blocked: on both databases, through a real socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.waiting import until
from tests.walks.desk import Story, story
from tests.walks.mails import conversations
from tests.walks.test_mail_walks import DEED, QUESTION

MALLORY = "mallory@example.net"
LIMIT = 3


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    sections = {"desk": {"flood": LIMIT}, "agents": {"mail": "oncall@firm.example"}}
    async with story(database_url, tmp_path, sections=sections) as told:
        yield told


async def _flood(desk: Story, number: int) -> None:
    for one in range(number):
        await desk.mail(f"{DEED}\n{one}", sender=MALLORY, subject=f"Complaint {one}")
    await desk.quiet()


async def test_a_flood_is_one_matter_with_a_count_and_one_call(desk: Story) -> None:
    await _flood(desk, LIMIT + 7)
    # Not the last: several mails are read at the same time.
    flood = max(await conversations(desk, LIMIT + 1), key=lambda found: len(found.messages))
    assert len(flood.messages) == 7
    ticket = next(one for one in await desk.tickets() if one.conversation == flood.id)
    assert "7 messages" in ticket.reason
    kinds = [row.kind for row in await desk.outbox()]
    assert kinds.count("escalation") == 1
    assert [sent.recipients for sent in desk.relay.mails].count((MALLORY,)) == 1


async def test_nobody_else_is_part_of_a_flood(desk: Story) -> None:
    await _flood(desk, LIMIT + 2)
    await desk.mail(DEED)
    found = await conversations(desk, LIMIT + 2)
    assert found[-1].customer.value == "ann@example.org"


async def test_a_flood_is_over_when_an_hour_was_quiet(desk: Story) -> None:
    await _flood(desk, LIMIT + 2)
    await desk.later(minutes=50)
    await desk.mail(DEED, sender=MALLORY, subject="Still flooding")
    await conversations(desk, LIMIT + 1)
    await desk.later(minutes=61)
    await desk.mail(DEED, sender=MALLORY, subject="A new matter")
    found = await conversations(desk, LIMIT + 2)
    assert found[-1].subject == "A new matter"


async def test_what_a_blocked_sender_writes_is_kept_and_nothing_more(desk: Story) -> None:
    await desk.command("block", "add", "@example.net", "--reason", "abuse")
    await desk.mail(DEED, sender=MALLORY)
    await desk.mail(DEED)
    await conversations(desk, 1)

    (kept,) = await desk.store.read(lambda look: look.arrivals.since(None, state="blocked", limit=10))
    assert [sent.recipients for sent in desk.relay.mails] == [("ann@example.org",)]
    assert "blocked" in await desk.command("trace", str(kept.id))


async def test_the_whole_desk_has_a_limit_too(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path, desk_replies=2) as desk:
        for one in range(4):
            await desk.mail(DEED, sender=f"customer{one}@example.org")
        await conversations(desk, 4)
        assert len(desk.relay.mails) == 2
        assert len(await desk.tickets()) == 4
        await desk.later(minutes=61)
        await desk.mail(DEED, sender="later@example.org")
        await desk.replies(3)


async def test_a_proven_sender_has_a_limit_too(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path, sender_replies=3) as desk:
        await desk.mail(DEED)
        (reply,) = await desk.replies(1)
        await desk.answer(reply, "Thank you, it is number 7.")
        for one in range(4):
            await desk.mail(DEED, subject=f"Another matter {one}")
        await conversations(desk, 5)
        assert len(desk.relay.mails) == 3


async def test_who_says_the_same_again_is_not_answered_again(desk: Story) -> None:
    await desk.mail(QUESTION)
    (reply,) = await desk.replies(1)
    await desk.answer(reply, QUESTION)
    await until(desk.tickets)
    await desk.quiet()
    assert [sent.recipients for sent in desk.relay.mails].count(("ann@example.org",)) == 1
