"""Mailboxes that the desk fetches, from the server to the answer: one story a test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path

import pytest

from bot.marks import polled
from connectors.imap.poller import Waits
from tests.crash.desk import Desk
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.imap import PASSWORD, Account, NoImapServer, letter
from tests.servers.script import ImapScript
from tests.waiting import until
from tests.walks.desk import SUPPORT, Story, story, words_of

ONCALL = "oncall@example.org"


@pytest.fixture(scope="module")
def mail_server() -> Iterator[Dovecot]:
    try:
        with dovecot() as running:
            yield running
    except NoImapServer as reason:
        pytest.skip(str(reason))


def table(account: Account, address: str = SUPPORT, **more: object) -> dict[str, object]:
    there = {"url": f"imap://127.0.0.1:{account.port}", "user": account.user, "password": PASSWORD, "poll": 5}
    return {"address": address} | there | more


@pytest.fixture
async def boxes(mail_server: Dovecot) -> tuple[Account, Account]:
    return mail_server.account(), mail_server.account()


@pytest.fixture
async def desk(database_url: str, tmp_path: Path, boxes: tuple[Account, Account]) -> AsyncIterator[Story]:
    tables = {"first": table(boxes[0]), "second": table(boxes[1], "sales@firstline.localhost")}
    async with story(database_url, tmp_path, sections={"mailboxes": tables}) as told:
        for name in tables:
            await until(lambda name=name: is_read(told, name), 20, f"{name} has been looked at")
        yield told


async def is_read(desk: Story, name: str) -> bool:
    state = await desk.store.read(lambda look: polled(look, name))
    return state is not None and state.read_at is not None


async def test_mail_in_a_mailbox_is_answered(desk: Story, boxes: tuple[Account, Account]) -> None:
    await asyncio.to_thread(boxes[0].put, letter(1, sender="ann@example.org"))
    (reply,) = await desk.replies(1)
    assert parseaddr(reply["To"])[1] == "ann@example.org"
    assert "open the sign-in page" in words_of(reply)


async def test_the_same_mail_by_three_roads_is_one_message(desk: Story, boxes: tuple[Account, Account]) -> None:
    mail = letter(1, sender="ann@example.org")
    await asyncio.to_thread(boxes[0].put, mail)
    await asyncio.to_thread(boxes[1].put, mail)
    await desk.raw(mail, "ann@example.org")
    await until(lambda: arrived(desk, 3))
    await desk.quiet()
    await desk.replies(1)
    assert len((await desk.conversation()).messages) == 2, "hers, and our answer"


async def arrived(desk: Story, number: int) -> bool:
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=100))
    return len(rows) == number


@pytest.mark.slow
async def test_a_crash_between_the_commit_and_the_mark_loses_nothing_and_answers_nothing_twice(
    mail_server: Dovecot, sqlite_url: str, tmp_path: Path
) -> None:
    account = mail_server.account()
    account.put(*(letter(n, sender=f"c{n}@example.org") for n in range(1, 151)))
    desk = Desk(tmp_path, sqlite_url, "", environ(account))
    try:
        await desk.start("imap.kept:kill@1")
        await until(desk.has_died, 60)
        await desk.gone()
        await desk.start()
        await until(lambda: len(outbox(tmp_path)) >= 150, 120, "everybody is answered")
        await desk.stop()
    finally:
        desk.end()
    assert len(outbox(tmp_path)) == 150
    assert len({message_from_bytes(file.read_bytes())["To"] for file in outbox(tmp_path)}) == 150
    assert '"again": true' in desk.words(), "what was kept already came again"


def environ(account: Account) -> dict[str, str]:
    return {f"FIRSTLINE__MAILBOXES__BOX__{name.upper()}": str(value) for name, value in table(account).items()} | {
        "FIRSTLINE__MAILBOXES__BOX__SINCE": "2000-01-01",
        "FIRSTLINE__DESK__FLOOD": "0",
    }


def outbox(folder: Path) -> list[Path]:
    return list((folder / "var" / "outbox").glob("*.eml"))


@pytest.mark.usefixtures("_hasty")
async def test_the_agents_are_told_of_a_mailbox_that_has_not_been_read_for_ten_minutes(
    database_url: str, tmp_path: Path
) -> None:
    account = Account(0, "ann")
    silent = ImapScript(script={"LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n"})
    async with silent:
        account.port = silent.port
        sections = {"mailboxes": {"support": table(account)}, "agents": {"mail": ONCALL}}
        async with story(database_url, tmp_path, sections=sections) as desk:
            await until(lambda: fails(desk))
            await desk.later(minutes=9)
            await desk.quiet()
            await desk.replies(0)
            await desk.later(minutes=2)
            (alert,) = await desk.replies(1)
            assert alert["To"] == ONCALL
            assert alert["Subject"] == "The desk is unwell: mailbox support"
            for words in (
                "since 2026-03-02 09:00 UTC",
                "[AUTHENTICATIONFAILED] wrong",
                "firstline mailbox test support",
            ):
                assert words in words_of(alert).replace("\n", " ")
            silent.script.clear()
            await until(lambda: is_read(desk, "support"), 20)
            await desk.later(minutes=2)
            _, over = await desk.replies(2)
            assert over["Subject"] == "Over: mailbox support"


async def fails(desk: Story) -> bool:
    state = await desk.store.read(lambda look: polled(look, "support"))
    return state is not None and bool(state.reason)


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A login that was refused is tried again at once."""
    monkeypatch.setattr("connectors.imap.connector.Waits", lambda: Waits(first=0.05, login=0.05, most=0.2))
