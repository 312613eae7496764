"""Each fault, and that a real client or app feels it."""

import asyncio

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import ALWAYS, Download, FakeSlack, Person
from tests.slack.conftest import Recorder, by_http, by_socket, error_of, serving
from tests.slack.nouns import Channel
from tests.waiting import until

# ------------------------------------------------------------------ the Web API


async def test_a_limit_counts_for_its_method_and_channel_and_did_nothing(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    other = slack.channel("other", members=[ann])
    slack.faults.limit("chat.postMessage", retry_after=7, channel=support.id)
    await client.chat_postMessage(channel=other.id, text="fine")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=support.id, text="too much")
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    assert slack.messages(support) == []
    await client.chat_postMessage(channel=support.id, text="now")
    assert len(slack.calls.of("chat.postMessage", channel=support.id)) == 2


async def test_a_client_that_retries_gets_through_a_limit(slack: FakeSlack, support: Channel) -> None:
    patient = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    patient.retry_handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
    slack.faults.limit("chat.postMessage", retry_after=0)
    assert (await patient.chat_postMessage(channel=support.id, text="x"))["ok"]
    assert [call.status for call in slack.calls] == [429, 200]


async def test_posts_faster_than_the_pace_are_limited(
    slack: FakeSlack, client: AsyncWebClient, support: Channel
) -> None:
    slack.faults.pace = 1.0
    await client.chat_postMessage(channel=support.id, text="one")
    assert await error_of(client.chat_postMessage(channel=support.id, text="two")) == "ratelimited"
    slack.advance(1)
    await client.chat_postMessage(channel=support.id, text="two")


async def test_failures_of_the_server_and_refusals_of_any_kind(
    slack: FakeSlack, client: AsyncWebClient, support: Channel
) -> None:
    slack.faults.status("chat.postMessage", 503)
    with pytest.raises(SlackApiError) as failed:
        await client.chat_postMessage(channel=support.id, text="x")
    assert failed.value.response.status_code == 503
    slack.faults.refuse("chat.update", "edit_window_closed")
    assert await error_of(client.chat_update(channel=support.id, ts="1.1", text="x")) == "edit_window_closed"
    slack.faults.refuse("*", "fatal_error", times=2)
    assert await error_of(client.auth_test()) == "fatal_error"
    assert await error_of(client.api_test()) == "fatal_error"
    await client.auth_test()
    slack.faults.refuse("auth.test", "invalid_auth", times=ALWAYS)
    slack.faults.clear()
    await client.auth_test()


async def test_a_post_may_be_taken_though_no_answer_comes(
    slack: FakeSlack, client: AsyncWebClient, support: Channel
) -> None:
    slack.faults.cut("chat.postMessage", done=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=support.id, text="doubtful")
    assert [message.text for message in slack.messages(support)] == ["doubtful"]
    slack.faults.cut("chat.postMessage", done=False)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=support.id, text="lost")
    assert len(slack.messages(support)) == 1


async def test_the_usual_client_posts_twice_when_the_answer_is_lost(slack: FakeSlack, support: Channel) -> None:
    """What connectors have to know: its handlers try again by themselves."""
    slack.faults.cut("chat.postMessage", done=True)
    usual = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    await usual.chat_postMessage(channel=support.id, text="twice")
    assert [message.text for message in slack.messages(support)] == ["twice", "twice"]


@pytest.mark.parametrize("done", [True, False])
async def test_a_post_may_hang(slack: FakeSlack, support: Channel, done: bool) -> None:
    hasty = AsyncWebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])
    slack.faults.hang("chat.postMessage", done=done)
    post = asyncio.ensure_future(hasty.chat_postMessage(channel=support.id, text="x"))
    await until(lambda: len(slack.calls) == 1)
    await until(lambda: len(slack.messages(support)) == done)
    post.cancel()
    with pytest.raises(asyncio.CancelledError):
        await post


