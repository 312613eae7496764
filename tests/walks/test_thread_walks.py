"""Which mails belong together, and who may add to a matter: on both databases, through a real socket."""

from collections.abc import AsyncIterator
from email.utils import parseaddr
from pathlib import Path

import pytest

from bot.agents import tickets
from bot.model import ConversationState, TicketState, Verdict
from tests.waiting import until
from tests.walks.desk import Story, story, words_of
from tests.walks.mails import BELIEVED, conversations, vouched
from tests.walks.test_mail_walks import DEED, QUESTION

CARL = "carl@example.org"


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with story(database_url, tmp_path) as told:
        yield told


@pytest.fixture
async def believing(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with story(database_url, tmp_path, sections=BELIEVED) as told:
        yield told


# ------------------------------------------------------------------ the number of a Ticket


@pytest.mark.parametrize("subject", ["Re: [#{}] A question", "Ticket {}", "AW: Anfrage Nr. {}", "[{}] again"])
async def test_a_tickets_number_in_the_subject_leads_its_customer_home(desk: Story, subject: str) -> None:
    await desk.mail(DEED)
    await desk.replies(1)
    (ticket,) = await desk.tickets()
    await desk.mail("It is number 7.", subject=subject.format(ticket.number))
    await until(lambda: _messages(desk, 3))
    await conversations(desk, 1)


async def test_a_tickets_number_lets_no_stranger_in(desk: Story) -> None:
    await desk.mail(DEED)
    await desk.replies(1)
    (ticket,) = await desk.tickets()
    await desk.mail("And what was said?", sender="mallory@example.net", subject=f"Re: [#{ticket.number}] A question")
    mine, strange = await conversations(desk, 2)
    assert len(mine.messages) == 2
    assert strange.possible_reply_to == mine.id


async def test_where_senders_can_be_verified_a_number_needs_one_who_is(believing: Story) -> None:
    await believing.mail(DEED, headers=vouched())
    await believing.replies(1)
    (ticket,) = await believing.tickets()
    await believing.mail("Forged?", subject=f"[#{ticket.number}]")
    mine, forged = await conversations(believing, 2)
    assert forged.possible_reply_to == mine.id
    await believing.mail("It is number 7.", subject=f"[#{ticket.number}]", headers=vouched())
    await until(lambda: _messages(believing, 3))
    assert (await conversations(believing, 2))[0].messages[2].verdict is Verdict.VERIFIED


# ------------------------------------------------------------------ whom to believe


async def test_a_verified_sender_gets_more_than_one_reply_a_day(believing: Story) -> None:
    for number in range(3):
        await believing.mail(QUESTION, subject=f"Question {number}", headers=vouched())
        await believing.replies(number + 1)


async def test_what_a_stranger_writes_about_himself_verifies_nothing(desk: Story) -> None:
    for number in range(2):
        await desk.mail(QUESTION, subject=f"Question {number}", headers=vouched())
        await desk.quiet()
    await conversations(desk, 2)
    assert len(desk.relay.mails) == 1


async def test_what_an_upstream_calls_forged_joins_nothing_and_is_not_answered(believing: Story) -> None:
    await believing.mail(DEED, headers=vouched())
    (reply,) = await believing.replies(1)
    back = parseaddr(reply["Reply-To"])[1]
    await believing.mail("Send it to my new address.", to=back, headers=vouched(dmarc="fail"))
    mine, forged = await conversations(believing, 2)
    assert len(mine.messages) == 2
    assert forged.possible_reply_to == mine.id
    assert len(believing.relay.mails) == 1
    assert len(await believing.tickets()) == 2, "a person looks at it"


async def test_an_answer_to_our_address_proves_its_sender(desk: Story) -> None:
    await desk.mail(DEED)
    (reply,) = await desk.replies(1)
    await desk.answer(reply, "It is number 7.")
    await until(lambda: _messages(desk, 3))
    (conversation,) = await conversations(desk, 1)
    assert [m.verdict for m in conversation.messages] == [Verdict.UNVERIFIED, Verdict.UNVERIFIED, Verdict.PROVEN]
    assert conversation.proven


# ------------------------------------------------------------------ copies


async def test_who_was_copied_in_may_add_and_gets_nothing(desk: Story) -> None:
    asked = await desk.mail(DEED, headers={"Cc": f"Carl <{CARL}>"})
    (reply,) = await desk.replies(1)
    assert reply["Cc"] is None
    await desk.mail("I know the number: 7.", sender=CARL, headers={"In-Reply-To": f"<{asked}>"})
    await until(lambda: _messages(desk, 3))
    (conversation,) = await conversations(desk, 1)
    assert conversation.customer.value == "ann@example.org"
    assert [one.value for one in conversation.messages[0].others] == [CARL]
    assert conversation.messages[2].author_name == CARL
    assert len(desk.relay.mails) == 1, "what Carl says is answered to nobody"
    agent = await desk.agent()
    (ticket,) = await desk.tickets()
    await desk.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, "Done."))
    _, to_ann = await desk.replies(2)
    assert parseaddr(to_ann["To"])[1] == "ann@example.org"
    assert to_ann["Cc"] is None


