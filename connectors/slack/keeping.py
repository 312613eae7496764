"""What Slack sends is kept before Bolt acknowledges it."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.connector import Keep
from bot.failpoints import failpoint
from bot.ids import new_id
from bot.model import Arrival
from connectors.slack.account import Account
from connectors.slack.envelope import EVENT, our_user, part
from connectors.slack.names import Names

log = logging.getLogger("firstline.slack")

# Slack waits three seconds for its acknowledgement (docs.slack.dev/apis/events-api#responding).
SECONDS = 2.0


class NotListening(Exception):
    """The desk is starting or draining; Slack sends it again."""


class Keeping:
    """Bolt's `before_authorize`: it runs after the signature was checked and before anything that may fail, and what it
    raises becomes status 500, or no acknowledgement in Socket Mode, so that Slack sends the event again. In a listener
    it would be too late: they run after the acknowledgement."""

    def __init__(self, channel: str, account: Account, names: Names) -> None:
        self.keep: Keep | None = None
        self._channel = channel
        self._account = account
        self._names = names
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def close(self) -> None:
        """Take nothing more, and wait for what is being kept."""
        self.keep = None
        await self._idle.wait()

    async def write(
        self,
        body: dict[str, Any],
        request: AsyncBoltRequest,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 (Bolt looks for this name)
    ) -> BoltResponse:
        if body.get("type") == EVENT and not self._is_echo(body):
            await self._kept(body, request.raw_body)
        return await next()

    async def _kept(self, body: dict[str, Any], raw: str) -> None:
        if self.keep is None:
            raise NotListening("the desk takes nothing just now")
        self._at_work += 1
        self._idle.clear()
        try:
            await self._in_time(self.keep, body, raw)
        except Exception as error:
            log.warning("an event was not kept; Slack sends it again", extra={"channel": self._channel}, exc_info=error)
            raise
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._idle.set()

    async def _in_time(self, keep: Keep, body: dict[str, Any], raw: str) -> None:
        async with asyncio.timeout(SECONDS):
            arrival = await self._arrival(body, raw)
            failpoint("slack.keep.before")
            await keep([arrival])
            failpoint("slack.keep.after")

    async def _arrival(self, body: dict[str, Any], raw: str) -> Arrival:
        # Socket Mode hands over what was inside the envelope, parsed already.
        data = (raw or json.dumps(body, separators=(",", ":"))).encode("utf-8", "replace")
        team, event = str(body.get("team_id") or ""), part(body, "event")
        known = {"bot": self._account.bot or our_user(body)}
        if speaker := str(event.get("user") or ""):
            known |= {"from": f"{team}/{speaker}", "name": await self._names.of(speaker)}
        key = str(body.get("event_id") or hashlib.sha256(data).hexdigest())
        return Arrival(new_id(), self._channel, f"{team}/{key}", data, known)

    def _is_echo(self, body: Mapping[str, Any]) -> bool:
        """What we posted or changed ourselves comes back as an event."""
        event = part(body, "event")
        said = part(event, "message") or part(event, "previous_message") or event
        by = said.get("bot_id")
        return bool(by) and (by == self._account.bot_id or said.get("app_id") == body.get("api_app_id"))
