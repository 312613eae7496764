"""What happens to a mail, from the customer's side: one story a test, on both databases."""

import asyncio
import os
import signal
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

import pytest

from bot.agents import tickets
from bot.model import (
    Arrival,
    Conversation,
    ConversationState,
    DeliveryState,
    FileTicket,
    Inbound,
    JobState,
    Kind,
    Lane,
    Proposal,
    Ticket,
    TicketState,
)
from connectors.mail.reader import MailReader
from connectors.mail.threads import Ours
from tests.fakes import FakeRelay
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story, story, words_of

QUESTION = "Hello,\n\nI forgot my password. How can I reset my password?\n\nAnn"
DEED = "Hello,\n\nplease change the address on my last delivery note, thank you.\n\nAnn"


@pytest.fixture
async def desk(database_url: str, tmp_path: Path):
    async with story(database_url, tmp_path) as told:
        yield told


async def test_a_question_is_answered_from_an_article_in_the_same_thread(desk: Story) -> None:
    asked = await desk.mail(QUESTION)
    (reply,) = await desk.replies(1)
    assert reply["In-Reply-To"] == f"<{asked}>"
    assert reply["Subject"] == "Re: A question"
    assert reply["Auto-Submitted"] == "auto-replied"
    assert parseaddr(reply["To"])[1] == "ann@example.org"
    words = words_of(reply)
    assert "Forgot password" in words
    assert "Reset your password" in words
    assert "automatic" in words
    conversation = await desk.conversation()
    assert await desk.actions(conversation.id) == ["Answer"]
    assert conversation.state is ConversationState.BOT
    assert await desk.tickets() == []


async def test_what_knowledge_does_not_answer_becomes_a_ticket_and_its_number_is_told(desk: Story) -> None:
    await desk.mail(DEED)
    (reply,) = await desk.replies(1)
    (ticket,) = await desk.tickets()
    assert str(ticket.number) in words_of(reply)
    assert ticket.state is TicketState.NEW
    assert await desk.actions(ticket.conversation) == ["FileTicket"]


async def test_a_wish_for_a_human_is_escalated_and_the_customer_told(desk: Story) -> None:
    await desk.mail("I want to talk to a human, not to a bot. How can I reset my password?")
    (reply,) = await desk.replies(1)
    (ticket,) = await desk.tickets()
    assert str(ticket.number) in words_of(reply)
    await until(lambda: _called(desk, ticket))
    assert (await desk.conversation()).state is ConversationState.HUMAN


@pytest.mark.parametrize(
    ("headers", "envelope_from"),
    [
        ({"Auto-Submitted": "auto-replied"}, None),
        ({"X-Autoreply": "yes", "Precedence": "auto_reply"}, None),
        ({}, ""),
    ],
)
async def test_machines_are_kept_and_never_answered(
    desk: Story, headers: dict[str, str], envelope_from: str | None
) -> None:
    await desk.mail(
        "I am out of the office. How can I reset my password?", headers=headers, envelope_from=envelope_from
    )
    await until(desk.conversations)
    await desk.quiet()
    conversation = await desk.conversation()
    assert await desk.actions(conversation.id) == ["Ignore"]
    assert await desk.outbox() == []
    assert await desk.tickets() == []


async def test_lists_and_no_reply_senders_go_to_a_person_and_are_not_answered(desk: Story) -> None:
    await desk.mail(QUESTION, headers={"List-Id": "<news.example.org>", "Precedence": "bulk"})
    await until(desk.tickets)
    await desk.quiet()
    assert await desk.outbox() == []


async def test_a_follow_up_joins_by_the_address_alone(desk: Story) -> None:
    await desk.mail(DEED)
    (reply,) = await desk.replies(1)
    back = parseaddr(reply["Reply-To"])[1]
    await desk.mail("One thing more: it was delivery 17.", to=back, subject="something else")
    await until(lambda: _messages(desk, 3))
    assert len((await desk.conversation()).messages) == 3
    assert len(await desk.tickets()) == 1


async def test_a_follow_up_joins_by_our_message_id_alone(desk: Story) -> None:
    await desk.mail(DEED)
    (reply,) = await desk.replies(1)
    await desk.mail("One thing more.", headers={"In-Reply-To": reply["Message-ID"]})
    await until(lambda: _messages(desk, 3))


