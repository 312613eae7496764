"""What people do that the app must answer at once: clicks, commands, shortcuts, the home tab; and its answers."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.slack import FakeSlack, Person
from tests.slack.conftest import by_socket, error_of
from tests.slack.nouns import Channel, Message
from tests.slack.people import Act
from tests.slack.samples import CARD, FORM, OPTIONS
from tests.waiting import until


@pytest.fixture
async def card(slack: FakeSlack, client: AsyncWebClient, support: Channel) -> Message:
    await client.chat_postMessage(channel=support.id, text="a ticket", blocks=CARD)
    return slack.messages(support)[0]


# ------------------------------------------------------------------ clicks


async def test_clicks_and_choices(slack: FakeSlack, app: AsyncApp, ann: Person, card: Message) -> None:
    heard = []

    for action in ("take", "priority", "assign"):

        @app.action(action)
        async def note(ack: Any, body: dict[str, Any]) -> None:
            await ack()
            heard.append(body)

    async with by_socket(slack, app):
        assert (await ann.click(card, "take")).acknowledged
        await ann.click(card, "priority", "high")
        await ann.click(card, "assign", ann.id)
    [take, priority, assign] = [body["actions"][0] for body in heard]
    assert (take["value"], take["block_id"]) == ("t-1", "verbs")
    assert priority["selected_option"] == OPTIONS[1]
    assert assign["selected_user"] == ann.id
    assert heard[0]["container"]["message_ts"] == heard[0]["message"]["ts"] == card.ts
    assert heard[0]["user"]["id"] == ann.id


async def test_nobody_clicks_what_is_not_there_but_an_old_copy_may_be_clicked(
    slack: FakeSlack, app: AsyncApp, ann: Person, card: Message
) -> None:
    with pytest.raises(LookupError, match="close"):
        await ann.click(card, "close")
    async with by_socket(slack, app):
        button = {"type": "button", "action_id": "close", "value": "t-0"}
        act = await _in_vain(slack, ann.click_unseen(card, button))
    assert act.payload.body["actions"][0]["value"] == "t-0"


async def test_a_click_that_is_not_acknowledged_comes_once(
    slack: FakeSlack, app: AsyncApp, ann: Person, card: Message
) -> None:
    """Nobody listens, so bolt says 404 and sends no acknowledgement."""
    async with by_socket(slack, app):
        act = await _in_vain(slack, ann.click(card, "take"))
        slack.advance(600)
    assert not act.acknowledged
    assert len(act.payload.tries) == 1


# ------------------------------------------------------------------ shortcuts, home, response_url


async def test_a_shortcut_brings_the_message(slack: FakeSlack, app: AsyncApp, ann: Person, support: Channel) -> None:
    heard = []

    @app.shortcut("file_ticket")
    async def note(ack: Any, shortcut: dict[str, Any]) -> None:
        await ack()
        heard.append(shortcut)

    said = await ann.say(support, "it burns")
    async with by_socket(slack, app):
        assert (await ann.shortcut(said)).acknowledged
    assert (heard[0]["message"]["text"], heard[0]["channel"]["id"]) == ("it burns", support.id)


async def test_the_home_tab_shows_what_was_published(client: AsyncWebClient, ann: Person) -> None:
    assert await ann.open_home() is None
    home = {"type": "home", "blocks": CARD}
    published = (await client.views_publish(user_id=ann.id, view=home))["view"]
    again = await ann.open_home()
    assert again is not None
    assert again.body["blocks"] == CARD
    stale = client.views_publish(user_id=ann.id, view=home, hash="0.0")
    assert await error_of(stale) == "hash_conflict"
    await client.views_publish(user_id=ann.id, view=home, hash=published["hash"])
    assert await error_of(client.views_publish(user_id=ann.id, view=FORM)) == "invalid_arguments"


async def test_a_response_url_is_good_for_five_uses_and_thirty_minutes(
    slack: FakeSlack, ann: Person, card: Message, support: Channel
) -> None:
    urls = ann.interactions
    url = AsyncWebhookClient(urls.response_url(support, ann.user, card))
    assert (await url.send(text="for you alone")).body == "ok"
    assert ann.whispers[0].text == "for you alone"
    await url.send(text="for all", response_type="in_channel")
    await url.send(text="instead", replace_original=True)
    assert [message.text for message in slack.messages(support)] == ["instead", "for all"]
    await url.send(text="", delete_original=True)
    assert [message.text for message in slack.messages(support)] == ["for all"]
    await url.send(text="fifth")
    sixth = await url.send(text="sixth")
    assert (sixth.status_code, "used_url" in sixth.body) == (404, True)
    late = AsyncWebhookClient(urls.response_url(support, ann.user, None))
    slack.advance(30 * 60 + 1)
    assert "expired_url" in (await late.send(text="late")).body
    slack.faults.dead_response_urls = True
    dead = AsyncWebhookClient(urls.response_url(support, ann.user, None))
    assert "expired_url" in (await dead.send(text="late")).body


async def test_where_people_can_not_write(slack: FakeSlack, ann: Person, support: Channel) -> None:
    slack.workspace.messages_tab = False
    with pytest.raises(PermissionError, match="messages tab"):
        await ann.dm("hello?")
    elsewhere = slack.channel("elsewhere")
    with pytest.raises(PermissionError, match="not in"):
        await ann.say(elsewhere, "hello?")
    slack.workspace.archive(support, ann.user)
    with pytest.raises(PermissionError, match="archived"):
        await ann.say(support, "hello?")


async def _in_vain(slack: FakeSlack, click: Coroutine[Any, Any, Act]) -> Act:
    """Lets the three seconds of an act pass that nobody acknowledges."""
    acting = asyncio.ensure_future(click)
    await until(lambda: slack.payloads[-1:] and slack.payloads[-1].kind == "interactive")
    slack.advance(3)
    return await acting