async def test_auth_fails_while_events_flow(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    """Bolt says 200 to such an event: what it was told before authorizing is all that is left of it."""
    slack.faults.refuse("auth.test", "fatal_error", times=ALWAYS)
    async with by_http(slack, recorder.app):
        await ann.dm("hello")
        await until(lambda: bool(slack.payloads[0].tries))
    assert slack.payloads[0].acknowledged
    assert len(recorder.bodies) == 1


async def test_history_of_an_app_that_is_sold_is_short(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    slack.faults.strict_history = True
    for number in range(20):
        await ann.say(support, str(number))
    read = await client.conversations_history(channel=support.id, limit=100)
    assert (len(read["messages"]), read["has_more"]) == (15, True)


async def test_every_call_is_recorded_with_its_time(slack: FakeSlack, client: AsyncWebClient, support: Channel) -> None:
    await client.chat_postMessage(channel=support.id, text="one")
    slack.advance(60)
    assert await error_of(client.chat_postMessage(channel="C404", text="two")) == "channel_not_found"
    [first, second] = slack.calls.of("chat.postMessage")
    assert (first.ok, first.args["text"], second.error) == (True, "one", "channel_not_found")
    assert (second.at - first.at).total_seconds() >= 60


# ------------------------------------------------------------------ files


@pytest.mark.parametrize("fault", Download)
async def test_files_come_as_what_they_are_not(slack: FakeSlack, ann: Person, fault: Download) -> None:
    said = await ann.dm("look", files=[("a.png", b"\x89PNG")])
    slack.faults.download = fault
    token = {"Authorization": f"Bearer {slack.bot_token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(said.files[0]["url_private"], headers=token, allow_redirects=False) as response,
    ):
        if fault is Download.LOGIN_PAGE:
            assert (response.status, response.content_type) == (200, "text/html")
        elif fault is Download.REDIRECT:
            assert (response.status, "attacker" in response.headers["Location"]) == (302, True)
        else:
            await response.content.readexactly(10_000_000 if fault is Download.HUGE else 3)
            assert not response.content.at_eof()


# ------------------------------------------------------------------ events


async def test_an_event_comes_twice_with_one_id_or_with_two(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    slack.faults.twice = slack.faults.new_ids = True
    async with by_socket(slack, recorder.app):
        await ann.dm("hello")
        await until(lambda: len(recorder.bodies) == 3)
    assert len({body["event_id"] for body in recorder.bodies}) == 2
    assert len({event["ts"] for event in recorder.events}) == 1


async def test_one_gesture_may_be_stored_twice(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    slack.faults.double_gesture = True
    async with by_socket(slack, recorder.app):
        await ann.dm("hello")
        await until(lambda: len(recorder.bodies) == 2)
    assert len({event["client_msg_id"] for event in recorder.events}) == 1
    assert len({event["ts"] for event in recorder.events}) == 2


async def test_an_edit_may_come_before_the_original(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    slack.faults.holding = True
    async with by_socket(slack, recorder.app):
        said = await ann.dm("one")
        await ann.edit(said, "two")
        assert slack.payloads == []
        slack.release(backwards=True)
        await until(lambda: len(recorder.bodies) == 2)
    assert [event.get("subtype") for event in recorder.events] == ["message_changed", None]


async def test_a_lost_acknowledgement_brings_the_event_again(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    slack.faults.unheard = 1
    async with by_socket(slack, recorder.app):
        await ann.dm("hello")
        await until(lambda: len(slack.payloads[0].tries) == 2)
    assert slack.payloads[0].acknowledged
    assert recorder.headers[1]["x-slack-retry-num"] == ["1"]


async def test_silence_for_three_seconds_brings_the_event_again(
    slack: FakeSlack, recorder: Recorder, ann: Person
) -> None:
    recorder.fails = 1
    async with by_socket(slack, recorder.app):
        await ann.dm("hello")
        await until(lambda: len(recorder.bodies) == 1)
        slack.advance(3)
        await until(lambda: slack.payloads[0].acknowledged)
    assert recorder.headers[1]["x-slack-retry-reason"] == ["timeout"]
    assert [one.answer.reason for one in slack.payloads[0].tries] == ["http_timeout", ""]


async def test_an_app_can_refuse_the_tries_that_would_follow(slack: FakeSlack, ann: Person) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    app = web.Application()
    app.router.add_post("/", refuse)
    async with serving(app) as url:
        slack.send_to(f"{url}/")
        await ann.dm("hello")
        await until(lambda: bool(slack.payloads[0].tries))
        slack.advance(3600)
    assert [one.answer.stop for one in slack.payloads[0].tries] == [True]


async def test_the_app_is_thrown_out_in_the_middle(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    root = await ann.say(support, "hello")
    slack.workspace.leave(support, slack.workspace.bot)
    assert await error_of(client.chat_postMessage(channel=support.id, text="x", thread_ts=root.ts)) == "not_in_channel"
    assert await error_of(client.conversations_replies(channel=support.id, ts=root.ts)) == "not_in_channel"
    await ann.say(support, "anybody?")
    assert [payload.event["text"] for payload in slack.payloads] == ["hello"]
