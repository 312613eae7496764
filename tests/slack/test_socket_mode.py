"""The WebSockets: several at once, their ends in all ways, and what lies in between."""

import pytest
from aiohttp import ClientSession
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import FakeSlack, Person
from tests.slack.conftest import Recorder, by_socket, error_of
from tests.waiting import until


async def test_payloads_are_spread_over_the_connections(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    async with by_socket(slack, recorder.app) as one, by_socket(slack, recorder.app) as two:
        heard = {one: 0, two: 0}
        for handler in heard:
            handler.client.on_message_listeners.append(_counting(heard, handler))
        for number in range(6):
            await ann.dm(str(number))
        await until(lambda: all(payload.acknowledged for payload in slack.payloads))
    assert heard == {one: 3, two: 3}
    assert len({ack["envelope_id"] for ack in slack.socket.acks}) == 6


async def test_an_address_without_a_ticket_does_and_a_wrong_ticket_does_not(
    slack: FakeSlack, recorder: Recorder, ann: Person
) -> None:
    handler = AsyncSocketModeHandler(recorder.app, "xapp-any")
    handler.client.wss_uri = slack.socket_url
    await handler.client.connect()
    await ann.dm("hello")
    await until(lambda: bool(recorder.bodies))
    await handler.close_async()
    async with ClientSession() as session, session.get(f"{slack.url}/link/?ticket=stolen") as response:
        assert response.status == 401


async def test_a_refresh_loses_nothing(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    async with by_socket(slack, recorder.app):
        for number in range(30):
            await ann.dm(str(number))
            if number % 10 == 5:
                await slack.socket.disconnect("refresh_requested")
        await until(lambda: slack.socket.greetings >= 2)
        await until(lambda: {event["text"] for event in recorder.events} == {str(n) for n in range(30)})
        await until(lambda: len(slack.socket.connections) == 1)


async def test_a_warning_leaves_the_connection_open(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    """slack_sdk looks for a new one at once, whatever the reason."""
    async with by_socket(slack, recorder.app):
        await slack.socket.disconnect("warning")
        await until(lambda: slack.socket.greetings == 2)
        await ann.dm("hello")
        await until(lambda: bool(recorder.bodies))


async def test_a_dead_connection_is_found_by_its_pings(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    async with by_socket(slack, recorder.app, ping_interval=0.1):
        slack.socket.freeze()
        await ann.dm("into nothing")
        await until(lambda: slack.socket.greetings == 2)
        slack.advance(3)
        await until(lambda: slack.payloads[0].acknowledged)
    assert [event["text"] for event in recorder.events] == ["into nothing"]


async def test_the_link_may_be_disabled(slack: FakeSlack, recorder: Recorder) -> None:
    socket = AsyncWebClient(slack.app_token, base_url=slack.base_url, retry_handlers=[])
    await socket.apps_connections_open(app_token=slack.app_token)
    await slack.socket.disconnect("link_disabled")
    assert await error_of(socket.apps_connections_open(app_token=slack.app_token)) == "access_denied"


async def test_an_eleventh_connection_is_sent_away(slack: FakeSlack, client: AsyncWebClient) -> None:
    async with ClientSession() as session:
        sockets = [await session.ws_connect(slack.socket_url) for _ in range(11)]
        words = [await socket.receive_json() for socket in sockets]
        for socket in sockets:
            await socket.close()
    assert [one["type"] for one in words[:10]] == ["hello"] * 10
    assert [one["num_connections"] for one in words[:10]] == list(range(1, 11))
    assert (words[10]["type"], words[10]["reason"]) == ("disconnect", "too_many_websockets")


async def test_an_event_waits_for_a_connection(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    await ann.dm("is anybody there?")
    async with by_socket(slack, recorder.app):
        await until(lambda: slack.payloads[0].acknowledged)
    assert len(slack.payloads[0].tries) == 1


@pytest.mark.parametrize("kind", ["bot", "none"])
async def test_a_connection_wants_the_apps_own_token(slack: FakeSlack, client: AsyncWebClient, kind: str) -> None:
    token, error = {"bot": (slack.bot_token, "not_allowed_token_type"), "none": ("xapp-0", "invalid_auth")}[kind]
    assert await error_of(client.apps_connections_open(app_token=token)) == error


def _counting(heard: dict[AsyncSocketModeHandler, int], handler: AsyncSocketModeHandler) -> object:
    async def count(message: object) -> None:
        heard[handler] += "envelope_id" in str(getattr(message, "data", ""))

    return count
