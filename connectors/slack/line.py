"""Socket Mode: we call Slack, and events come over that line (docs.slack.dev/apis/events-api/using-socket-mode)."""

import asyncio
import logging
from time import time

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from connectors.slack.failures import failure
from connectors.slack.settings import SlackSettings
from connectors.slack.wire import quiet, reading

log = logging.getLogger("firstline.slack")

# Slack closes each line now and then; the other one goes on meanwhile.
LINES = 2

# Seconds: to have a line, between two pings, for what is under way at the end.
CONNECT = 15.0
PING = 10.0
GRACE = 3.0


class Line(SocketModeClient):
    """One connection that comes back by itself."""

    def __init__(self, settings: SlackSettings, channel: str) -> None:
        """In the loop that it is to work in."""
        super().__init__(settings.app_token, logger=quiet("socket"), web_client=reading(settings), ping_interval=PING)
        self._fixed = settings.socket_url
        self._channel = channel

    async def issue_new_wss_url(self) -> str:
        if self._fixed:
            return self._fixed
        try:
            return await super().issue_new_wss_url()
        except Exception as error:
            reason = failure(error, "apps.connections.open").reason
            log.warning("Slack gives us no line", extra={"channel": self._channel, "reason": reason})
            raise

    async def connect(self) -> None:
        """Until there is a line. The SDK tries one address for ever, but Slack's are good for one use, and not long."""
        while not self.closed:
            try:
                async with asyncio.timeout(CONNECT):
                    await super().connect()  # type: ignore[no-untyped-call]
                    log.info("a line to Slack", extra={"channel": self._channel})
                    return
            except TimeoutError:
                log.warning("no line to Slack within seconds", extra={"channel": self._channel, "seconds": CONNECT})
                self.wss_uri = None


class Lines:
    """All of them over one app."""

    def __init__(self, app: AsyncApp, settings: SlackSettings, channel: str) -> None:
        self._app = app
        self._settings = settings
        self._channel = channel
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Until cancelled; then what has come in already is kept and acknowledged first."""
        lines = [Line(self._settings, self._channel) for _ in range(LINES)]
        try:
            for line in lines:
                line.socket_mode_request_listeners.append(self._take)
            await asyncio.gather(*(line.connect() for line in lines))
            await asyncio.get_running_loop().create_future()
        finally:
            await self._finished()
            for line in lines:
                await line.close()  # type: ignore[no-untyped-call]

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self._at_work += 1
        self._idle.clear()
        try:
            began = time()
            response = await run_async_bolt_app(self._app, request)
            await send_async_response(client, request, response, began)
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._idle.set()

    async def _finished(self) -> None:
        try:
            async with asyncio.timeout(GRACE):
                await self._idle.wait()
        except TimeoutError:
            log.warning("events that were not kept in time come again", extra={"channel": self._channel})