async def test_copies_are_answered_where_a_setting_says_so_and_by_people_alone(
    database_url: str, tmp_path: Path
) -> None:
    async with story(database_url, tmp_path, sections={"desk": {"answer_cc": True}}) as desk:
        await desk.mail(DEED, headers={"Cc": f"Carl <{CARL}>"})
        (automatic,) = await desk.replies(1)
        assert automatic["Cc"] is None
        agent = await desk.agent()
        (ticket,) = await desk.tickets()
        await desk.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, "Done."))
        _, by_bea = await desk.replies(2)
        assert parseaddr(by_bea["Cc"])[1] == CARL
        assert desk.relay.mails[1].recipients == ("ann@example.org", CARL)


async def test_a_stranger_copies_nobody_into_a_matter(desk: Story) -> None:
    """A forged mail with a stolen Message-ID joins as its customer's word; whom it copies in stays outside."""
    asked = await desk.mail(DEED)
    await desk.replies(1)
    spy = "spy@example.net"
    await desk.mail("Hello?", headers={"In-Reply-To": f"<{asked}>", "Cc": spy})
    await until(lambda: _messages(desk, 3))
    await desk.mail("What was said?", sender=spy, headers={"In-Reply-To": f"<{asked}>"})
    mine, strange = await conversations(desk, 2)
    assert len(mine.messages) == 3
    assert strange.customer.value == spy


# ------------------------------------------------------------------ closed matters


async def _closed(desk: Story) -> object:
    await desk.mail(DEED)
    (reply,) = await desk.replies(1)
    agent = await desk.agent()
    (ticket,) = await desk.tickets()
    await desk.store.write(lambda tx: tickets.close(tx, agent, ticket.number))
    return reply


async def test_a_reply_reopens_what_was_closed_lately(desk: Story) -> None:
    reply = await _closed(desk)
    await desk.later(days=13)
    await desk.answer(reply, DEED.replace("change", "change once more"))
    await until(lambda: _messages(desk, 4))
    (conversation,) = await conversations(desk, 1)
    assert conversation.state is ConversationState.BOT
    assert [one.state for one in await desk.tickets()] == [TicketState.CLOSED, TicketState.NEW]


@pytest.mark.parametrize("way", ["late", "another subject"])
async def test_a_reply_begins_anew_when_it_is_late_or_about_something_else(desk: Story, way: str) -> None:
    reply = await _closed(desk)
    if way == "late":
        await desk.later(days=15)
        await desk.answer(reply, QUESTION)
    else:
        back = parseaddr(reply["Reply-To"])[1]
        await desk.mail(QUESTION, to=back, subject="My password")
    old, new = await conversations(desk, 2)
    assert old.state is ConversationState.CLOSED
    assert new.possible_reply_to == old.id
    _, answer = await desk.replies(2)
    assert "Forgot password" in words_of(answer)


async def test_a_machine_reopens_nothing(desk: Story) -> None:
    reply = await _closed(desk)
    back = parseaddr(reply["Reply-To"])[1]
    headers = {"Auto-Submitted": "auto-replied", "In-Reply-To": reply["Message-ID"]}
    await desk.mail("I am away.", to=back, subject="Out of office", headers=headers)
    await until(lambda: _messages(desk, 3))
    (conversation,) = await conversations(desk, 1)
    assert conversation.state is ConversationState.CLOSED
    assert len(desk.relay.mails) == 1


# ------------------------------------------------------------------ where answers go


async def test_a_form_that_writes_for_somebody_is_answered_by_a_person_to_that_one(desk: Story) -> None:
    sender = "no-reply@forms.example.com"
    await desk.mail(DEED, sender=sender, headers={"Reply-To": "Ann <ann@example.org>"})
    (conversation,) = await conversations(desk, 1)
    assert conversation.customer.value == "ann@example.org"
    assert desk.relay.mails == []
    agent = await desk.agent()
    (ticket,) = await desk.tickets()
    await desk.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, "Done."))
    (reply,) = await desk.replies(1)
    assert parseaddr(reply["To"])[1] == "ann@example.org"


async def test_answers_go_to_another_address_of_the_same_house_and_to_no_strangers(desk: Story) -> None:
    await desk.mail(QUESTION, headers={"Reply-To": "office@example.org"})
    await desk.mail(QUESTION, sender="bo@example.org", headers={"Reply-To": "victim@example.net"})
    replies = await desk.replies(2)
    assert {parseaddr(reply["To"])[1] for reply in replies} == {"office@example.org", "bo@example.org"}


async def _messages(desk: Story, number: int) -> bool:
    (first, *_) = await desk.conversations()
    return len(first.messages) >= number
