"""Asking an OAuth server: one form there, one JSON object back, in bounded time and size, and never without TLS.

What is said in either direction may be a secret, so no answer is quoted but its error code (RFC 6749, section 5.2).
"""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from typing import IO, Any

LARGEST = 65_536
SECONDS = 20.0


class OAuthAway(Exception):
    """The server could not be asked; it may be better later."""


class OAuthRefused(Exception):
    """The server has said no; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the OAuth server says {code}")
        self.code = code


def ask(url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """POST it. Raises OAuthAway, OAuthRefused."""
    if not _is_safe(url):
        raise OAuthRefused("nothing: its address must begin with https://")
    data = urllib.parse.urlencode(form).encode("ascii")
    request = urllib.request.Request(url, data, {"Accept": "application/json"})  # noqa: S310 (looked at above)
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            return _object(answer.read(LARGEST + 1))
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error) from None
    except (OSError, HTTPException, ValueError) as error:
        raise OAuthAway(f"the OAuth server {_host(url)} can't be asked ({type(error).__name__})") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A form with secrets in it goes to nobody else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _is_safe(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).hostname or "without a name"


def _object(data: bytes) -> Mapping[str, Any]:
    if len(data) > LARGEST:
        raise ValueError("more came than an answer has")
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("an answer is an object")
    return found


def _refusal(error: urllib.error.HTTPError) -> OAuthAway | OAuthRefused:
    """400 and 401 have a reason in them; everything else is no answer to what was asked."""
    try:
        code = _object(error.read(LARGEST + 1)).get("error")
    except (OSError, HTTPException, ValueError):
        code = None
    if error.code >= 500 or not isinstance(code, str) or not re.fullmatch(r"[a-z_]{1,40}", code):
        return OAuthAway(f"the OAuth server answers with the status {error.code}")
    return OAuthRefused(code)
