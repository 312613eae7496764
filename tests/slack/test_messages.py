"""Messages through the Web API: posted, changed, read back, and what is too much of them."""

import pytest
from slack_sdk.models.blocks import (
    ContextActionsBlock,
    FeedbackButtonsElement,
    HeaderBlock,
    MarkdownBlock,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import FeedbackButtonObject
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import FakeSlack, Person
from tests.slack.conftest import error_of
from tests.slack.nouns import Channel, Json


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "plain_text", "text": text}}


async def test_metadata_is_read_back_from_the_thread_only_when_asked_for(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    root = await ann.say(support, "hello")
    metadata = {"event_type": "delivery", "event_payload": {"id": "d-1"}}
    posted = await client.chat_postMessage(channel=support.id, text="hi", thread_ts=root.ts, metadata=metadata)
    read = await client.conversations_replies(channel=support.id, ts=root.ts, include_all_metadata=True)
    assert [message["ts"] for message in read["messages"]] == [root.ts, posted["ts"]]
    assert read["messages"][1]["metadata"] == metadata
    assert read["messages"][0]["reply_count"] == 1
    assert [message.ts for message in slack.delivered(id="d-1")] == [posted["ts"]]
    plain = await client.conversations_replies(channel=support.id, ts=root.ts)
    assert "metadata" not in plain["messages"][1]


async def test_pages_follow_one_another(client: AsyncWebClient, ann: Person, support: Channel) -> None:
    root = await ann.say(support, "0")
    for number in range(1, 5):
        await ann.say(support, str(number), thread=root)
    said = []
    async for page in await client.conversations_replies(channel=support.id, ts=root.ts, limit=2):
        said += [message["text"] for message in page["messages"]]
    assert said == ["0", "1", "2", "3", "4"]
    newest = await client.conversations_history(channel=support.id)
    assert [message["text"] for message in newest["messages"]] == ["0"]


async def test_ts_are_unique_and_rise_even_when_time_stands_still(slack: FakeSlack, ann: Person) -> None:
    channel = slack.channel("busy", members=[ann])
    slack.advance(-3600)
    messages = [await ann.say(channel, "x") for _ in range(3)]
    slack.advance(-3600)
    messages += [await ann.say(channel, "x") for _ in range(3)]
    stamps = [message.ts for message in messages]
    assert stamps == sorted(set(stamps))


async def test_a_new_text_alone_takes_the_blocks_away(
    client: AsyncWebClient, slack: FakeSlack, support: Channel
) -> None:
    posted = await client.chat_postMessage(channel=support.id, text="one", blocks=[section("one")])
    await client.chat_update(channel=support.id, ts=posted["ts"], text="two", blocks=[section("two")])
    assert slack.messages(support)[0].edited == {}
    await client.chat_update(channel=support.id, ts=posted["ts"], text="three")
    [message] = slack.messages(support)
    assert (message.text, message.blocks, bool(message.edited)) == ("three", [], True)


async def test_only_its_own_messages_are_the_apps_to_change(
    client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    hers = await ann.say(support, "mine")
    assert await error_of(client.chat_update(channel=support.id, ts=hers.ts, text="no")) == "cant_update_message"
    assert await error_of(client.chat_delete(channel=support.id, ts=hers.ts)) == "cant_delete_message"
    assert await error_of(client.chat_update(channel=support.id, ts="1.000001", text="no")) == "message_not_found"


async def test_where_a_post_is_refused(slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel) -> None:
    async def post(channel: str, **more: str) -> str:
        return await error_of(client.chat_postMessage(channel=channel, text="x", **more))

    private = slack.channel("secret", members=[ann], private=True, with_app=False)
    outside = slack.channel("outside", members=[ann], with_app=False)
    assert await post("C404") == "channel_not_found"
    assert await post(private.id) == "channel_not_found"
    assert await post(outside.id) == "not_in_channel"
    assert await post(support.id, thread_ts="1.000001") == "thread_not_found"
    slack.workspace.archive(support, ann.user)
    assert await post(support.id) == "is_archived"
    slack.workspace.messages_tab = False
    assert await post(ann.id) == "messages_tab_disabled"


async def test_an_ephemeral_message_is_for_one_and_can_not_be_changed(
    slack: FakeSlack, client: AsyncWebClient, ann: Person, support: Channel
) -> None:
    told = await client.chat_postEphemeral(channel=support.id, user=ann.id, text="psst")
    assert [whisper.text for whisper in ann.whispers] == ["psst"]
    assert slack.messages(support) == []
    ts = told["message_ts"]
    assert await error_of(client.chat_update(channel=support.id, ts=ts, text="no")) == "message_not_found"
    stranger = slack.person("zoe")
    refused = client.chat_postEphemeral(channel=support.id, user=stranger.id, text="psst")
    assert await error_of(refused) == "user_not_in_channel"


# ------------------------------------------------------------------ limits


async def test_good_blocks_pass(client: AsyncWebClient, support: Channel) -> None:
    yes, no = (FeedbackButtonObject(text=name, value=name) for name in ("yes", "no"))
    feedback = FeedbackButtonsElement(action_id="helped", positive_button=yes, negative_button=no)
    blocks = [
        HeaderBlock(text="h" * 150),
        SectionBlock(text="s" * 3000),
        MarkdownBlock(text="**m**"),
        ContextActionsBlock(elements=[feedback]),
    ]
    assert (await client.chat_postMessage(channel=support.id, text="x", blocks=blocks))["ok"]


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([section("s" * 3001)], "invalid_blocks"),
        ([section("")], "invalid_blocks"),
        ([section("x")] * 51, "invalid_blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "h" * 151}}], "invalid_blocks"),
        ([{"type": "marquee"}], "invalid_blocks"),
        ([section("x") | {"colour": "red"}], "invalid_blocks"),
        ([section("x") | {"block_id": "b"}, section("y") | {"block_id": "b"}], "invalid_blocks"),
        ([{"type": "actions", "elements": []}], "invalid_blocks"),
        ([{"type": "markdown", "text": "m" * 12_001}], "invalid_blocks"),
        ([{"type": "markdown", "text": "m" * 6_001}] * 2, "msg_blocks_too_long"),
        ([section("s" * 2_700)] * 5, "msg_blocks_too_long"),
        ("no blocks", "invalid_blocks_format"),
    ],
)
async def test_blocks_beyond_the_limits_are_refused(
    client: AsyncWebClient, support: Channel, blocks: list[Json], error: str
) -> None:
    assert await error_of(client.chat_postMessage(channel=support.id, text="x", blocks=blocks)) == error


async def test_texts_beyond_the_limits(slack: FakeSlack, client: AsyncWebClient, support: Channel) -> None:
    posted = await client.chat_postMessage(channel=support.id, text="x" * 40_001)
    assert len(slack.messages(support)[0].text) == 40_000
    too_long = client.chat_update(channel=support.id, ts=posted["ts"], text="x" * 4_001)
    assert await error_of(too_long) == "msg_too_long"
    assert await error_of(client.api_call("chat.postMessage", json={"channel": support.id})) == "no_text"
    big = {"event_type": "delivery", "event_payload": {"x": "y" * 9_000}}
    assert await error_of(client.chat_postMessage(channel=support.id, text="x", metadata=big)) == "metadata_too_large"
    nameless = client.chat_postMessage(channel=support.id, text="x", metadata={"event_payload": {}})
    assert await error_of(nameless) == "invalid_metadata_format"