async def test_a_follow_up_joins_by_the_customers_own_message_id(desk: Story) -> None:
    first = await desk.mail(DEED)
    await desk.mail("One thing more.", headers={"In-Reply-To": f"<{first}>"})
    await desk.replies(1)
    await until(lambda: _messages(desk, 3))


async def test_who_answered_our_mail_is_proven_and_may_have_more_replies_a_day(desk: Story) -> None:
    await desk.mail(DEED)
    (reply,) = await desk.replies(1)
    assert not (await desk.conversation()).proven
    await desk.answer(reply, "Thank you. And how can I reset my password?")
    _, second = await desk.replies(2)
    assert "Forgot password" in words_of(second)
    assert (await desk.conversation()).proven


async def test_an_unverified_sender_gets_one_automatic_reply_a_day(desk: Story) -> None:
    await desk.mail(QUESTION)
    await desk.replies(1)
    await desk.mail(QUESTION, subject="Another matter")
    await until(desk.tickets)
    await desk.quiet()
    assert len(desk.relay.mails) == 1
    (ticket,) = await desk.tickets()
    assert "Forgot password" in ticket.draft
    await desk.later(hours=25)
    await desk.mail(QUESTION, subject="A third")
    await desk.replies(2)


@pytest.mark.parametrize("theft", ["subject", "message-id", "address"])
async def test_a_stranger_joins_nothing_whatever_was_stolen(desk: Story, theft: str) -> None:
    await desk.mail(DEED)
    (reply,) = await desk.replies(1)
    stranger = "mallory@example.net"
    if theft == "subject":
        await desk.mail("And what was said?", sender=stranger, subject=reply["Subject"])
    elif theft == "message-id":
        headers = {"In-Reply-To": reply["Message-ID"], "References": f"{reply['References']} {reply['Message-ID']}"}
        await desk.mail("And what was said?", sender=stranger, headers=headers)
    else:
        await desk.mail("And what was said?", sender=stranger, to=parseaddr(reply["Reply-To"])[1])
    await until(lambda: _conversations(desk, 2))
    mine, strange = await desk.conversations()
    assert len(mine.messages) == 2
    assert strange.possible_reply_to == (None if theft == "subject" else mine.id)
    _, answer = await desk.replies(2)
    assert parseaddr(answer["To"])[1] == stranger
    assert DEED.splitlines()[2] not in words_of(answer)


def bounce(sender: str, to: str, action: str, returned: str = "") -> bytes:
    """A report by RFC 3464 on a mail to Ann."""
    return "\r\n".join(
        [
            f"From: {sender}",
            f"To: {to}",
            "Subject: Delivery report",
            f"Message-ID: <key.{action}@example.net>",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            "about your mail",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.example.net",
            "",
            "Final-Recipient: rfc822; ann@example.org",
            f"Action: {action}",
            f"Status: {'5.1.1' if action == 'failed' else '4.4.1'}",
            "--b",
            "Content-Type: text/rfc822-headers",
            "",
            f"Message-ID: {returned or '<unknown@example.net>'}",
            "--b--",
            "",
        ]
    ).encode()


@pytest.mark.parametrize("way", ["address", "message-id"])
async def test_a_reply_that_comes_back_is_told_to_people(desk: Story, way: str) -> None:
    await desk.mail(QUESTION)
    (reply,) = await desk.replies(1)
    back, daemon = parseaddr(reply["Reply-To"])[1], "mailer-daemon@mx.example.net"
    await desk.raw(bounce(daemon, back, "delayed"), daemon, to=back, envelope_from="")
    await until(lambda: _messages(desk, 3))
    await desk.quiet()
    assert await desk.tickets() == []
    to, returned = (back, "") if way == "address" else (SUPPORT, reply["Message-ID"])
    await desk.raw(bounce(daemon, to, "failed", returned), daemon, to=to, envelope_from="")
    await until(desk.tickets)
    await desk.quiet()
    (ticket,) = await desk.tickets()
    assert ticket.conversation == (await desk.conversation()).id
    assert "came back" in ticket.reason
    assert len(desk.relay.mails) == 1


