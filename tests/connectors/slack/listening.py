"""A connector that listens, with what it kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from connectors import http
from connectors.slack.connector import SlackConnector
from tests.connectors.slack.parcels import settings
from tests.fakes import RecordingKeep
from tests.slack import FakeSlack
from tests.waiting import until


@asynccontextmanager
async def by_socket(slack: FakeSlack, keep: RecordingKeep, **changes: Any) -> AsyncIterator[SlackConnector]:
    """From both its lines on."""
    connector = SlackConnector(settings(slack, **changes))
    async with _listening(connector, keep):
        await until(lambda: slack.socket.greetings >= 2)
        yield connector


@asynccontextmanager
async def by_http(slack: FakeSlack, keep: RecordingKeep, **changes: Any) -> AsyncIterator[str]:
    """The address at which it takes events, to which Slack sends them from now on."""
    connector = SlackConnector(settings(slack, mode="http", **changes))
    async with _listening(connector, keep), serving(connector) as url:
        slack.send_to(url)
        yield url


@asynccontextmanager
async def _listening(connector: SlackConnector, keep: RecordingKeep) -> AsyncIterator[None]:
    task = asyncio.create_task(connector.listen(keep))
    await connector.ready.wait()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def serving(connector: SlackConnector) -> AsyncIterator[str]:
    sock = http.bind("127.0.0.1", 0)
    task = asyncio.create_task(http.serve(http.app(lambda: None, connector.routes), sock))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/slack/events"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
