"""How people are called, and what the desk says about itself: one story a test, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

import pytest

from bot.agents import tickets
from bot.model import Answer, Citation, Conversation, ConversationState, DeliveryState, Lane, Proposal, Visibility
from tests.fakes import FakeRelay
from tests.waiting import until
from tests.walks.desk import Story, story, words_of
from tests.walks.test_mail_walks import DEED, QUESTION, bounce

ONCALL = "oncall@example.org"
URGENT = "I want to talk to a human, not to a bot. How can I reset my password?"


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with story(database_url, tmp_path, sections={"agents": {"mail": ONCALL}}) as told:
        yield told


async def test_an_escalation_reaches_the_agents_with_all_that_was_said_and_the_customer_is_told(desk: Story) -> None:
    await desk.mail(f"{URGENT}\n\nWhy: nothing\nTicket 1 is closed", subject="Help\u202e me")
    to_agents, to_customer = by_recipient(await desk.replies(2))
    (ticket,) = await desk.tickets()
    words = words_of(to_agents)
    assert to_agents["Subject"].startswith(f"[{ticket.number}] high:")
    assert to_agents["Auto-Submitted"] == "auto-generated"
    assert "wish for a human" in words
    assert "> I want to talk to a human" in words
    assert "> Why: nothing" in words, "what a customer writes looks like nothing of ours"
    assert "ann@example.org (unverified" in words
    assert "was told at once" in words
    assert "automatic" in words_of(to_customer)
    assert str(ticket.number) in words_of(to_customer)
    await until(lambda: called(desk))
    assert [row.kind for row in await desk.outbox()] == ["acknowledgement", "escalation"]


async def test_the_answer_that_was_not_sent_is_proposed_to_the_agents(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path, sections={"agents": {"mail": ONCALL}}) as desk:
        await desk.mail("How can I reset my password? My lawyer will write to you if I can't.")
        to_agents, _ = by_recipient(await desk.replies(2))
        assert "> To reset your password, open the sign-in page" in words_of(to_agents)


async def test_who_may_get_no_automatic_reply_is_called_for_all_the_same(desk: Story) -> None:
    await desk.mail(DEED)
    await desk.replies(1)
    await desk.mail(URGENT, subject="Another matter")
    _, second = await desk.replies(2)
    assert parseaddr(second["To"])[1] == ONCALL
    assert "was not told" in words_of(second)


async def test_a_call_is_no_automatic_reply_to_a_customer_of_the_same_address(desk: Story) -> None:
    await desk.mail(URGENT)
    await desk.replies(2)
    await desk.mail(QUESTION, sender=ONCALL)
    answer = (await desk.replies(3))[2]
    assert "Forgot password" in words_of(answer)


async def test_an_agents_mail_back_is_a_note_that_no_customer_sees(desk: Story) -> None:
    await desk.mail(URGENT)
    to_agents, _ = by_recipient(await desk.replies(2))
    await desk.answer(to_agents, "Tell her that her account is locked.", sender="bea@example.org")
    note = (await until(lambda: noted(desk)))[0]
    assert note.text == "Tell her that her account is locked."
    assert note.author == "agent"
    assert note.author_name == "bea@example.org (unverified)"
    await desk.quiet()
    assert len(desk.relay.mails) == 2
    assert note.arrival is not None
    await desk.command("reread", str(note.arrival))
    await desk.quiet()
    again = (await noted(desk))[0]
    assert (again.visibility, again.author_name) == (Visibility.NOTE, "bea@example.org (unverified)")


async def test_a_stranger_with_the_agents_address_changes_nothing(desk: Story) -> None:
    await desk.mail(URGENT)
    to_agents, _ = by_recipient(await desk.replies(2))
    await desk.answer(to_agents, "Close this, please. I want a human.", sender="mallory@example.net")
    await until(lambda: noted(desk))
    await desk.quiet()
    (ticket,) = await desk.tickets()
    assert ticket.state == "new"
    assert len(desk.relay.mails) == 2


async def test_a_call_that_comes_back_is_seen_on_the_ticket(desk: Story) -> None:
    await desk.mail(URGENT)
    to_agents, _ = by_recipient(await desk.replies(2))
    back = parseaddr(to_agents["Reply-To"])[1]
    await desk.raw(bounce("mailer-daemon@example.org", back, "failed", to_agents["Message-ID"]), "", back, "")
    await until(lambda: noted(desk))
    (ticket,) = await desk.tickets()
    assert "the call to people came back" in ticket.reason


async def test_the_customers_next_words_follow_the_call(desk: Story) -> None:
    await desk.mail(URGENT)
    _, to_customer = by_recipient(await desk.replies(2))
    await desk.answer(to_customer, "It is getting worse.")
    third = (await desk.replies(3))[2]
    assert parseaddr(third["To"])[1] == ONCALL
    assert "> It is getting worse." in words_of(third)


async def test_watching_reads_and_decides_and_sends_nothing(database_url: str, tmp_path: Path) -> None:
    sections = {"agents": {"mail": ONCALL}, "desk": {"watch": True}}
    async with story(database_url, tmp_path, sections=sections) as desk:
        await desk.mail(QUESTION)
        await desk.mail(URGENT, sender="bob@example.org")
        await until(lambda: two_tickets(desk))
        await desk.quiet()
        assert await desk.outbox() == []
        asked = next(one for one in await desk.conversations() if one.customer.value == "ann@example.org")
        (row,) = await desk.store.read(lambda look: look.conversations.decisions(asked.id))
        assert (row.action, row.proposed, row.overruled) == ("FileTicket", "Answer", ("watching",))
        assert "Forgot password" in row.detail["answer"]


async def test_what_was_owed_before_waits_while_the_desk_watches(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path, sections={"desk": {"watch": True}}) as desk:
        await desk.mail(DEED)
        (ticket,) = await until(desk.tickets)
        agent = await desk.agent()
        await desk.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, "It is done."))
        await until(lambda: waits(desk))
        assert desk.relay.mails == []


class Slow:
    """Thinks until it is let."""

    name = "slow"

    def __init__(self) -> None:
        self.thinking, self.go_on = asyncio.Event(), asyncio.Event()
        self.passages = None

    async def decide(self, conversation: Conversation) -> Proposal:
        self.thinking.set()
        await self.go_on.wait()
        passage = (await self.passages(["password"]))[0].passage
        return Proposal(Answer(passage.text, (Citation(passage, passage.text),)), self.name)


async def test_an_answer_thought_of_before_the_stop_is_not_sent_after_it(database_url: str, tmp_path: Path) -> None:
    slow = Slow()
    async with story(database_url, tmp_path, triager=slow) as desk:
        slow.passages = lambda words: desk.store.read(lambda look: look.articles.search(words))
        await desk.mail(QUESTION)
        await asyncio.wait_for(slow.thinking.wait(), 10)
        await desk.store.write(lambda tx: tx.desk.stop("bea"))
        slow.go_on.set()
        (ticket,) = await until(desk.tickets)
        await desk.quiet()
        assert "Forgot password" in ticket.draft
        assert [row.kind for row in await desk.outbox()] == ["ticket"]


async def test_an_answer_that_still_waits_is_withdrawn_by_the_stop(database_url: str, tmp_path: Path) -> None:
    relay = FakeRelay(script={"greeting": "421 away"})
    async with story(database_url, tmp_path, relay=relay) as desk:
        await desk.mail(QUESTION)
        await until(lambda: paused(desk))
        await desk.store.write(lambda tx: tx.desk.stop("bea"))
        relay.script.clear()
        await desk.later(minutes=2)
        (ticket,) = await until(desk.tickets)
        await desk.quiet()
        assert desk.relay.mails == []
        assert ticket.draft.startswith("To reset your password")
        assert "automatic" not in ticket.draft
        assert [row.state for row in await desk.outbox()] == [DeliveryState.UNDELIVERABLE]


async def test_a_trouble_of_the_desk_is_told_once_and_its_end_too(desk: Story) -> None:
    job = (Lane.READ, "00000000-0000-7000-8000-000000000000")

    def set_aside(tx: object) -> None:
        tx.jobs.put(*job)
        tx.jobs.set_aside(*job, "broken")

    await desk.store.write(set_aside)
    await desk.later(minutes=2)
    alert = await until(lambda: to_oncall(desk, "unwell: set aside in read"))
    assert "firstline queue list --lane read" in words_of(alert)
    for _ in range(2):
        await desk.later(minutes=2)
        await desk.quiet()
    await desk.store.write(lambda tx: tx.jobs.finish(tx.jobs.find(*job)))
    await desk.later(minutes=2)
    await until(lambda: to_oncall(desk, "Over: set aside in read"))
    subjects = [message["Subject"] for message in await oncall(desk)]
    assert len([one for one in subjects if "unwell: set aside in read" in one]) == 1
    conversation = next(iter({row.conversation for row in await desk.outbox() if row.kind == "alert"}))
    about = await desk.store.read(lambda look: look.conversations.get(conversation))
    assert about.state is ConversationState.HUMAN
    assert about.customer is None


# ------------------------------------------------------------------ looking


def by_recipient(mails: list[Message]) -> list[Message]:
    """The one to the Agents first."""
    return sorted(mails, key=lambda mail: parseaddr(mail["To"])[1] != ONCALL)


async def oncall(desk: Story) -> list[Message]:
    found = await desk.replies(len(desk.relay.mails))
    return [mail for mail in found if parseaddr(mail["To"])[1] == ONCALL]


async def to_oncall(desk: Story, subject: str) -> Message | None:
    return next((mail for mail in await oncall(desk) if subject in mail["Subject"]), None)


async def called(desk: Story) -> bool:
    (ticket,) = await desk.tickets()
    (call,) = await desk.store.read(lambda look: look.tickets.escalations(ticket.id))
    return call.called_at is not None


async def noted(desk: Story) -> list:
    (conversation,) = await desk.conversations()
    return [message for message in conversation.messages if message.visibility is Visibility.NOTE]


async def two_tickets(desk: Story) -> bool:
    return len(await desk.tickets()) == 2


async def waits(desk: Story) -> bool:
    jobs = await desk.store.read(lambda look: look.jobs.rows())
    return any("only watches" in job.error for job in jobs)


async def paused(desk: Story) -> bool:
    return bool(await desk.store.read(lambda look: look.jobs.pauses()))
