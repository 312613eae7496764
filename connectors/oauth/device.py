"""A login with a code that is typed into any browser: the device authorization grant (RFC 8628)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.oauth.access import lifetime, secret, text
from connectors.oauth.provider import Provider
from connectors.oauth.wire import OAuthAway, OAuthRefused, ask

GRANT = "urn:ietf:params:oauth:grant-type:device_code"

# RFC 8628 (section 3.5): as long as nothing else is said, and by how much longer after each `slow_down`.
INTERVAL = 5.0
SLOWER = 5.0
LONGEST = 60.0


class NotLoggedIn(Exception):
    """The login did not come about; `str()` says why and what to do."""


@dataclass(frozen=True)
class Code:
    """What a person is shown: the code, and the address to type it in."""

    user_code: str
    address: str
    device_code: str = field(repr=False)
    interval: float
    seconds: float


def begin(provider: Provider) -> Code:
    """Raises NotLoggedIn, OAuthAway."""
    form = {"client_id": provider.client_id, "scope": provider.scope} | secret(provider)
    try:
        told = ask(provider.device_url, form)
    except OAuthRefused as error:
        raise NotLoggedIn(
            f"no login can begin ({error.code}): look at client_id, tenant and the app's rights"
        ) from None
    # Before the RFC the address was called verification_url, and Google still does.
    address = text(told, "verification_uri") or text(told, "verification_url")
    code = Code(
        text(told, "user_code"), address, text(told, "device_code"), _interval(told.get("interval")), lifetime(told)
    )
    if not (code.user_code and code.address.startswith(("https://", "http://")) and code.device_code):
        raise NotLoggedIn("the OAuth server gives no code")
    return code


def finish(provider: Provider, code: Code, wait: Callable[[float], object]) -> str:
    """Returns the refresh token once the person has agreed; `wait` so many seconds each time. Raises NotLoggedIn."""
    end = time.monotonic() + code.seconds
    interval = code.interval
    form = {"grant_type": GRANT, "device_code": code.device_code, "client_id": provider.client_id} | secret(provider)
    while time.monotonic() < end:
        wait(interval)
        try:
            return refresh_token(ask(provider.token_url, form))
        except OAuthAway:
            interval = min(2 * interval, LONGEST)
        except OAuthRefused as error:
            if error.code == "slow_down":
                interval = min(interval + SLOWER, LONGEST)
            elif error.code != "authorization_pending":
                raise NotLoggedIn(_refused(error.code)) from None
    raise NotLoggedIn("the code has expired: begin again")


def refresh_token(told: object) -> str:
    """Raises NotLoggedIn."""
    token = text(told, "refresh_token") if isinstance(told, dict) else ""
    if not token:
        raise NotLoggedIn("the login brings no refresh token: the app must be allowed to work while nobody is there")
    return token


def _refused(code: str) -> str:
    if code == "access_denied":
        return "the login was declined"
    if code == "expired_token":
        return "the code has expired: begin again"
    return f"the login was refused ({code}): look at client_id, client_secret and the app's rights"


def _interval(value: object) -> float:
    return min(float(value), LONGEST) if isinstance(value, int | float) and value > 0 else INTERVAL
