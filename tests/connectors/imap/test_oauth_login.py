"""Logins by token, on a Dovecot that asks our token server whose they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.imap.login import TokenLogin
from connectors.oauth.access import Access
from connectors.oauth.provider import Provider
from connectors.oauth.tokens import Tokens
from tests.connectors.imap.fetching import fetching, settings
from tests.servers.dovecot import dovecot
from tests.servers.imap import Account, NoImapServer, letter
from tests.servers.token_server import TokenServer, token_server
from tests.waiting import until


@pytest.fixture(scope="module", params=["xoauth2", "oauthbearer", "xoauth2 oauthbearer"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[TokenServer, Account]]:
    try:
        with (
            token_server() as tokens,
            dovecot(introspection=tokens.url("introspect"), mechanisms=request.param) as mail,
        ):
            account = mail.account()
            tokens.user = account.user
            yield tokens, account
    except NoImapServer as reason:
        pytest.skip(str(reason))


def login(server: TokenServer, account: Account, folder: Path) -> TokenLogin:
    tokens = Tokens(folder / "support")
    tokens.save(server.login())
    return TokenLogin(account.user, Access("support", Provider("desk", server.url("token"), "mail"), tokens))


async def test_a_mailbox_is_read_with_a_token(place: tuple[TokenServer, Account], tmp_path: Path) -> None:
    server, account = place
    async with fetching(settings(account, login(server, account, tmp_path))) as box:
        await box.looked()
        account.put(letter(1))
        await box.kept(1)
    assert not box.marks.reasons


@pytest.mark.slow
async def test_a_token_that_was_withdrawn_before_its_time_is_renewed(
    place: tuple[TokenServer, Account], tmp_path: Path
) -> None:
    server, account = place
    one = login(server, account, tmp_path)
    one.access.token()
    server.access.clear()
    async with fetching(settings(account, one)) as box:
        await box.looked()
    assert not box.marks.reasons


@pytest.mark.slow
async def test_a_login_that_was_taken_back_is_a_reason_that_says_what_to_do(
    place: tuple[TokenServer, Account], tmp_path: Path
) -> None:
    server, account = place
    one = login(server, account, tmp_path)
    async with fetching(settings(account, one)) as box:
        await box.looked()
        server.revoke()
        box.connector.adopt(
            type(box.connector)(settings(account, one, poll=0.2), reader=box.connector.reader, out=box.connector._out)
        )
        await until(lambda: any("firstline mailbox login support" in reason for reason in box.marks.reasons))
        one.access.tokens.save(server.login())
        account.put(letter(1))
        await box.kept(1)
