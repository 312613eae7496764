"""Logins that are given once, and the tokens that come of them, from a server of our own."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.oauth import device, provider
from connectors.oauth.access import Access, LoginNeeded
from connectors.oauth.browser import BrowserLogin
from connectors.oauth.device import NotLoggedIn
from connectors.oauth.provider import Provider
from connectors.oauth.tokens import Tokens
from connectors.oauth.wire import OAuthAway, OAuthRefused, ask
from tests.servers.token_server import TokenServer, query, token_server

SECRET = "the-clients-secret"


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with token_server() as running:
        yield running


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "tokens" / "support")


def ours(server: TokenServer) -> Provider:
    return Provider(
        "desk", server.url("token"), "mail", server.url("devicecode"), "https://login.test/authorize", SECRET
    )


def waits(_: float) -> None:
    """No time passes."""


# ------------------------------------------------------------------ tokens


def test_a_token_is_asked_for_once(server: TokenServer, tokens: Tokens) -> None:
    tokens.save(server.login())
    access = Access("support", ours(server), tokens)
    assert access.token() == access.token()
    assert len(server.forms) == 1
    assert access.token(fresh=True) in server.access
    assert len(server.access) == 2


def test_a_refresh_token_that_is_replaced_is_kept_where_only_we_read_it(server: TokenServer, tokens: Tokens) -> None:
    server.rotates = True
    tokens.save(server.login())
    access = Access("support", ours(server), tokens)
    for _ in range(3):
        access.token(fresh=True)
    assert {tokens.load()} == server.refresh
    assert tokens.path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tokens.path.parent.iterdir()] == ["support"]


def test_a_login_that_was_taken_back_needs_a_person(server: TokenServer, tokens: Tokens) -> None:
    tokens.save(token := server.login())
    access = Access("support", ours(server), tokens)
    server.revoke()
    with pytest.raises(
        LoginNeeded, match=r"\(invalid_grant\): log in again with `firstline mailbox login support`"
    ) as told:
        access.token()
    assert token not in str(told.value)


def test_without_a_login_there_is_none(server: TokenServer, tokens: Tokens) -> None:
    with pytest.raises(LoginNeeded, match="No such file"):
        Access("support", ours(server), tokens).token()
    tokens.path.parent.mkdir()
    tokens.path.write_bytes(b"\xff{")
    with pytest.raises(LoginNeeded, match="it is no file of ours"):
        Access("support", ours(server), tokens).token()


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"oops"),
        (503, b'{"error": "invalid_grant"}'),
        (400, b"not JSON"),
        (400, b'{"error": "<script>"}'),
        (200, b"[]"),
        (200, b"{" * 100_000),
        (200, b'{"access_token": "' + b"x" * 100_000 + b'"}'),
        (302, b""),
    ],
)
def test_what_is_no_answer_is_tried_again_later(server: TokenServer, tokens: Tokens, answer: tuple[int, bytes]) -> None:
    tokens.save(server.login())
    access = Access("support", ours(server), tokens)
    server.answers.append(answer)
    with pytest.raises(OAuthAway):
        access.token()
    assert access.token() in server.access
    assert len(server.forms) == 2, "nobody else was asked"


def test_a_token_is_a_word(server: TokenServer, tokens: Tokens) -> None:
    tokens.save(server.login())
    server.answers.append((200, b'{"access_token": "a\\u0001auth=Bearer b", "expires_in": "x"}'))
    with pytest.raises(LoginNeeded, match="gives no token"):
        Access("support", ours(server), tokens).token()


def test_secrets_are_sent_to_nobody_without_tls() -> None:
    for url in ("http://login.test/token", "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1.test/"):
        with pytest.raises(OAuthRefused, match="must begin with https"):
            ask(url, {})


# ------------------------------------------------------------------ by a code


def test_a_login_by_a_code(server: TokenServer) -> None:
    server.agreed = False
    code = device.begin(ours(server))
    assert (code.user_code, code.address) == ("ABC-DEF", "https://login.test/device")
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        server.agreed = len(waited) == 3

    assert device.finish(ours(server), code, wait) in server.refresh
    assert len(waited) == 3
    assert {form["client_secret"] for form in server.forms} == {SECRET}


def test_whoever_is_asked_to_slow_down_does(server: TokenServer) -> None:
    code = device.begin(ours(server))
    server.answers += [(400, b'{"error": "slow_down"}')] * 2
    waited: list[float] = []
    device.finish(ours(server), code, waited.append)
    assert waited == [0.01, 5.01, 10.01]


@pytest.mark.parametrize("error", ["access_denied", "expired_token", "invalid_client"])
def test_a_login_that_was_declined(server: TokenServer, error: str) -> None:
    code = device.begin(ours(server))
    server.answers.append((400, b'{"error": "%s"}' % error.encode()))
    with pytest.raises(NotLoggedIn):
        device.finish(ours(server), code, waits)


def test_a_login_without_a_refresh_token_is_none(server: TokenServer) -> None:
    code = device.begin(ours(server))
    server.answers.append((200, b'{"access_token": "a"}'))
    with pytest.raises(NotLoggedIn, match="no refresh token"):
        device.finish(ours(server), code, waits)


# ------------------------------------------------------------------ by the browser


@pytest.fixture
def login(server: TokenServer) -> Iterator[BrowserLogin]:
    made = BrowserLogin(ours(server))
    yield made
    made.close()


def browse(login: BrowserLogin, target: str) -> bytes:
    with socket.create_connection(("127.0.0.1", int(login.redirect.rstrip("/").rpartition(":")[2])), timeout=5) as page:
        page.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return page.recv(1000)


def test_a_login_by_the_browser(server: TokenServer, login: BrowserLogin) -> None:
    asked = query(login.address)
    shown: list[bytes] = []
    target = f"/?code=c1&state={asked['state']}"
    opening = threading.Thread(target=lambda: shown.append(browse(login, target)))
    opening.start()
    came_back = login.wait(5)
    opening.join()
    assert came_back == target
    assert b"You are logged in" in shown[0]
    assert login.finish(target) in server.refresh
    form = server.forms[-1]
    assert (form["code"], form["redirect_uri"]) == ("c1", login.redirect)
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"] != form["code_verifier"]


def test_the_address_may_be_pasted_by_hand(server: TokenServer, login: BrowserLogin) -> None:
    state = query(login.address)["state"]
    assert login.finish(f" {login.redirect}?state={state}&code=c2&scope=mail \n") in server.refresh


def test_the_address_of_another_login_is_refused(server: TokenServer, login: BrowserLogin) -> None:
    for pasted in ("", "/?code=c3", "/?code=c3&state=", "/?code=c3&state=other", "/?" + "a=1&" * 500):
        with pytest.raises(NotLoggedIn, match="not the address of this login"):
            login.finish(pasted)
    assert not server.forms


def test_other_pages_are_not_it(login: BrowserLogin) -> None:
    for target in ("/favicon.ico", "/?error=1"):
        opening = threading.Thread(target=browse, args=(login, target))
        opening.start()
        assert login.wait(5) is None
        opening.join()


# ------------------------------------------------------------------ providers


def test_google_and_microsoft_have_their_own_addresses() -> None:
    google = provider.google("id", SECRET)
    assert not google.device_url, "Google's device flow doesn't give what IMAP needs"
    assert google.scope == "https://mail.google.com/"
    microsoft = provider.microsoft("id", "", "example.org")
    assert microsoft.token_url == "https://login.microsoftonline.com/example.org/oauth2/v2.0/token"
    assert "offline_access" in microsoft.scope
    assert google.at(token_url="https://other.test/token").token_url == "https://other.test/token"
    assert SECRET not in repr(google)
