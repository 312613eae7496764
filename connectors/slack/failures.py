"""What Slack's refusals and silences mean for the Parcel that it was offered."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.connector import DeliveryFailed

# Seconds until a doubtful post is looked for. Soon, as somebody waits; not at once, as Slack may still be at it.
SOON = 5.0
USUAL_WAIT = 30.0
LONGEST_WAIT = 3600.0

_REINSTALL = "install the app in the workspace again and set SLACK__BOT_TOKEN to its new token"
_INVITE = "invite the app there (`/invite @Firstline`)"

# Nothing is wrong with the Parcel: with this token nothing can be posted at all.
_NOT_LET_IN = {
    "account_inactive": _REINSTALL,
    "ekm_access_denied": "ask the administrators of the workspace, who have suspended posting",
    "invalid_auth": "set SLACK__BOT_TOKEN to the token of the app's page OAuth & Permissions",
    "missing_scope": "give the app the manifest of `firstline slack manifest --full`, and install it again",
    "no_permission": "ask the administrators of the workspace whether the app may post",
    "not_authed": "set SLACK__BOT_TOKEN to the token of the app's page OAuth & Permissions",
    "org_login_required": "wait until the workspace has moved into its organisation",
    "team_access_not_granted": "ask the administrators of the organisation to let the app into the workspace",
    "token_expired": _REINSTALL,
    "token_revoked": _REINSTALL,
}

# What people there can change, though not in time for this Parcel.
_REMEDIES = {
    "channel_not_found": "it was deleted, or is private and the app is not in it",
    "is_archived": "unarchive it, or answer the customer elsewhere",
    "messages_tab_disabled": "allow messages on the app's page App Home",
    "not_in_channel": _INVITE,
    "restricted_action": "the workspace lets only some people post there",
    "thread_not_found": "the message that was to be answered was deleted",
}

# docs.slack.dev/reference/methods/chat.postMessage#errors: of these it may have done some or all of the work.
_DOUBTFUL = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}


def failure(error: Exception, call: str) -> DeliveryFailed:
    """`call`: what was asked of Slack, for people."""
    if isinstance(error, SlackApiError):
        return _answered(_status(error), _headers(error), _data(error), call)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.InvalidURL):
        return DeliveryFailed(f"Slack can't be reached: {type(error).__name__}", unreachable=True)
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | SlackClientError | OSError):
        return DeliveryFailed(f"Slack gave no answer to {call}: {type(error).__name__}", unknown=True, after=SOON)
    raise error


def refused(error: SlackApiError) -> str:
    """Slack's word for it, "" when there is none."""
    return str(_data(error).get("error") or "")


def _answered(status: int, headers: Mapping[str, str], data: Mapping[str, Any], call: str) -> DeliveryFailed:
    code = _short(data.get("error"))
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return DeliveryFailed(f"Slack wants fewer calls of {call}", after=_wait(headers))
    if status >= 500 or code in _DOUBTFUL or not code:
        return DeliveryFailed(f"Slack answered {call} with {status} {code}".rstrip(), unknown=True, after=SOON)
    if code in _NOT_LET_IN:
        needed = f" ({_short(data.get('needed'))})" if data.get("needed") else ""
        return DeliveryFailed(f"Slack refused {call}: {code}{needed}; {_NOT_LET_IN[code]}", unreachable=True)
    remedy = f"; {_REMEDIES[code]}" if code in _REMEDIES else ""
    return DeliveryFailed(f"Slack refused {call}: {code}{remedy}", permanent=True)


def _wait(headers: Mapping[str, str]) -> float:
    asked = str(headers.get("Retry-After", ""))
    return min(float(asked), LONGEST_WAIT) if asked.isascii() and asked.isdecimal() else USUAL_WAIT


def _status(error: SlackApiError) -> int:
    # The SDK hands over its own response or, when the body was no JSON, aiohttp's.
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)


def _headers(error: SlackApiError) -> Mapping[str, str]:
    headers = getattr(error.response, "headers", None)
    return headers if isinstance(headers, Mapping) else {}


def _data(error: SlackApiError) -> Mapping[str, Any]:
    data = getattr(error.response, "data", None)
    return data if isinstance(data, Mapping) else {}


def _short(word: Any) -> str:
    """One word of another's, fit for people and logs."""
    return "".join(letter for letter in str(word or "") if letter.isascii() and letter.isprintable())[:100]
