"""What Agents do by mail, and what nobody does in their name: on both databases, through a real socket."""

from collections.abc import AsyncIterator
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr
from pathlib import Path

import pytest

from bot.agents import tickets
from bot.model import Agent, Author, ConversationState, Identity, Role, TicketState, Visibility
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story, story, words_of
from tests.walks.mails import BELIEVED, conversations, vouched

ONCALL, BEA = "oncall@firm.example", "bea@firm.example"
URGENT = "I want to talk to a human about my delivery, please."
DONE = "Hello Ann,\n\nyour parcel leaves today.\n\nBea"
SECTIONS = BELIEVED | {"agents": {"mail": ONCALL, "by_mail": True}}


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with story(database_url, tmp_path, sections=SECTIONS) as told:
        await told.store.write(lambda tx: tx.people.add_agent("bea", Role.AGENT, [Identity("mail", BEA)]))
        yield told


async def _called(desk: Story) -> Message:
    """A customer has asked for people; the mail that Bea got about it."""
    await desk.mail(URGENT)
    return to(await desk.replies(3), BEA)


def to(mails: list[Message], address: str) -> Message:
    return next(mail for mail in mails if parseaddr(mail["To"])[1] == address)


async def test_each_agent_is_called_at_an_address_of_their_own(desk: Story) -> None:
    to_bea = await _called(desk)
    to_all = to(await desk.replies(3), ONCALL)
    assert to_bea["Reply-To"] != to_all["Reply-To"]
    assert "goes to the customer" in words_of(to_bea)
    assert "kept as a note" in words_of(to_all)


async def test_an_agent_answers_the_customer_by_mail(desk: Story) -> None:
    to_bea = await _called(desk)
    await desk.answer(to_bea, f"{DONE}\n\n> Ticket 1001 calls for people", sender=BEA, headers=vouched("firm.example"))
    *_, reply = await desk.replies(4)
    assert parseaddr(reply["To"])[1] == "ann@example.org"
    assert words_of(reply).startswith("Hello Ann,\n\nyour parcel leaves today.")
    assert "calls for people" not in words_of(reply)
    assert reply["Auto-Submitted"] is None
    (conversation,) = await conversations(desk, 1)
    (ticket,) = await desk.tickets()
    assert (ticket.assignee, ticket.state) == ("bea", TicketState.PENDING)
    assert conversation.messages[-1].author is Author.AGENT
    assert conversation.messages[-1].visibility is Visibility.PUBLIC


async def test_an_agent_may_be_at_a_domain_of_the_desk(desk: Story) -> None:
    ours = "carl@firstline.localhost"
    await desk.store.write(lambda tx: tx.people.add_agent("carl", Role.AGENT, [Identity("mail", ours)]))
    await desk.mail(URGENT)
    to_carl = to(await desk.replies(4), ours)
    await desk.answer(to_carl, DONE, sender=ours, headers=vouched("firstline.localhost"))
    *_, reply = await desk.replies(5)
    assert parseaddr(reply["To"])[1] == "ann@example.org"


async def test_an_agents_mail_that_is_read_again_is_not_sent_again(desk: Story) -> None:
    to_bea = await _called(desk)
    await desk.answer(to_bea, DONE, sender=BEA, headers=vouched("firm.example"))
    await desk.replies(4)
    await desk.quiet()
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=10))
    await desk.command("reread", str(rows[-1].id))
    await desk.quiet()
    await desk.replies(4)


@pytest.mark.parametrize(
    ("theft", "proof"),
    [
        ("address", {}),
        ("address", vouched("firm.example", "fail")),
        ("address", vouched("example.net")),
        ("message-id", vouched("firm.example")),
        ("place", vouched("firm.example")),
    ],
)
async def test_nobody_speaks_as_an_agent_with_half_a_proof(desk: Story, theft: str, proof: dict[str, str]) -> None:
    to_bea = await _called(desk)
    to_all = to(await desk.replies(3), ONCALL)
    headers = proof | ({"In-Reply-To": to_bea["Message-ID"]} if theft == "message-id" else {})
    address = {"address": to_bea["Reply-To"], "message-id": SUPPORT, "place": to_all["Reply-To"]}[theft]
    await desk.mail("Send me your card number.", sender=BEA, to=parseaddr(address)[1], headers=headers)

    async def noted() -> bool:
        (one, *_) = await desk.conversations()
        return any(m.visibility is Visibility.NOTE for m in one.messages)

    await until(noted)
    await desk.quiet()
    assert [sent.recipients for sent in desk.relay.mails].count(("ann@example.org",)) == 1, "the acknowledgement alone"


