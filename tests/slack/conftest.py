"""The fake, and the real counterparts that it is tested with: slack_sdk's client and slack_bolt's app."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_server import AsyncSlackAppServer
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import FakeSlack, Person
from tests.slack.nouns import Channel
from tests.slack.sender import Sender
from tests.waiting import until


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    """One that never tries again by itself."""
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])


@pytest.fixture
def ann(slack: FakeSlack) -> Person:
    return slack.person("ann", email="ann@cust.example")


@pytest.fixture
def support(slack: FakeSlack, ann: Person) -> Channel:
    return slack.channel("support", members=[ann])


@pytest.fixture
def app(slack: FakeSlack, client: AsyncWebClient) -> AsyncApp:
    """One that listens to nothing yet."""
    return AsyncApp(client=client, signing_secret=slack.signing_secret)


class Recorder:
    """A bolt app that hears everything, acknowledges it and keeps it."""

    def __init__(self, slack: FakeSlack, client: AsyncWebClient) -> None:
        self.app = AsyncApp(
            client=client,
            signing_secret=slack.signing_secret,
            before_authorize=self._keep,
            ignoring_self_events_enabled=False,
        )
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, Any]] = []
        self.fails = 0

    @property
    def events(self) -> list[dict[str, Any]]:
        return [body["event"] for body in self.bodies if "event" in body]

    def of(self, kind: str, subtype: str | None = None) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind and event.get("subtype") == subtype]

    async def _keep(self, req: Any, resp: Any, next: Callable[[], Awaitable[Any]]) -> Any:  # noqa: A002
        self.bodies.append(req.body)
        self.headers.append(req.headers)
        if self.fails > 0:
            self.fails -= 1
            raise RuntimeError("not kept")
        return await next()


@pytest.fixture
def recorder(slack: FakeSlack, client: AsyncWebClient) -> Recorder:
    kept = Recorder(slack, client)

    @kept.app.event(re.compile(".*"))
    async def everything() -> None:
        """Acknowledged by bolt itself."""

    return kept


@asynccontextmanager
async def by_socket(slack: FakeSlack, app: AsyncApp, **options: Any) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app over Socket Mode, from its first hello on."""
    before = slack.socket.greetings
    handler = AsyncSocketModeHandler(app, slack.app_token, **options)
    await handler.connect_async()
    await until(lambda: slack.socket.greetings > before)
    try:
        yield handler
    finally:
        await handler.close_async()


@asynccontextmanager
async def by_http(slack: FakeSlack, app: AsyncApp) -> AsyncIterator[Sender]:
    """The app's HTTP side, and the fake sends there."""
    async with serving(AsyncSlackAppServer(0, "/slack/events", app).web_app) as url:
        yield slack.send_to(f"{url}/slack/events")


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def error_of(call: Awaitable[Any]) -> str:
    """Slack's word for the refusal of a call."""
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])
