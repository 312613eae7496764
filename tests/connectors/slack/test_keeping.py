"""Nothing is acknowledged that was not kept, by Socket Mode and by HTTP."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

import pytest
from aiohttp import ClientSession

from bot.store import StoreBusy
from connectors.slack import keeping
from connectors.slack.connector import SlackConnector
from tests.connectors.slack.listening import by_http, by_socket, serving
from tests.connectors.slack.parcels import settings
from tests.fakes import RecordingKeep
from tests.slack import FakeSlack, Person
from tests.slack.nouns import Channel
from tests.waiting import until


@pytest.fixture(params=["socket", "http"])
def listening(request: pytest.FixtureRequest, slack: FakeSlack) -> Any:
    """`listening(keep)`: a connector that does so."""
    way = {"socket": by_socket, "http": by_http}[request.param]

    def begin(keep: RecordingKeep) -> AbstractAsyncContextManager[Any]:
        return way(slack, keep)

    return begin


def all_acknowledged(slack: FakeSlack) -> bool:
    return bool(slack.payloads) and all(one.acknowledged for one in slack.payloads)


async def test_an_event_is_kept_whole_with_what_only_we_know(
    listening: Any, slack: FakeSlack, ann: Person, support: Channel
) -> None:
    keep = RecordingKeep()
    async with listening(keep):
        await ann.say(support, "Hello & <@U1> \N{SNOWMAN}")
        await until(lambda: all_acknowledged(slack))
    (arrival,) = keep.arrivals
    (payload,) = slack.payloads
    assert json.loads(arrival.raw) == payload.body
    assert arrival.transport_key == f"T0HOME/{payload.body['event_id']}"
    assert arrival.envelope == {"bot": slack.bot_id, "from": f"T0HOME/{ann.id}", "name": "ann"}


async def test_what_was_not_kept_is_not_acknowledged_and_kept_when_it_comes_again(
    slack: FakeSlack, ann: Person, support: Channel
) -> None:
    keep = RecordingKeep(StoreBusy("locked"))
    async with by_socket(slack, keep):
        await ann.say(support, "Hello")
        await until(lambda: not keep.fails)
        slack.advance(3.1)
        await until(lambda: all_acknowledged(slack))
    assert len(keep.arrivals) == 1
    assert [one.answer.reason for one in slack.payloads[0].tries] == ["http_timeout", ""]


async def test_by_http_slack_is_told_at_once_that_something_was_not_kept(
    slack: FakeSlack, ann: Person, support: Channel
) -> None:
    keep = RecordingKeep(StoreBusy("locked"))
    async with by_http(slack, keep):
        await ann.say(support, "Hello")
        await until(lambda: all_acknowledged(slack))
    assert len(keep.arrivals) == 1
    assert [one.answer.status for one in slack.payloads[0].tries] == [500, 200]


async def test_a_database_that_hangs_is_not_waited_for_so_that_the_event_comes_again(
    listening: Any, slack: FakeSlack, ann: Person, support: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SECONDS", 0.05)
    keep, hanging = RecordingKeep(), asyncio.Event()
    keep.open = hanging
    async with listening(keep):
        await ann.say(support, "Hello")
        try:
            await until(lambda: keep.waiting == 1)
            await until(lambda: keep.waiting == 0)
        finally:
            hanging.set()
        assert not any(one.answer.status == 200 for one in slack.payloads[0].tries)


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_desk_that_ends_keeps_first_what_is_on_its_way_in(
    slack: FakeSlack, ann: Person, support: Channel, mode: Literal["socket", "http"]
) -> None:
    keep, connector = RecordingKeep(), SlackConnector(settings(slack, mode=mode))
    keep.open.clear()
    listening = asyncio.create_task(connector.listen(keep))
    async with serving(connector) as url:
        if mode == "http":
            slack.send_to(url)
        await ann.say(support, "Hello")
        await until(lambda: keep.waiting == 1)
        listening.cancel()
        ended, _ = await asyncio.wait([listening], timeout=0.1)
        assert not ended
        keep.open.set()
        await asyncio.wait([listening])
        await until(lambda: all_acknowledged(slack))
    assert len(keep.arrivals) == 1


async def test_the_echo_of_our_own_posts_is_not_kept(
    listening: Any, slack: FakeSlack, ann: Person, support: Channel
) -> None:
    keep = RecordingKeep()
    async with listening(keep):
        await until(lambda: slack.calls.of("auth.test"))
        ours = slack.workspace.post(support, slack.workspace.bot, "Ours")
        slack.workspace.change(ours, slack.workspace.bot, text="Still ours")
        slack.workspace.delete(ours)
        await ann.say(support, "Hello")
        await until(lambda: len(slack.payloads) == 4 and all_acknowledged(slack))
    assert [json.loads(one.raw)["event"]["text"] for one in keep.arrivals] == ["Hello"]


async def test_events_flow_also_when_slack_does_not_say_who_we_are(
    listening: Any, slack: FakeSlack, ann: Person, support: Channel
) -> None:
    slack.faults.refuse("auth.test", "internal_error", times=100)
    slack.faults.refuse("users.info", "internal_error", times=100)
    keep = RecordingKeep()
    async with listening(keep):
        slack.workspace.post(support, slack.workspace.bot, "Ours")
        await ann.say(support, "Hello")
        await until(lambda: len(slack.payloads) == 2 and all_acknowledged(slack))
    (arrival,) = keep.arrivals
    assert arrival.envelope == {"bot": slack.bot_id, "from": f"T0HOME/{ann.id}", "name": ""}


async def test_every_kind_of_event_is_kept_and_acknowledged(
    listening: Any, slack: FakeSlack, ann: Person, support: Channel
) -> None:
    keep = RecordingKeep()
    async with listening(keep):
        said = await ann.mention(support, "Hello")
        await ann.edit(said, "Goodbye")
        await ann.react(said, "ticket")
        await ann.open_home()
        await ann.delete(said)
        slack.publish({"type": "app_uninstalled"})
        await until(lambda: len(slack.payloads) == 7 and all_acknowledged(slack))
    assert len(keep.arrivals) == 7


# ------------------------------------------------------------------ HTTP


async def test_slack_finds_the_address_good(slack: FakeSlack) -> None:
    async with by_http(slack, RecordingKeep()) as url:
        assert await slack.send_to(url).verify()


async def test_a_wrong_signature_and_an_old_one_keep_nothing(slack: FakeSlack, ann: Person, support: Channel) -> None:
    keep = RecordingKeep()
    async with by_http(slack, keep):
        slack.faults.wrong_signature = True
        await ann.say(support, "Forged")
        await until(lambda: slack.payloads[0].tries)
        slack.faults.wrong_signature, slack.faults.skew = False, -301
        await ann.say(support, "Replayed")
        await until(lambda: slack.payloads[1].tries)
    assert {one.tries[0].answer.status for one in slack.payloads} == {401}
    assert keep.arrivals == []


@pytest.mark.parametrize("body", [b"\xff", b"{", b"[" * 100_000, b'{"type":"event_callback"}', b"x" * 1_000_001])
async def test_what_is_no_request_of_slacks_is_refused(slack: FakeSlack, body: bytes) -> None:
    keep = RecordingKeep()
    async with by_http(slack, keep) as url, ClientSession() as session:
        async with session.post(url, data=body, headers={"content-type": "application/json"}) as answer:
            assert answer.status in (400, 401)
        async with session.get(url) as answer:
            assert answer.status == 405
    assert keep.arrivals == []


async def test_hundreds_at_once_are_all_taken(slack: FakeSlack, ann: Person, support: Channel) -> None:
    keep = RecordingKeep()
    async with by_http(slack, keep):
        slack.faults.holding = True
        for number in range(300):
            await ann.say(support, f"Hello {number}")
        slack.release()
        await until(lambda: len(slack.payloads) == 300 and all(one.tries for one in slack.payloads), 30)
        assert all(one.acknowledged and len(one.tries) == 1 for one in slack.payloads)
    assert len(keep.arrivals) == 300


async def test_before_it_listens_nothing_is_acknowledged(slack: FakeSlack, ann: Person, support: Channel) -> None:
    async with serving(SlackConnector(settings(slack, mode="http"))) as url:
        slack.send_to(url)
        await ann.say(support, "Hello")
        await until(lambda: slack.payloads[0].tries)
    assert slack.payloads[0].tries[0].answer.status == 500
