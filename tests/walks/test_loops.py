"""Two desks, and a desk and a mailbox that answers by itself, writing to each other: it stops within two mails."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from itertools import count
from pathlib import Path

import pytest

from bot.agents import tickets
from tests.fakes import Sent
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story, story
from tests.walks.test_mail_walks import DEED, QUESTION

ANN = "ann@example.org"
ONCALL = "oncall@example.org"
MOST = 2
ROUNDS = 12
"""Many more than it may take until nobody has anything to say."""

WIRE = default.clone(linesep="\r\n", max_line_length=998)
MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Firstline-Loop")

Post = Callable[[Sent], Awaitable[None]]
"""Carries a mail that a desk has sent to where it goes."""


# ------------------------------------------------------------------ a mailbox that answers by itself


def by_the_book(mail: EmailMessage, number: int) -> EmailMessage:
    """RFC 3834: says that it is automatic, and which mail it answers."""
    answer = plain(mail, number, "I am on holiday until Monday.")
    answer["Auto-Submitted"] = "auto-replied"
    return answer


def out_of_office(mail: EmailMessage, number: int) -> EmailMessage:
    """Bears no mark of a machine but its words."""
    answer = plain(
        mail, number, "I am out of the office until Monday and read no mail. Please write to Carl meanwhile."
    )
    del answer["Subject"]
    answer["Subject"] = "Out of office"
    return answer


def like_a_person(mail: EmailMessage, number: int) -> EmailMessage:
    return plain(mail, number, "Thanks a lot for your message! I will read it and come back to you.\n\nAnn")


def asking(mail: EmailMessage, number: int) -> EmailMessage:
    """What it says each time is a question that the desk has an article for."""
    return plain(mail, number, QUESTION)


def counting(mail: EmailMessage, number: int) -> EmailMessage:
    """As other desks confirm: the same words around another number."""
    return plain(mail, number, f"We have opened case {4711 + number} for you: how can I reset my password?")


def quoting(mail: EmailMessage, number: int) -> EmailMessage:
    ours = "".join(f"> {line}\n" for line in mail.get_body(("plain",)).get_content().splitlines())
    return plain(mail, number, f"How can I reset my password?\n\nOn Monday, Support wrote:\n{ours}")


def forgetful(mail: EmailMessage, number: int) -> EmailMessage:
    """Neither our tagged address nor our Message-ID comes back: each of its mails begins anew."""
    answer = plain(mail, number, QUESTION)
    del answer["To"], answer["In-Reply-To"], answer["References"]
    answer["To"] = SUPPORT
    return answer


def plain(mail: EmailMessage, number: int, text: str) -> EmailMessage:
    """An answer without any mark; each has a Message-ID of its own."""
    answer = EmailMessage()
    answer["From"], answer["To"] = parseaddr(mail["To"])[1], parseaddr(mail["Reply-To"])[1]
    answer["Subject"] = f"Re: {mail['Subject']}"
    answer["Message-ID"] = f"<automatic.{number}@example.org>"
    answer["In-Reply-To"] = answer["References"] = mail["Message-ID"]
    answer.set_content(text)
    return answer


RESPONDERS = [by_the_book, out_of_office, like_a_person, asking, counting, quoting, forgetful]


@pytest.mark.parametrize("first", [QUESTION, DEED], ids=["answered", "ticketed"])
@pytest.mark.parametrize("respond", RESPONDERS)
async def test_a_desk_and_a_mailbox_that_answers_by_itself_stop_within_two_mails(
    respond: Callable[[EmailMessage, int], EmailMessage], first: str, sqlite_desk: str, tmp_path: Path
) -> None:
    async with story(sqlite_desk, tmp_path) as desk:
        await desk.mail(first)
        await Postman(answering(desk, respond), desk).work()
        assert 1 <= len(desk.relay.mails) <= MOST
        assert await kept(desk) == 1 + len(desk.relay.mails)


@pytest.mark.parametrize("respond", [by_the_book, out_of_office, like_a_person, asking])
async def test_a_call_to_people_who_are_on_holiday_is_not_repeated(
    respond: Callable[[EmailMessage, int], EmailMessage], sqlite_desk: str, tmp_path: Path
) -> None:
    async with story(sqlite_desk, tmp_path, sections={"agents": {"mail": ONCALL}}) as desk:
        await desk.mail("I want to talk to a human, not to a bot.")
        await until(lambda: len(desk.relay.mails) == 2)
        answer = answering(desk, respond)
        await Postman(lambda sent: answer(sent) if sent.recipients == (ONCALL,) else nowhere(), desk).work()
        assert [sent.recipients for sent in desk.relay.mails].count((ONCALL,)) == 1
        assert len(desk.relay.mails) == 2


async def test_a_known_sender_who_always_says_something_new_gets_no_more_than_so_many_replies(
    sqlite_desk: str, tmp_path: Path
) -> None:
    async with story(sqlite_desk, tmp_path, sender_replies=4) as desk:
        await desk.mail(DEED)
        (reply,) = await desk.replies(1)
        await desk.answer(reply, "Thank you.")
        await desk.quiet()
        assert (await desk.conversation()).proven
        await Postman(answering(desk, restless), desk).carry()
        assert len(desk.relay.mails) == 4


def restless(mail: EmailMessage, number: int) -> EmailMessage:
    answer = forgetful(mail, number)
    answer.set_content(f"How can I reset my password, for the time number {number}?")
    return answer


async def nowhere() -> None:
    """As a mailbox that nobody reads."""


def answering(desk: Story, respond: Callable[[EmailMessage, int], EmailMessage]) -> Post:
    numbers = count(1)

    async def post(sent: Sent) -> None:
        answer = respond(message_from_bytes(sent.raw, policy=default), next(numbers))
        sender = "" if answer["Auto-Submitted"] else answer["From"]
        await desk.raw(answer.as_bytes(policy=WIRE), answer["From"], answer["To"], sender)

    return post


# ------------------------------------------------------------------ two desks


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "marks lost on the way"])
@pytest.mark.parametrize("first", [QUESTION, DEED], ids=["answered", "ticketed"])
async def test_two_desks_stop_within_two_mails(
    marked: bool, first: str, sqlite_desk: str, sqlite_template: Path, tmp_path: Path
) -> None:
    async with pair(sqlite_desk, sqlite_template, tmp_path) as (one, two):
        await one.mail(first, sender="support@two.test", to="support@one.test")
        lost = () if marked else (*MARKS, "Message-ID")
        await Postman(between(one, two, lost), one, two).work()
        assert len(one.relay.mails) + len(two.relay.mails) >= 1
        assert max(len(one.relay.mails), len(two.relay.mails)) <= MOST
        assert await kept(two) == len(one.relay.mails)
        assert await kept(one) == 1 + len(two.relay.mails)


async def test_an_agents_words_to_another_desk_are_answered_by_it_once(
    sqlite_desk: str, sqlite_template: Path, tmp_path: Path
) -> None:
    async with pair(sqlite_desk, sqlite_template, tmp_path) as (one, two):
        await one.mail(DEED, sender="support@two.test", to="support@one.test")
        await one.replies(1)
        agent = await one.agent()
        (ticket,) = await one.tickets()
        await one.store.write(lambda tx: tickets.reply(tx, agent, ticket.number, f"Here it is.\n{DEED}"))
        await Postman(between(one, two), one, two).work()
        assert len(one.relay.mails) == 2
        assert len(two.relay.mails) <= 1


@asynccontextmanager
async def pair(url: str, template: Path, folder: Path) -> AsyncIterator[tuple[Story, Story]]:
    """The desks of one.test and two.test."""
    another = f"sqlite:///{shutil.copy(template, folder / 'another.db')}"
    async with (
        story(url, folder, sections={"smtp": {"listen": "127.0.0.1:0", "domains": ["one.test"]}}) as one,
        story(another, folder, sections={"smtp": {"listen": "127.0.0.1:0", "domains": ["two.test"]}}) as two,
    ):
        yield one, two


def between(one: Story, two: Story, lost: Sequence[str] = ()) -> Post:
    """From each desk to the other; `lost`: headers that a server on the way takes away."""

    async def post(sent: Sent) -> None:
        (to,) = sent.recipients
        desk = one if to.endswith("@one.test") else two
        mail = message_from_bytes(sent.raw, policy=default)
        for name in lost:
            del mail[name]
        await desk.raw(mail.as_bytes(policy=WIRE), sent.sender, to)

    return post


# ------------------------------------------------------------------ the mail's way


class Postman:
    """Carries what the desks send, and knows what has been carried."""

    def __init__(self, post: Post, *desks: Story) -> None:
        self.post = post
        self.carried = {id(desk): 0 for desk in desks}
        self.desks = desks

    async def work(self) -> None:
        """Until no desk has anything more to say, today or tomorrow."""
        await self.carry()
        for desk in self.desks:
            await desk.later(hours=25)
        await self.carry()

    async def carry(self) -> None:
        for _ in range(ROUNDS):
            for desk in self.desks:
                await desk.quiet()
            fresh = [sent for desk in self.desks for sent in self.fresh(desk)]
            if not fresh:
                return
            for sent in fresh:
                await self.post(sent)
        raise AssertionError(f"they still talk after {ROUNDS} rounds")

    def fresh(self, desk: Story) -> list[Sent]:
        begin, self.carried[id(desk)] = self.carried[id(desk)], len(desk.relay.mails)
        return desk.relay.mails[begin:]


async def kept(desk: Story) -> int:
    return len(await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=99)))
