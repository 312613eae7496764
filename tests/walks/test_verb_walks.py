"""What Agents do with a Ticket, and what the customer hears of it: one story a test, on both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

import pytest

from bot.agents import tickets
from bot.agents.tickets import NotPossible
from bot.model import Agent, ConversationState, Identity, Role, Ticket, TicketState
from tests.waiting import until
from tests.walks.desk import MONDAY, Story, story, words_of
from tests.walks.test_mail_walks import DEED, QUESTION, bounce

ONCALL = "oncall@firm.example"
URGENT = "I want to talk to a human about my delivery, please."


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with story(database_url, tmp_path, sections={"agents": {"mail": ONCALL}}) as told:
        yield told


async def test_a_ticket_is_taken_answered_and_solved_and_the_customer_opens_it_again(desk: Story) -> None:
    to_customer = await called(desk)
    bea, number = await desk.agent(), (await ticket(desk)).number
    for verb in (tickets.take, lambda tx, a, n: tickets.reply(tx, a, n, "It left today."), tickets.solve):
        await desk.store.write(lambda tx, verb=verb: verb(tx, bea, number))
    reply = (await desk.replies(3))[2]
    assert words_of(reply).startswith("It left today.")
    assert (await ticket(desk)).state is TicketState.SOLVED
    await desk.answer(to_customer, "It has not come.")
    news = (await desk.replies(4))[3]
    assert parseaddr(news["To"])[1] == ONCALL
    assert "> It has not come." in words_of(news)
    again = await ticket(desk)
    assert (again.number, again.state, again.assignee) == (number, TicketState.OPEN, "bea")
    assert await verbs(desk, again) == ["agent take", "agent reply", "agent solve", "customer reopen"]


async def test_a_snoozed_ticket_is_back_at_its_hour_and_the_agents_are_told_once(desk: Story) -> None:
    await called(desk)
    bea, number = await desk.agent(), (await ticket(desk)).number
    await desk.store.write(lambda tx: tickets.snooze(tx, bea, number, MONDAY + timedelta(days=1)))
    await desk.later(hours=23)
    await desk.quiet()
    assert (await ticket(desk)).snoozed_until is not None
    await desk.later(hours=2)
    told = (await desk.replies(3))[2]
    assert parseaddr(told["To"])[1] == ONCALL
    assert f"Ticket {number} is awake again" in words_of(told)
    awake = await ticket(desk)
    assert (awake.state, awake.snoozed_until) == (TicketState.OPEN, None)
    for _ in range(2):
        await desk.later(minutes=2)
        await desk.quiet()
    assert len(desk.relay.mails) == 3
    assert await verbs(desk, awake) == ["agent snooze", "clock wake"]


@pytest.mark.parametrize("with_people", [True, False])
async def test_the_customers_next_word_wakes_a_snoozed_ticket(desk: Story, with_people: bool) -> None:
    """Also where the bot is the one who speaks next."""
    await desk.mail(URGENT if with_people else DEED)
    mails = await desk.replies(2 if with_people else 1)
    bea, number = await desk.agent(), (await ticket(desk)).number
    await desk.store.write(lambda tx: tickets.snooze(tx, bea, number, MONDAY + timedelta(days=1)))
    await desk.answer(of_customer(mails), "One thing more.")
    await until(lambda: is_state(desk, TicketState.OPEN))
    assert (await ticket(desk)).snoozed_until is None
    assert await verbs(desk, await ticket(desk)) == ["agent snooze", "customer wake"]


async def test_what_waits_for_a_third_goes_on_with_the_customers_word(desk: Story) -> None:
    to_customer = await called(desk)
    bea, number = await desk.agent(), (await ticket(desk)).number
    await desk.store.write(lambda tx: tickets.hold(tx, bea, number))
    await desk.answer(to_customer, "Any news?")
    await until(lambda: is_state(desk, TicketState.OPEN))


async def test_a_reply_that_comes_back_opens_what_waited_for_the_customer(desk: Story) -> None:
    await called(desk)
    bea, number = await desk.agent(), (await ticket(desk)).number
    await desk.store.write(lambda tx: tickets.reply(tx, bea, number, "It left today."))
    await desk.store.write(lambda tx: tickets.snooze(tx, bea, number, MONDAY + timedelta(days=7)))
    reply = (await desk.replies(3))[2]
    back = parseaddr(reply["Reply-To"])[1]
    await desk.raw(bounce("mailer-daemon@example.org", back, "failed", reply["Message-ID"]), "", back, "")
    await until(lambda: is_state(desk, TicketState.OPEN))
    assert (await ticket(desk)).snoozed_until is None


async def test_what_was_no_request_is_closed_without_a_word_and_begins_anew(desk: Story) -> None:
    to_customer = await called(desk)
    bea, number = await desk.agent(), (await ticket(desk)).number
    await desk.store.write(lambda tx: tickets.dismiss(tx, bea, number))
    await desk.quiet()
    assert len(desk.relay.mails) == 2
    assert (await desk.conversation()).state is ConversationState.CLOSED
    await desk.answer(to_customer, QUESTION)
    answer = (await desk.replies(3))[2]
    assert "Forgot password" in words_of(answer)


async def test_a_matter_that_an_agent_reopens_is_with_people_again(desk: Story) -> None:
    to_customer = await called(desk)
    bea, number = await desk.agent(), (await ticket(desk)).number
    await desk.store.write(lambda tx: tickets.close(tx, bea, number))
    await desk.later(days=13)
    await desk.store.write(lambda tx: tickets.reopen(tx, bea, number, within=timedelta(days=14)))
    await desk.answer(to_customer, QUESTION)
    news = (await desk.replies(3))[2]
    assert parseaddr(news["To"])[1] == ONCALL, "people answer, not the bot"
    assert (await ticket(desk)).number == number


async def test_a_reopened_older_ticket_gets_the_customers_word(desk: Story) -> None:
    """The newest Ticket of the Conversation is not the one that people work on."""
    to_customer = await called(desk)
    bea, first = await desk.agent(), (await ticket(desk)).number
    await desk.store.write(lambda tx: tickets.close(tx, bea, first))
    await desk.answer(to_customer, f"{URGENT} It is still not here.")
    second = (await until(lambda: number_of(desk, 2)))[1].number
    await desk.store.write(lambda tx: tickets.solve(tx, bea, second))
    await desk.store.write(lambda tx: tickets.reopen(tx, bea, first, within=timedelta(days=14)))
    await desk.store.write(lambda tx: tickets.reply(tx, bea, first, "Which one?"))
    await desk.answer(to_customer, "The blue one.")
    await until(lambda: states(desk, [TicketState.OPEN, TicketState.SOLVED]))


async def test_two_agents_want_it_and_a_lead_gives_it_to_a_third(desk: Story) -> None:
    await called(desk)
    bea, carl = await desk.agent("bea"), await desk.agent("carl")
    lea = await desk.store.write(lambda tx: tx.people.add_agent("lea", Role.LEAD, []))
    number = (await ticket(desk)).number
    await desk.store.write(lambda tx: tickets.take(tx, bea, number))
    with pytest.raises(NotPossible, match=f"ticket {number} is bea's since 2026-03-02 09:00 UTC"):
        await desk.store.write(lambda tx: tickets.take(tx, carl, number))
    await desk.store.write(lambda tx: tickets.assign(tx, lea, number, carl))
    assert (await ticket(desk)).assignee == "carl"


async def test_agents_work_from_the_command_line_beside_the_desk(desk: Story) -> None:
    await called(desk)
    await desk.command("agent", "add", "bea")
    number = str((await ticket(desk)).number)
    assert await desk.command("ticket", "snooze", number, "2h") != ""
    assert await desk.command("ticket", "list", "--json") == ""
    await desk.later(hours=3)
    await until(lambda: is_state(desk, TicketState.OPEN))
    assert f'"number": {number}' in await desk.command("ticket", "list", "--json")


async def test_an_agent_hears_at_an_own_address_that_a_ticket_is_awake(database_url: str, tmp_path: Path) -> None:
    sections = {"agents": {"mail": ONCALL, "by_mail": True}}
    async with story(database_url, tmp_path, sections=sections) as desk:
        bea, carl = [await hired(desk, name) for name in ("bea", "carl")]
        await desk.mail(URGENT)
        await desk.replies(4)
        number = (await ticket(desk)).number
        await desk.store.write(lambda tx: tickets.take(tx, carl, number))
        await desk.store.write(lambda tx: tickets.snooze(tx, bea, number, MONDAY + timedelta(hours=1)))
        await desk.later(hours=2)
        told = (await desk.replies(6))[4:]
        assert {parseaddr(mail["To"])[1] for mail in told} == {ONCALL, "carl@firm.example"}


# ------------------------------------------------------------------ parts


async def called(desk: Story) -> Message:
    """A customer has asked for people; what the customer was told."""
    await desk.mail(URGENT)
    return of_customer(await desk.replies(2))


def of_customer(mails: list[Message]) -> Message:
    return next(mail for mail in mails if parseaddr(mail["To"])[1] == "ann@example.org")


async def hired(desk: Story, name: str) -> Agent:
    who = Identity("mail", f"{name}@firm.example")
    return await desk.store.write(lambda tx: tx.people.add_agent(name, Role.AGENT, [who]))


async def ticket(desk: Story) -> Ticket:
    (only,) = await desk.tickets()
    return only


async def is_state(desk: Story, state: TicketState) -> bool:
    return (await ticket(desk)).state is state


async def states(desk: Story, wanted: list[TicketState]) -> bool:
    return [one.state for one in await desk.tickets()] == wanted


async def number_of(desk: Story, many: int) -> list[Ticket]:
    found = await desk.tickets()
    return found if len(found) == many else []


async def verbs(desk: Story, of: Ticket) -> list[str]:
    lines = await desk.store.read(lambda look: look.audit.of(str(of.id)))
    return [f"{line.actor.kind} {line.verb}" for line in lines]
