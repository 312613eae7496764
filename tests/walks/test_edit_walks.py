"""What an author changes or deletes afterwards, on a channel that tells us of it: on both databases."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.ids import new_id
from bot.intake import Intake
from bot.model import Arrival, ConversationState, Edit, Identity, Inbound, Kind, Meaning, Verdict
from tests.waiting import until
from tests.walks.desk import Story, story
from tests.walks.test_mail_walks import DEED

ANN = Identity("chat", "ann")


@dataclass(frozen=True)
class Chat:
    """Reads lines of JSON as a chat would tell of them."""

    isolated: bool = False

    def __call__(self, arrival: Arrival) -> Meaning:
        said = json.loads(arrival.raw)
        author = Identity("chat", said["who"])
        if said["what"] == "edit":
            return Edit(author, said["key"], said["text"])
        address = {"to": {"name": author.value, "address": f"{author.value}@example.org"}}
        return Inbound(
            Kind.MESSAGE,
            author,
            text=said["text"],
            reply=said["text"],
            key=said["key"],
            place=said["place"],
            content_key=said["key"],
            address=address,
            verdict=Verdict.VERIFIED,
        )

    def salvage(self, arrival: Arrival, reason: str) -> Inbound:
        return Inbound(Kind.MESSAGE, None, problems=(reason,), partly=True)


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Story]:
    async with story(database_url, tmp_path, reader=Chat()) as told:
        yield told


async def tell(desk: Story, what: str, key: str, text: str | None, *, who: str = "ann", place: str = "room") -> Arrival:
    line = {"what": what, "key": key, "text": text, "who": who, "place": place}
    arrival = Arrival(new_id(), "smtp", str(new_id()), json.dumps(line).encode(), {})
    await Intake(desk.store).keep([arrival])
    await desk.quiet()
    return arrival


async def test_a_change_is_seen_here_too_and_answers_nothing_again(desk: Story) -> None:
    await tell(desk, "say", "1", DEED)
    await tell(desk, "edit", "1", "Please change my address.")
    conversation = await desk.conversation()
    assert conversation.messages[0].text == "Please change my address."
    assert len(desk.relay.mails) == 1


async def test_a_deletion_reaches_down_to_the_raw(desk: Story) -> None:
    said = await tell(desk, "say", "1", DEED)
    await tell(desk, "edit", "1", None)
    (message, *_) = (await desk.conversation()).messages
    assert message.text == ""
    assert message.problems == ("its author has deleted it",)
    kept = await desk.store.read(lambda look: look.arrivals.get(said.id))
    assert kept.raw == b""


@pytest.mark.parametrize("text", ["Please change my address.", None])
async def test_an_edit_that_comes_first_waits_for_its_message(desk: Story, text: str | None) -> None:
    await tell(desk, "edit", "1", text)
    assert await desk.conversations() == []
    await tell(desk, "say", "1", DEED)
    (message, *rest) = (await desk.conversation()).messages
    assert message.text == (text or "")
    assert len(rest) == (0 if text is None else 1), "what was deleted is answered to nobody"


async def test_a_deletion_is_not_taken_back_by_an_older_change(desk: Story) -> None:
    await tell(desk, "edit", "1", None)
    await tell(desk, "edit", "1", "Please change my address.")
    await tell(desk, "say", "1", DEED)
    assert (await desk.conversation()).messages[0].text == ""


async def test_one_place_is_one_conversation_and_others_there_start_nothing(desk: Story) -> None:
    await tell(desk, "say", "1", DEED)
    await tell(desk, "say", "2", "It is number 7.")
    await tell(desk, "say", "3", "I had the same last week.", who="carl")
    await tell(desk, "say", "4", DEED, who="carl", place="another room")
    first, second = await desk.conversations()
    assert [m.author_name for m in first.messages if m.author_name] == ["ann", "ann", "carl"]
    assert first.state is ConversationState.BOT
    assert len(await desk.actions(first.id)) == 2
    assert second.customer.value == "carl"
    await until(lambda: len(desk.relay.mails) == 2)
