"""What the app hears, over Socket Mode and by HTTP, with slack_bolt as the app."""

from datetime import timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import HostClock, SetClock
from tests.slack import FakeSlack, Person
from tests.slack.conftest import Recorder, by_http, by_socket
from tests.slack.nouns import Channel
from tests.waiting import until


async def test_an_app_answers_a_mention_in_its_thread(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    @app.event("app_mention")
    async def answer(event: dict[str, Any], say: Any) -> None:
        await say(f"echo: {event['text']}", thread_ts=event["ts"])

    @app.event("message")
    async def others() -> None:
        """The same words again, and the app's own."""

    async with by_socket(slack, app):
        root = await ann.mention(support, "my printer burns")
        await until(lambda: len(slack.messages(support, thread=root)) == 2)
    [_, reply] = slack.messages(support, thread=root)
    assert reply.text == f"echo: <@{slack.bot_id}> my printer burns"
    assert (reply.user, reply.thread_ts) == (slack.bot_id, root.ts)


async def test_a_mention_comes_as_two_events_with_two_ids(
    slack: FakeSlack, recorder: Recorder, ann: Person, support: Channel
) -> None:
    async with by_socket(slack, recorder.app):
        said = await ann.mention(support, "hello")
        await until(lambda: len(recorder.bodies) == 2)
    assert {event["type"] for event in recorder.events} == {"message", "app_mention"}
    assert {event["ts"] for event in recorder.events} == {said.ts}
    assert len({body["event_id"] for body in recorder.bodies}) == 2


async def test_every_kind_of_message(slack: FakeSlack, recorder: Recorder, ann: Person, support: Channel) -> None:
    jenkins = slack.other_bot("jenkins")
    support.members.add(jenkins.id)
    async with by_socket(slack, recorder.app):
        root = await ann.say(support, "one")
        await ann.say(support, "two", thread=root)
        await ann.say(support, "three", thread=root, broadcast=True)
        await ann.say(support, "four", files=[("a.txt", b"a")])
        await ann.edit(root, "uno")
        slack.unfurl(root)
        await ann.dm("in private")
        await jenkins.say(support, "build failed")
        await until(lambda: len(recorder.bodies) == 8)
    plain = {event["text"]: event for event in recorder.of("message")}
    assert plain["two"]["thread_ts"] == root.ts
    assert plain["two"]["parent_user_id"] == ann.id
    assert {name: event["channel_type"] for name, event in plain.items()} == {
        "one": "channel",
        "two": "channel",
        "in private": "im",
    }
    assert recorder.of("message", "thread_broadcast")[0]["root"]["text"] == "one"
    assert recorder.of("message", "file_share")[0]["files"][0]["name"] == "a.txt"
    [edit, unfurl] = sorted(recorder.of("message", "message_changed"), key=lambda event: event["event_ts"])
    assert (edit["previous_message"]["text"], edit["message"]["text"]) == ("one", "uno")
    assert unfurl["message"]["text"] == unfurl["previous_message"]["text"]
    [bot] = recorder.of("message", "bot_message")
    assert (bot["bot_id"], "user" in bot) == (jenkins.user.bot_id, False)


async def test_deletions_are_told_and_a_root_leaves_a_tombstone(
    slack: FakeSlack, recorder: Recorder, ann: Person, support: Channel
) -> None:
    async with by_socket(slack, recorder.app):
        alone, root = await ann.say(support, "alone"), await ann.say(support, "root")
        await ann.say(support, "reply", thread=root)
        await ann.delete(alone)
        await ann.delete(root)
        await until(lambda: len(recorder.bodies) == 5)
    assert recorder.of("message", "message_deleted")[0]["deleted_ts"] == alone.ts
    [change] = recorder.of("message", "message_changed")
    assert (change["message"]["subtype"], change["previous_message"]["text"]) == ("tombstone", "root")


async def test_the_app_hears_the_echo_of_what_it_does(
    slack: FakeSlack, recorder: Recorder, client: AsyncWebClient, support: Channel
) -> None:
    async with by_socket(slack, recorder.app):
        posted = await client.chat_postMessage(channel=support.id, text="one")
        await client.chat_update(channel=support.id, ts=posted["ts"], text="two")
        await client.reactions_add(channel=support.id, timestamp=posted["ts"], name="eyes")
        await until(lambda: len(recorder.bodies) == 3)
    assert recorder.of("message")[0]["bot_id"] == slack.workspace.bot.bot_id
    assert recorder.of("message", "message_changed")[0]["message"]["text"] == "two"
    assert recorder.of("reaction_added")[0]["user"] == slack.bot_id


async def test_the_rest_of_the_events(slack: FakeSlack, recorder: Recorder, ann: Person, support: Channel) -> None:
    bob = slack.person("bob")
    async with by_socket(slack, recorder.app):
        said = await ann.say(support, "hello")
        await bob.join(support)
        await bob.react(said, "ticket")
        await ann.open_home()
        slack.workspace.rename(support, "help")
        slack.workspace.archive(support, ann.user)
        slack.workspace.uninstall()
        await until(lambda: len(recorder.bodies) == 8)
    kinds = {event["type"]: event for event in recorder.events}
    assert kinds["member_joined_channel"]["user"] == bob.id
    assert kinds["reaction_added"]["item"] == {"type": "message", "channel": support.id, "ts": said.ts}
    assert kinds["app_home_opened"]["tab"] == "home"
    assert kinds["channel_rename"]["channel"]["name"] == "help"
    assert {"channel_archive", "app_uninstalled", "tokens_revoked"} <= set(kinds)


@pytest.mark.parametrize("end", ["uninstall", "revoke"])
async def test_an_app_without_a_token_hears_of_nothing_more(slack: FakeSlack, ann: Person, end: str) -> None:
    getattr(slack.workspace, end)()
    await ann.dm("anybody?")
    assert [payload.event["type"] for payload in slack.payloads][-1] == "tokens_revoked"


async def test_only_what_was_asked_for_is_allowed_and_is_near_reaches_the_app(slack: FakeSlack, ann: Person) -> None:
    near, far = slack.channel("near", members=[ann]), slack.channel("far", members=[ann], with_app=False)
    await ann.say(far, "not heard")
    assert slack.payloads == []
    await ann.say(near, "heard")
    slack.workspace.bot_token.scopes.discard("channels:history")
    await ann.say(near, "no longer")
    assert [payload.event["text"] for payload in slack.payloads] == ["heard"]
    await ann.mention(near, "by name")
    assert [payload.event["type"] for payload in slack.payloads] == ["message", "app_mention"]
    slack.delivery.subscribed.discard("app_mention")
    await ann.mention(near, "by name")
    assert len(slack.payloads) == 2


async def test_a_shared_channel_says_whence_a_message_comes(slack: FakeSlack, ann: Person) -> None:
    zoe = slack.person("zoe", external=True)
    both = slack.channel("both", members=[ann, zoe])
    await zoe.say(both, "hello", files=[("a.txt", b"a")])
    [payload] = slack.payloads
    assert payload.body["is_ext_shared_channel"]
    assert payload.event["user_team"] == "T0AWAY"
    assert payload.event["files"] == [{"id": payload.event["files"][0]["id"], "file_access": "check_file_info"}]


# ------------------------------------------------------------------ HTTP


async def test_an_address_is_verified(slack: FakeSlack, recorder: Recorder) -> None:
    async with by_http(slack, recorder.app) as sender:
        assert await sender.verify()


async def test_signed_events_and_commands_arrive(slack: FakeSlack, recorder: Recorder, ann: Person) -> None:
    @recorder.app.command("/ticket")
    async def ticket(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"filed: {command['text']}")

    async with by_http(slack, recorder.app):
        await ann.dm("hello")
        await until(lambda: slack.payloads[0].acknowledged)
        await ann.command("/ticket", "it burns & smokes")
    assert [message.text for message in ann.whispers] == ["filed: it burns & smokes"]


@pytest.mark.parametrize("knob", [{"wrong_signature": True}, {"skew": -301.0}, {"skew": 301.0}])
async def test_wrong_and_old_signatures_are_refused_by_the_app(
    slack: FakeSlack, recorder: Recorder, ann: Person, knob: dict[str, Any]
) -> None:
    for name, value in knob.items():
        setattr(slack.faults, name, value)
    async with by_http(slack, recorder.app):
        await ann.dm("hello")
        await until(lambda: len(slack.payloads[0].tries) == 2)
    assert [one.answer.status for one in slack.payloads[0].tries] == [401, 401]
    assert recorder.bodies == []


async def test_a_failing_app_gets_the_event_four_times_with_retry_headers(
    slack: FakeSlack, recorder: Recorder, ann: Person
) -> None:
    recorder.fails = 9
    async with by_http(slack, recorder.app):
        await ann.dm("hello")
        [payload] = slack.payloads
        await until(lambda: len(payload.tries) == 2)
        slack.advance(60)
        await until(lambda: len(payload.tries) == 3)
        slack.advance(300)
        await until(lambda: len(payload.tries) == 4)
        slack.advance(3600)
    assert len({body["event_id"] for body in recorder.bodies}) == 1
    retries = [(one.get("x-slack-retry-num"), one.get("x-slack-retry-reason")) for one in recorder.headers]
    assert retries == [(None, None), *((["1"], ["http_error"]), (["2"], ["http_error"]), (["3"], ["http_error"]))]


async def test_nobody_there_is_a_failed_connection(slack: FakeSlack, ann: Person) -> None:
    slack.send_to("http://127.0.0.1:9/slack/events")
    await ann.dm("hello")
    await until(lambda: len(slack.payloads[0].tries) == 2)
    assert slack.payloads[0].tries[0].answer.reason == "connection_failed"


# ------------------------------------------------------------------ time


async def test_time_is_that_of_the_clock_and_can_be_let_pass() -> None:
    clock = SetClock(HostClock().now())
    async with FakeSlack(clock) as slack:
        before = slack.time.now()
        slack.advance(90)
        clock.instant += timedelta(seconds=10)
        assert slack.time.now() - before == timedelta(seconds=100)
        clock.instant += timedelta(seconds=60)
        with pytest.raises(TimeoutError):
            await slack.time.within(0, slack.time.after(60))
