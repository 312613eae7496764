"""Ways to log in. Neither a password nor a token is in any word that comes out."""

from dataclasses import dataclass, field
from typing import Protocol

from connectors.imap.failures import Cut, LoginRefused, Refused, said
from connectors.imap.link import Link
from connectors.oauth.access import LoginNeeded
from connectors.oauth.wire import OAuthAway


class Login(Protocol):
    user: str

    def __call__(self, link: Link) -> None:
        """Raises LoginRefused, or Cut."""
        ...


class Access(Protocol):
    """An OAuth login that has been given: see `connectors.oauth.access`."""

    def token(self, *, fresh: bool = False) -> str: ...


@dataclass
class PasswordLogin:
    user: str
    password: str = field(repr=False)

    def __call__(self, link: Link) -> None:
        try:
            with link.asking():
                self._log_in(link)
        except Refused as error:
            raise LoginRefused(f"the login was refused: {said(error, [self.password])}") from None
        except Cut as error:
            raise Cut(said(error, [self.password])) from None

    def _log_in(self, link: Link) -> None:
        if link.has_capability("AUTH=PLAIN"):
            link.sasl_login("PLAIN", lambda _: f"\0{self.user}\0{self.password}".encode())
        elif link.has_capability("LOGINDISABLED"):
            raise LoginRefused("the server takes no passwords: it wants OAuth, see `firstline mailbox login`")
        elif not (self.user + self.password).isascii():
            raise LoginRefused("the server takes no passwords with letters outside ASCII")
        else:
            link.login(self.user, self.password)


@dataclass
class TokenLogin:
    """XOAUTH2 as Google and Microsoft describe it, or OAUTHBEARER (RFC 7628) where only that is offered."""

    user: str
    access: Access = field(repr=False)

    def __call__(self, link: Link) -> None:
        """A token that the server doesn't take is renewed once: it may have been withdrawn before its time."""
        try:
            self._log_in(link, self._token())
        except Refused:
            self._last_try(link)

    def _last_try(self, link: Link) -> None:
        token = self._token(fresh=True)
        try:
            self._log_in(link, token)
        except Refused as error:
            raise LoginRefused(f"the token was refused: {said(error, [token])}") from None

    def _token(self, *, fresh: bool = False) -> str:
        try:
            return self.access.token(fresh=fresh)
        except LoginNeeded as error:
            raise LoginRefused(str(error)) from None
        except OAuthAway as error:
            raise Cut(str(error)) from None

    def _log_in(self, link: Link, token: str) -> None:
        with link.asking():
            bearer = link.has_capability("AUTH=OAUTHBEARER") and not link.has_capability("AUTH=XOAUTH2")
            first = self._bearer(token) if bearer else self._xoauth2(token)
            words = iter([first.encode()])
            # A refusal is a challenge first, which wants an empty answer (RFC 7628, section 3.2.3: one ^A).
            last = b"\x01" if bearer else b""
            link.sasl_login("OAUTHBEARER" if bearer else "XOAUTH2", lambda _: next(words, last))

    def _xoauth2(self, token: str) -> str:
        return f"user={self.user}\x01auth=Bearer {token}\x01\x01"

    def _bearer(self, token: str) -> str:
        name = self.user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\x01auth=Bearer {token}\x01\x01"