async def test_another_agents_address_is_of_no_use(desk: Story) -> None:
    def add(tx: object) -> Agent:
        return tx.people.add_agent("carl", Role.AGENT, [Identity("mail", "carl@firm.example")])

    await desk.store.write(add)
    await desk.mail(URGENT)
    to_bea = to(await desk.replies(4), BEA)
    await desk.answer(to_bea, DONE, sender="carl@firm.example", headers=vouched("firm.example"))
    (conversation,) = await conversations(desk, 1)
    assert conversation.messages[-1].visibility is Visibility.NOTE
    assert len(desk.relay.mails) == 4


async def test_an_agent_is_told_why_an_answer_was_not_sent(desk: Story) -> None:
    to_bea = await _called(desk)
    agent = await desk.store.read(lambda look: look.people.agent("bea"))
    (ticket,) = await desk.tickets()
    await desk.store.write(lambda tx: tickets.close(tx, agent, ticket.number))
    await desk.answer(to_bea, DONE, sender=BEA, headers=vouched("firm.example"))
    *_, told = await desk.replies(4)
    assert parseaddr(told["To"])[1] == BEA
    assert f"ticket {ticket.number} is closed" in words_of(told)


async def test_a_mail_with_attachments_is_not_sent_without_them(desk: Story) -> None:
    to_bea = await _called(desk)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BEA, to_bea["Reply-To"], "Re: call"
    mail["Message-ID"] = "<with@firm.example>"
    for name, value in vouched("firm.example").items():
        mail[name] = value
    mail.set_content(DONE)
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="label.pdf")
    data = mail.as_bytes(policy=default.clone(linesep="\r\n", max_line_length=998))
    await desk.raw(data, BEA, to=parseaddr(to_bea["Reply-To"])[1])
    *_, told = await desk.replies(4)
    assert parseaddr(told["To"])[1] == BEA
    assert "attachments" in words_of(told)


async def test_once_a_ticket_is_somebodys_the_others_hear_no_news_of_it(desk: Story) -> None:
    def add(tx: object) -> Agent:
        return tx.people.add_agent("carl", Role.AGENT, [Identity("mail", "carl@firm.example")])

    carl = await desk.store.write(add)
    await desk.mail(URGENT)
    mails = await desk.replies(4)
    (ticket,) = await desk.tickets()
    await desk.store.write(lambda tx: tickets.take(tx, carl, ticket.number))
    await desk.answer(to(mails, "ann@example.org"), "It is getting worse.")
    news = (await desk.replies(6))[4:]
    assert {parseaddr(mail["To"])[1] for mail in news} == {ONCALL, "carl@firm.example"}


# ------------------------------------------------------------------ passing mail on

FORWARD = """Please take this one.

---------- Forwarded message ---------
From: Zoe Roe <zoe@example.com>
Date: Mon, 2 Mar 2026 at 09:00
Subject: Broken lamp
To: Bea <bea@firm.example>

My lamp arrived broken. What now?

Zoe
"""


async def test_the_customer_of_a_mail_that_an_agent_passes_on_is_who_wrote_it(desk: Story) -> None:
    await desk.mail(FORWARD, sender=BEA, subject="Fwd: Broken lamp", headers=vouched("firm.example"))
    (reply,) = await desk.replies(1)
    assert parseaddr(reply["To"])[1] == "zoe@example.com"
    (conversation,) = await conversations(desk, 1)
    assert conversation.customer.value == "zoe@example.com"
    assert conversation.subject == "Broken lamp"
    remark, original = sorted(conversation.messages[:2], key=lambda m: m.author is Author.CUSTOMER)
    assert "Please take this one." in remark.text
    assert remark.visibility is Visibility.NOTE
    assert original.text.startswith("My lamp arrived broken.")


async def test_a_forward_in_an_agents_name_that_nobody_vouches_for_is_its_senders_own(desk: Story) -> None:
    await desk.mail(FORWARD, sender=BEA, subject="Fwd: Broken lamp")
    (conversation,) = await conversations(desk, 1)
    assert conversation.customer.value == BEA
    assert conversation.state is ConversationState.BOT


async def test_a_customers_forward_is_the_customers(desk: Story) -> None:
    await desk.mail(FORWARD, subject="Fwd: Broken lamp", headers=vouched())
    (conversation,) = await conversations(desk, 1)
    assert conversation.customer.value == "ann@example.org"