async def test_a_forged_bounce_is_attached_and_opens_no_door_to_its_sender(desk: Story) -> None:
    await desk.mail(DEED)
    (reply,) = await desk.replies(1)
    stolen, stranger = parseaddr(reply["Reply-To"])[1], "mallory@example.net"
    await desk.raw(bounce(stranger, stolen, "failed"), stranger, to=stolen, envelope_from="")
    await until(lambda: _messages(desk, 3))
    assert (await desk.conversation()).messages[2].kind is Kind.BOUNCE
    await desk.mail("What was said so far?", sender=stranger, headers={"In-Reply-To": "<key.failed@example.net>"})
    await until(lambda: _conversations(desk, 2))
    mine, strange = await desk.conversations()
    assert len(mine.messages) == 3
    assert strange.customer.value == stranger


async def test_an_agents_words_from_the_command_line_arrive_in_the_thread_as_a_persons(desk: Story) -> None:
    asked = await desk.mail(DEED)
    await desk.replies(1)
    await desk.command("agent", "add", "bea")
    (ticket,) = await desk.tickets()
    await desk.command("ticket", "reply", str(ticket.number), "I have changed it. Bea", "--as", "bea")
    _, reply = await desk.replies(2)
    assert words_of(reply).startswith("I have changed it. Bea")
    assert reply["In-Reply-To"] == f"<{asked}>"
    assert reply["Auto-Submitted"] is None
    await desk.answer(reply, "Thank you! How can I reset my password?")
    await until(lambda: _messages(desk, 4))
    await desk.quiet()
    (ticket,) = await desk.tickets()
    assert ticket.state is TicketState.OPEN
    assert (await desk.conversation()).state is ConversationState.HUMAN
    assert len(desk.relay.mails) == 2


async def test_a_word_after_the_end_begins_with_the_bot_again(desk: Story) -> None:
    await desk.mail(DEED)
    (first,) = await desk.replies(1)
    agent = await desk.agent()
    (ticket,) = await desk.tickets()
    await desk.store.write(lambda tx: tickets.take(tx, agent, ticket.number))
    await desk.store.write(lambda tx: tickets.close(tx, agent, ticket.number))
    assert (await desk.conversation()).state is ConversationState.CLOSED
    await desk.answer(first, QUESTION)
    _, reply = await desk.replies(2)
    assert "Forgot password" in words_of(reply)
    assert (await desk.conversation()).state is ConversationState.BOT


async def test_a_relay_that_is_away_for_five_days_costs_no_try_and_no_second_copy(
    database_url: str, tmp_path: Path
) -> None:
    relay = FakeRelay()
    async with story(database_url, tmp_path, relay=relay) as desk:
        await relay.__aexit__(None, None, None)
        await desk.mail(QUESTION)
        await desk.mail(DEED, sender="carl@example.org")
        await until(lambda: _outbox(desk, 2))
        for _ in range(5):
            await until(lambda: _paused(desk))
            # Nor is a try under way: a day's jump would end its lease in the middle of it.
            await until(lambda: _outbox_is(desk, DeliveryState.PENDING, 0))
            await desk.later(days=1)
        await until(lambda: _outbox_is(desk, DeliveryState.PENDING, 0))
        await relay.__aenter__()
        await desk.later(minutes=2)
        await desk.replies(2)
        await desk.quiet()
        assert await _outbox_is(desk, DeliveryState.DELIVERED, 1)
        assert len(relay.mails) == 2


@dataclass(frozen=True)
class Deadly(MailReader):
    """A reader that a certain mail kills, as some mail will one day."""

    def __call__(self, arrival: Arrival) -> Inbound:
        if b"X-Poison" in arrival.raw:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(arrival)


async def test_poison_is_set_aside_for_a_person_while_the_mails_beside_it_flow(
    database_url: str, tmp_path: Path
) -> None:
    async with story(database_url, tmp_path, reader=Deadly(Ours(frozenset({"firstline.localhost"})))) as desk:
        await asyncio.gather(
            desk.mail(DEED, sender="one@example.org"),
            desk.mail(DEED, sender="mallory@example.com", headers={"X-Poison": "yes"}, subject="poison"),
            desk.mail(DEED, sender="two@example.org"),
        )
        await desk.replies(3)
        await desk.quiet()
        poisoned = next(t for t in await desk.tickets() if t.title == "poison")
        conversation = await desk.store.read(lambda look: look.conversations.get(poisoned.conversation))
        assert conversation.messages[0].partly
        (job,) = await desk.store.read(lambda look: look.jobs.rows(lane=Lane.READ))
        assert (job.lane, job.state) == (Lane.READ, JobState.BURIED)
        assert await _arrivals(desk, {"read": 2, "set aside": 1})


