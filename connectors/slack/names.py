"""What people are called: events name them by their ids alone."""

import asyncio
import time
from collections.abc import Callable

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack.envelope import part
from connectors.slack.failures import refused
from connectors.slack.words import clean

# An event waits so long for a name, in seconds. It is acknowledged afterwards, and Slack waits for that.
PATIENCE = 0.5

LIVES = 3600.0
AWAY = 60.0
MOST = 10_000
LONGEST = 80


class Names:
    """A courtesy to Agents: where Slack doesn't give a name soon there is none, and nothing waits for it again for a
    minute. `now` counts seconds."""

    def __init__(self, client: AsyncWebClient, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now = now
        self._known: dict[str, tuple[str, float]] = {}
        self._asking: dict[str, asyncio.Task[str]] = {}
        self._quiet_until = 0.0

    async def of(self, user: str) -> str:
        """Never raises; "" when it isn't known."""
        name, until = self._known.get(user, ("", 0.0))
        if until > self._now() or self._quiet_until > self._now():
            return name
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(self._ask(user))
        except TimeoutError:
            self._quiet_until = self._now() + AWAY
            return name

    async def close(self) -> None:
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _ask(self, user: str) -> "asyncio.Task[str]":
        """One question for all events of one person."""
        task = self._asking.get(user)
        if task is None:
            task = self._asking[user] = asyncio.create_task(self._look_up(user))
            task.add_done_callback(lambda _: self._asking.pop(user, None))
        return task

    async def _look_up(self, user: str) -> str:
        try:
            found = await self._client.users_info(user=user)
            name, lives = _name(found.get("user")), LIVES
        except Exception as error:  # whatever it is: a request matters more than its author's name
            name, lives = "", AWAY
            if not _is_about_one(error):
                self._quiet_until = self._now() + AWAY
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[user] = (name, self._now() + lives)
        return name


def _is_about_one(error: Exception) -> bool:
    """Strangers of other organisations can't always be looked up; others still can."""
    return isinstance(error, SlackApiError) and refused(error) in ("user_not_found", "user_not_visible")


def _name(user: object) -> str:
    """docs.slack.dev/reference/objects/user-object: the display name may be empty."""
    if not isinstance(user, dict):
        return ""
    profile = part(user, "profile")
    name = profile.get("display_name") or profile.get("real_name") or user.get("name") or ""
    return " ".join(clean(str(name)).split())[:LONGEST]
