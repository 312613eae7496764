"""Forms: opened with a trigger, filled in, refused, and what the app's answer makes of them."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import FakeSlack, Person
from tests.slack.conftest import by_socket, error_of
from tests.slack.samples import CARD, FORM, TITLE
from tests.waiting import until


async def test_a_form_from_a_command_to_its_errors_and_its_end(
    slack: FakeSlack, app: AsyncApp, client: AsyncWebClient, ann: Person
) -> None:
    held = []

    @app.command("/ticket")
    async def open_form(ack: Any, command: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=FORM | {"private_metadata": command["text"]})

    @app.view("file")
    async def take_form(ack: Any, view: dict[str, Any]) -> None:
        held.append(view)
        short = len(view["state"]["values"]["about"]["summary"]["value"]) < 3
        await (ack(response_action="errors", errors={"about": "say more"}) if short else ack())

    async with by_socket(slack, app):
        await ann.command("/ticket", "printer")
        form = await until(lambda: ann.view)
        with pytest.raises(ValueError, match="about"):
            await ann.submit(form)
        assert (await ann.submit(form, {"summary": "x"})).errors == {"about": "say more"}
        assert ann.view is form
        assert (await ann.submit(form, {"summary": "it burns", "priority": "high"})).errors == {}
    assert ann.view is None
    assert held[1]["private_metadata"] == "printer"
    assert held[1]["state"]["values"]["urgency"]["priority"]["selected_option"]["value"] == "high"
    assert held[0]["state"]["values"]["urgency"]["priority"]["selected_option"]["value"] == "low"


@pytest.mark.parametrize("action", ["update", "push", "clear"])
async def test_what_an_answer_does_to_the_view(slack: FakeSlack, app: AsyncApp, ann: Person, action: str) -> None:
    client = app.client
    after = {"type": "modal", "title": TITLE, "blocks": CARD}

    @app.view("file")
    async def take_form(ack: Any) -> None:
        await ack(response_action=action, **({} if action == "clear" else {"view": after}))

    async with by_socket(slack, app):
        await client.views_open(trigger_id=_trigger(ann), view=FORM)
        form = ann.view
        assert form is not None
        await ann.submit(form, {"summary": "it burns"})
    shown = ann.view
    if action == "clear":
        assert shown is None
    else:
        assert shown is not None
        assert shown.body["blocks"] == CARD
        assert (shown.previous == form.id) is (action == "push")


async def test_a_closed_form_tells_the_app_if_it_wants_to_know(slack: FakeSlack, app: AsyncApp, ann: Person) -> None:
    closed = []

    @app.view_closed("file")
    async def note(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        closed.append(body["is_cleared"])

    async with by_socket(slack, app):
        for curious in (False, True):
            await app.client.views_open(trigger_id=_trigger(ann), view=FORM | {"notify_on_close": curious})
            assert ann.view is not None
            await ann.close(ann.view)
    assert closed == [False]
    assert ann.view is None


async def test_views_are_checked_and_their_hash_guards_them(client: AsyncWebClient, ann: Person) -> None:
    opened = (await client.views_open(trigger_id=_trigger(ann), view=FORM))["view"]
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=FORM)
    late = client.views_update(view_id=opened["id"], hash=opened["hash"], view=FORM)
    assert await error_of(late) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V404", view=FORM)) == "not_found"
    for wrong in (
        FORM | {"private_metadata": "x" * 3001},
        FORM | {"title": {"type": "plain_text", "text": "t" * 25}},
        FORM | {"submit": None},
        FORM | {"blocks": []},
        FORM | {"blocks": [{"type": "divider"}] * 101},
    ):
        assert await error_of(client.views_open(trigger_id=_trigger(ann), view=wrong)) == "invalid_arguments"
    huge = FORM | {"x": "y" * 250_000}
    assert await error_of(client.views_open(trigger_id=_trigger(ann), view=huge)) == "view_too_large"
    for _ in range(2):
        await client.views_push(trigger_id=_trigger(ann), view=FORM)
    assert await error_of(client.views_push(trigger_id=_trigger(ann), view=FORM)) == "push_limit_reached"


async def test_a_trigger_is_good_for_one_use_and_three_seconds(
    slack: FakeSlack, client: AsyncWebClient, ann: Person
) -> None:
    trigger = _trigger(ann)
    await client.views_open(trigger_id=trigger, view=FORM)
    assert await error_of(client.views_open(trigger_id=trigger, view=FORM)) == "exchanged_trigger_id"
    late = _trigger(ann)
    slack.advance(3.1)
    assert await error_of(client.views_open(trigger_id=late, view=FORM)) == "expired_trigger_id"
    assert await error_of(client.views_open(trigger_id="x", view=FORM)) == "invalid_trigger_id"
    slack.faults.stale_triggers = True
    assert await error_of(client.views_open(trigger_id=_trigger(ann), view=FORM)) == "expired_trigger_id"


def _trigger(person: Person) -> str:
    """As a click would give it."""
    return person.interactions.trigger(person.user)
