"""A login by a browser that is sent back to this machine (RFC 8252), with a proof that it was ours (PKCE, RFC 7636)."""

import base64
import hashlib
import hmac
import secrets
import socket
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from connectors.oauth.access import secret
from connectors.oauth.device import NotLoggedIn, refresh_token
from connectors.oauth.provider import Provider
from connectors.oauth.wire import OAuthRefused, ask

LONGEST = 16_384
SHOWN = "You are logged in and can close this page.\n"
NOT_SHOWN = "This is not the page that the login waits for.\n"


class BrowserLogin:
    """Listens on a port of this machine as soon as it is made; `address` is to be opened in a browser."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._state = secrets.token_urlsafe(32)
        self._verifier = secrets.token_urlsafe(64)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.redirect = f"http://127.0.0.1:{self._door.getsockname()[1]}/"

    @property
    def address(self) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self._verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self.redirect,
            "scope": self.provider.scope,
            "state": self._state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.provider.authorize_url}?{urlencode(asked | dict(self.provider.extra))}"

    def wait(self, seconds: float) -> str | None:
        """The address that the browser was sent back to, as soon as it comes; None after so many seconds."""
        self._door.settimeout(seconds)
        try:
            connection, _ = self._door.accept()
        except TimeoutError:
            return None
        with connection:
            return self._answer(connection)

    def finish(self, came_back: str) -> str:
        """Returns the refresh token. Raises NotLoggedIn, OAuthAway."""
        form = {
            "grant_type": "authorization_code",
            "code": self._code(came_back),
            "redirect_uri": self.redirect,
            "client_id": self.provider.client_id,
            "code_verifier": self._verifier,
        }
        try:
            return refresh_token(ask(self.provider.token_url, form | secret(self.provider)))
        except OAuthRefused as error:
            raise NotLoggedIn(f"the login was refused ({error.code}): look at client_id and client_secret") from None

    def close(self) -> None:
        self._door.close()

    def _code(self, came_back: str) -> str:
        told = _query(came_back)
        if not hmac.compare_digest(told.get("state", "").encode(), self._state.encode()):
            raise NotLoggedIn("that is not the address of this login: begin again")
        if "error" in told:
            raise NotLoggedIn("the login was declined")
        return told.get("code", "")

    def _answer(self, connection: socket.socket) -> str | None:
        """One request, of which only the first line counts. A browser also asks for icons: those bring nothing."""
        connection.settimeout(5)
        try:
            line = connection.recv(LONGEST).split(b"\r\n", 1)[0].decode("ascii", "replace").split(" ")
            target = line[1] if len(line) == 3 and line[0] == "GET" else ""
            found = "state" in _query(target)
            words = SHOWN if found else NOT_SHOWN
            status = "200 OK" if found else "404 Not Found"
            head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(words)}\r\nConnection: close"
            connection.sendall(f"{head}\r\n\r\n{words}".encode("ascii"))
        except OSError:
            return None
        return target if found else None


def _query(address: str) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(urlsplit(address.strip()[:LONGEST]).query, max_num_fields=50))
    except ValueError:
        return {}
