"""firstline mailbox: list, test, login; and what `firstline check` says of mailboxes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.marks import StoredMarks
from config.check.finding import Scene
from config.check.mailboxes import mailboxes
from config.settings import load
from connectors.imap.mark import Mark
from tests.config.commands import Commands
from tests.servers.imap import PASSWORD, Account, NoImapServer, letter
from tests.servers.pymap_server import Pymap, pymap
from tests.servers.token_server import TokenServer, token_server


@pytest.fixture(scope="module")
def mail_server() -> Iterator[Pymap]:
    try:
        with pymap() as running:
            yield running
    except NoImapServer as reason:
        pytest.skip(str(reason))


@pytest.fixture
def account(mail_server: Pymap, firstline: Commands) -> Account:
    """In the settings as the mailbox `support`."""
    found = mail_server.account()
    say(firstline, ADDRESS="support@example.org", URL=f"imap://127.0.0.1:{found.port}", USER=found.user)
    say(firstline, PASSWORD=PASSWORD)
    return found


def say(firstline: Commands, **settings: str) -> None:
    for name, value in settings.items():
        firstline.monkeypatch.setenv(f"FIRSTLINE__MAILBOXES__SUPPORT__{name}", value)


def read(firstline: Commands, waiting: int = 0) -> None:
    firstline.use(lambda store: StoredMarks(store).read("support", waiting))


# ------------------------------------------------------------------ list


def test_without_mailboxes_there_is_nothing_to_list(firstline: Commands) -> None:
    assert firstline("mailbox", "list", "--json").out == ""


def test_a_mailbox_that_was_never_looked_at(firstline: Commands, account: Account) -> None:
    (row,) = firstline("mailbox", "list", "--json").json
    assert row == {
        "name": "support",
        "address": "support@example.org",
        "url": f"imap://127.0.0.1:{account.port}",
        "state": "never looked at",
        "since": None,
        "read_at": None,
        "kept": 0,
        "waiting": None,
        "reason": "",
    }


def test_one_that_is_well_and_one_that_fails(firstline: Commands, account: Account) -> None:
    read(firstline, waiting=3)
    (row,) = firstline("mailbox", "list", "--json").json
    assert (row["state"], row["waiting"], row["since"]) == ("well", 3, row["read_at"])
    firstline.use(lambda store: StoredMarks(store).failed("support", "the login was refused: no"))
    (failing,) = firstline("mailbox", "list", "--json").json
    assert (failing["state"], failing["reason"]) == ("failing", "the login was refused: no")
    assert failing["since"] == row["read_at"], "unread since it was read last"
    assert "the login was refused" in firstline("mailbox", "list").out


def test_one_whose_mail_comes_by_smtp(firstline: Commands) -> None:
    say(firstline, ADDRESS="support@firstline.localhost")
    (row,) = firstline("mailbox", "list", "--json").json
    assert row["state"] == "by SMTP"
    ended = firstline("mailbox", "test", "support")
    assert (ended.code, "no mailbox 'support' with a url" in ended.err) == (1, True)


# ------------------------------------------------------------------ test


def test_a_mailbox_is_tried_and_nothing_in_it_changes(firstline: Commands, account: Account) -> None:
    account.put(letter(1), letter(2))
    (found,) = firstline("mailbox", "test", "support", "--json").json
    assert (found["name"], found["folder"], found["mails"], found["waiting"]) == ("support", "INBOX", 2, None)
    assert found["idle"] is True
    assert account.flags() == [(), ()]
    assert "at the first start, which takes new mail only" in firstline("mailbox", "test", "support").out


def test_it_says_how_many_wait(firstline: Commands, account: Account) -> None:
    account.put(letter(1), letter(2))
    with account.client() as client:
        told = client.select_folder("INBOX", readonly=True)
    mark = Mark(told[b"UIDVALIDITY"], told[b"UIDNEXT"] - 2, datetime(2026, 1, 1, tzinfo=UTC), before=1)
    firstline.use(lambda store: StoredMarks(store).save("support", mark.as_object()))
    assert "1 to be fetched" in firstline("mailbox", "test", "support").out


def test_a_login_that_is_refused(firstline: Commands, account: Account) -> None:
    say(firstline, PASSWORD="not-the-password")
    ended = firstline("mailbox", "test", "support")
    assert ended.code == 1
    assert "the mailbox support: the login was refused" in ended.err
    assert "not-the-password" not in ended.err


async def test_the_check_says_which_mailbox_lets_nobody_in(firstline: Commands, account: Account) -> None:
    finding = await mailboxes(Scene(load()))
    assert (finding.ok, finding.note) == (True, "support has 0 mails")
    say(firstline, PASSWORD="wrong")
    (problem,) = (await mailboxes(Scene(load()))).problems
    assert problem.text.startswith("the mailbox support: the login was refused")
    assert "firstline mailbox test support" in problem.do


# ------------------------------------------------------------------ login


@pytest.fixture
def tokens(firstline: Commands) -> Iterator[TokenServer]:
    with token_server() as server:
        say(firstline, ADDRESS="support@example.org", URL="imap://127.0.0.1:1", LOGIN="oauth", CLIENT_ID="desk")
        say(firstline, TOKEN_URL=server.url("token"), DEVICE_URL=server.url("devicecode"))
        yield server


def test_a_login_by_a_code(firstline: Commands, tokens: TokenServer) -> None:
    ended = firstline("mailbox", "login", "support")
    assert ended.code == 0
    assert "ABC-DEF" in ended.err
    assert ended.out == "the login is in var/tokens/support\n"
    file = Path("var/tokens/support")
    assert file.stat().st_mode & 0o777 == 0o600
    assert next(iter(tokens.refresh)) in file.read_text()
    assert not any(token in ended.err + ended.out for token in tokens.refresh)


def test_a_login_that_is_declined(firstline: Commands, tokens: TokenServer) -> None:
    tokens.answers += [tokens.answer("/devicecode", {}), (400, b'{"error": "access_denied"}')]
    ended = firstline("mailbox", "login", "support")
    assert (ended.code, "the login was declined" in ended.err) == (1, True)
    assert not Path("var/tokens/support").exists()


def test_a_pasted_address_that_is_no_answer(firstline: Commands, tokens: TokenServer) -> None:
    say(firstline, DEVICE_URL="", AUTHORIZE_URL="https://login.test/authorize")
    ended = firstline("mailbox", "login", "support", said=b"http://127.0.0.1:1/?code=x&state=y\n")
    assert ended.code == 1
    assert "open this in a browser" in ended.err
    assert "not the address of this login" in ended.err


def test_a_mailbox_with_a_password_has_no_login_to_give(firstline: Commands, account: Account) -> None:
    ended = firstline("mailbox", "login", "support")
    assert (ended.code, "has a password" in ended.err) == (1, True)