async def test_what_was_set_aside_is_read_again_after_a_fix_and_not_answered_twice(
    database_url: str, tmp_path: Path
) -> None:
    async with story(database_url, tmp_path, reader=Deadly(Ours(frozenset({"firstline.localhost"})))) as desk:
        await desk.mail(QUESTION, headers={"X-Poison": "yes"})
        await desk.replies(1)
        await desk.quiet()
        (job,) = await desk.store.read(lambda look: look.jobs.rows(lane=Lane.READ))
        desk.desk.connectors["smtp"].reader = MailReader(Ours(frozenset({"firstline.localhost"})))
        await desk.store.write(lambda tx: tx.jobs.dig_up(Lane.READ, job.subject))
        await until(lambda: _arrivals(desk, {"read": 1}))
        await desk.quiet()
        conversation = await desk.conversation()
        assert not conversation.messages[0].partly
        assert "I forgot my password" in conversation.messages[0].text
        assert await desk.actions(conversation.id) == ["FileTicket"]
        assert len(desk.relay.mails) == 1


async def test_two_quick_messages_make_one_thought(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path, patience=3) as desk:
        first = await desk.mail(DEED)
        await desk.mail("It was delivery 17.", headers={"In-Reply-To": f"<{first}>"})
        await until(lambda: _messages(desk, 2))
        await desk.later(seconds=3)
        await desk.replies(1)
        await desk.quiet()
        conversation = await desk.conversation()
        assert await desk.actions(conversation.id) == ["FileTicket"]
        assert conversation.undecided() == ()


class Slow:
    """A Triager that thinks until it is let go, and remembers what it saw."""

    name = "slow"

    def __init__(self) -> None:
        self.saw: list[list[str]] = []
        self.go = asyncio.Event()

    async def decide(self, conversation: Conversation) -> Proposal:
        self.saw.append([message.text for message in conversation.undecided()])
        await self.go.wait()
        return Proposal(FileTicket("it was slow"), "slow")


async def test_a_mail_that_lands_in_mid_thought_is_not_lost(database_url: str, tmp_path: Path) -> None:
    slow = Slow()
    async with story(database_url, tmp_path, triager=slow) as desk:
        first = await desk.mail("first words")
        await until(lambda: slow.saw)
        await desk.mail("second words", headers={"In-Reply-To": f"<{first}>"})
        await until(lambda: _messages(desk, 2))
        slow.go.set()
        await desk.replies(1)
        await desk.quiet()
        conversation = await desk.conversation()
        assert await desk.actions(conversation.id) == ["FileTicket"]
        assert conversation.undecided() == ()
        assert slow.saw[-1] == ["first words", "second words"]


async def test_a_talkative_customer_is_answered_all_the_same(database_url: str, tmp_path: Path) -> None:
    slow = Slow()
    async with story(database_url, tmp_path, triager=slow) as desk:
        first = await desk.mail("word 0")
        for number in range(1, 6):
            await until(lambda number=number: len(slow.saw) == number)
            await desk.mail(f"word {number}", headers={"In-Reply-To": f"<{first}>"})
            await until(lambda number=number: _words(desk, number + 1))
            slow.go.set()
            slow.go = asyncio.Event()
            if await desk.tickets():
                break
        slow.go.set()
        slow.go = asyncio.Event()
        slow.go.set()
        await until(desk.tickets)
        await desk.quiet()
        conversation = await desk.conversation()
        assert 1 <= len(await desk.actions(conversation.id)) <= 2
        assert conversation.undecided() == ()
        assert len(slow.saw) <= 6


async def test_an_agent_who_takes_it_in_mid_thought_silences_the_bot(database_url: str, tmp_path: Path) -> None:
    slow = Slow()
    async with story(database_url, tmp_path, triager=slow) as desk:
        slow.go.set()
        await desk.mail("first words")
        (reply,) = await desk.replies(1)
        slow.go.clear()
        await desk.answer(reply, "second words")
        await until(lambda: len(slow.saw) == 2)
        agent = await desk.agent()
        (ticket,) = await desk.tickets()
        await desk.store.write(lambda tx: tickets.take(tx, agent, ticket.number))
        slow.go.set()
        await desk.quiet()
        conversation = await desk.conversation()
        assert await desk.actions(conversation.id) == ["FileTicket"]
        assert conversation.state is ConversationState.HUMAN
        assert conversation.undecided() == ()
        assert len(desk.relay.mails) == 1


