"""Access tokens, made of the refresh token when they are needed, and kept in memory alone."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from connectors.oauth.provider import Provider
from connectors.oauth.tokens import Tokens, TokensUnusable
from connectors.oauth.wire import OAuthRefused, ask

# A token that ends while it is being used is no good. RFC 6749 (section 5.1) only recommends to say when it ends.
MARGIN = 60.0
UNSAID = 600.0


class LoginNeeded(Exception):
    """A person has to log in again."""


class Access:
    """`name` is the mailbox's, for what a person has to do."""

    def __init__(self, name: str, provider: Provider, tokens: Tokens) -> None:
        self.name = name
        self.provider = provider
        self.tokens = tokens
        self._one_at_a_time = threading.Lock()
        self._token = ""
        self._until = 0.0

    def token(self, *, fresh: bool = False) -> str:
        """For the next minute at least; `fresh`: not the one that was given before. Raises LoginNeeded, OAuthAway."""
        with self._one_at_a_time:
            if fresh or time.monotonic() > self._until:
                self._renew()
            return self._token

    def _renew(self) -> None:
        try:
            refresh = self.tokens.load()
            told = ask(self.provider.token_url, self._form(refresh))
        except TokensUnusable as error:
            raise LoginNeeded(f"there is no login ({error}): {self._do}") from None
        except OAuthRefused as error:
            raise LoginNeeded(f"the login has ended or was taken back ({error.code}): {self._do}") from None
        token, renewed = text(told, "access_token"), text(told, "refresh_token")
        if not token:
            raise LoginNeeded(f"the OAuth server gives no token: {self._do}")
        if renewed and renewed != refresh:
            self._keep(renewed)
        self._token, self._until = token, time.monotonic() + lifetime(told) - MARGIN

    def _form(self, refresh: str) -> dict[str, str]:
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": self.provider.client_id}
        return form | secret(self.provider)

    def _keep(self, refresh: str) -> None:
        """The old one may be worth nothing now (RFC 6749, section 10.4)."""
        try:
            self.tokens.save(refresh)
        except OSError as error:
            raise LoginNeeded(
                f"{self.tokens.path} can't be written ({error.strerror}): mend that, then {self._do}"
            ) from None

    @property
    def _do(self) -> str:
        return f"log in again with `firstline mailbox login {self.name}`"


def secret(provider: Provider) -> dict[str, str]:
    return {"client_secret": provider.client_secret} if provider.client_secret else {}


def text(told: Mapping[str, Any], name: str) -> str:
    """Tokens are ASCII without spaces (RFC 6750, section 2.1); anything else is none."""
    value = told.get(name)
    return value if isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value else ""


def lifetime(told: Mapping[str, Any]) -> float:
    """Seconds. Some servers write the number as a text."""
    try:
        return min(max(float(told.get("expires_in", UNSAID)), 0.0), 86_400.0)
    except (TypeError, ValueError):
        return UNSAID