async def test_a_mail_that_lands_while_its_ticket_is_being_closed_is_not_lost(
    database_url: str, tmp_path: Path
) -> None:
    slow = Slow()
    async with story(database_url, tmp_path, triager=slow) as desk:
        slow.go.set()
        await desk.mail("first words")
        (reply,) = await desk.replies(1)
        slow.go.clear()
        await desk.answer(reply, "second words")
        await until(lambda: len(slow.saw) == 2)
        agent = await desk.agent()
        (ticket,) = await desk.tickets()
        await desk.store.write(lambda tx: tickets.close(tx, agent, ticket.number))
        slow.go.set()
        await desk.replies(2)
        await desk.quiet()
        conversation = await desk.conversation()
        assert await desk.actions(conversation.id) == ["FileTicket", "FileTicket"]
        assert [ticket.state for ticket in await desk.tickets()] == [TicketState.CLOSED, TicketState.NEW]


async def test_the_kill_switch_turns_answers_into_tickets_with_the_draft(desk: Story) -> None:
    await desk.store.write(lambda tx: tx.desk.stop("bea"))
    await desk.mail(QUESTION)
    await until(desk.tickets)
    (ticket,) = await desk.tickets()
    assert "Forgot password" in ticket.draft


async def test_a_level_of_draft_sends_no_answer(database_url: str, tmp_path: Path) -> None:
    async with story(database_url, tmp_path, level="draft") as desk:
        await desk.mail(QUESTION)
        (reply,) = await desk.replies(1)
        assert "Forgot password" not in words_of(reply)
        (ticket,) = await desk.tickets()
        assert "Forgot password" in ticket.draft


async def test_a_refused_recipient_is_told_to_people_and_blocks_nothing(database_url: str, tmp_path: Path) -> None:
    relay = FakeRelay({"RCPT": "550 5.1.1 no such box"})
    async with story(database_url, tmp_path, relay=relay) as desk:
        await desk.mail(QUESTION)
        await until(desk.tickets)
        await desk.quiet()
        (row,) = await desk.outbox()
        assert row.state is DeliveryState.UNDELIVERABLE
        (ticket,) = await desk.tickets()
        assert "no such box" in ticket.reason


async def test_the_same_mail_again_is_one_message(desk: Story) -> None:
    data = (
        b"From: ann@example.org\r\nSubject: twice\r\nMessage-ID: <same@example.org>\r\n\r\nplease change my address\r\n"
    )
    for _ in range(2):
        await desk.raw(data, "ann@example.org")
    await desk.raw(data, "ann@example.org", to="sales@firstline.localhost")
    await until(lambda: _arrivals(desk, {"read": 1, "repeated": 1}))
    await desk.replies(1)
    assert len((await desk.conversation()).messages) == 2


# ------------------------------------------------------------------ looking


async def _called(desk: Story, ticket: Ticket) -> bool:
    (call,) = await desk.store.read(lambda look: look.tickets.escalations(ticket.id))
    return call.called_at is not None


async def _messages(desk: Story, number: int) -> bool:
    conversations = await desk.conversations()
    return len(conversations) == 1 and len(conversations[0].messages) == number


async def _words(desk: Story, number: int) -> bool:
    (conversation,) = await desk.conversations()
    return sum(message.author == "customer" for message in conversation.messages) == number


async def _conversations(desk: Story, number: int) -> bool:
    return len(await desk.conversations()) == number


async def _outbox(desk: Story, number: int) -> bool:
    return len(await desk.outbox()) == number


async def _outbox_is(desk: Story, state: DeliveryState, attempts: int) -> bool:
    """Of what is owed to customers; a relay that is away for long is told to Agents."""
    owed = [row for row in await desk.outbox() if row.channel == "smtp"]
    return {(row.state, row.attempts) for row in owed} == {(state, attempts)}


async def _paused(desk: Story) -> bool:
    pauses = await desk.store.read(lambda look: look.jobs.pauses())
    return bool(pauses) and pauses[0].until > desk.clock.now()


async def _arrivals(desk: Story, states: dict[str, int]) -> bool:
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=99))
    return {state: sum(row.state == state for row in rows) for state in {row.state for row in rows}} == states
