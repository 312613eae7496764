"""Lines to Slack break, and come back without losing an event."""

import pytest

from connectors.slack import line
from tests.connectors.slack.listening import by_socket
from tests.fakes import RecordingKeep
from tests.slack import FakeSlack, Person
from tests.slack.nouns import Channel
from tests.waiting import until


def acknowledged(slack: FakeSlack, number: int) -> bool:
    return len(slack.payloads) == number and all(one.acknowledged for one in slack.payloads)


async def test_there_are_two_lines_and_both_are_used(slack: FakeSlack, ann: Person, support: Channel) -> None:
    keep = RecordingKeep()
    async with by_socket(slack, keep):
        assert len(slack.socket.connections) == 2
        for number in range(4):
            await ann.say(support, f"Hello {number}")
        await until(lambda: acknowledged(slack, 4))
    assert len(keep.arrivals) == 4
    await until(lambda: not slack.socket.connections)


async def test_a_refresh_under_load_loses_nothing(slack: FakeSlack, ann: Person, support: Channel) -> None:
    keep = RecordingKeep()
    async with by_socket(slack, keep):
        for number in range(30):
            await ann.say(support, f"Hello {number}")
            if number == 10:
                await slack.socket.disconnect()
        await until(lambda: slack.socket.greetings >= 4)
        slack.advance(3.1)
        await until(lambda: acknowledged(slack, 30))
    assert len(keep.arrivals) == 30


async def test_a_line_that_is_cut_comes_back(
    slack: FakeSlack, ann: Person, support: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "PING", 0.05)
    keep = RecordingKeep()
    async with by_socket(slack, keep):
        await slack.socket.close()
        await until(lambda: slack.socket.greetings >= 4)
        await ann.say(support, "Hello")
        await until(lambda: acknowledged(slack, 1))
    assert len(keep.arrivals) == 1


async def test_a_line_that_is_dead_without_a_word_is_noticed(
    slack: FakeSlack, ann: Person, support: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "PING", 0.05)
    keep = RecordingKeep()
    async with by_socket(slack, keep):
        slack.socket.freeze()
        await until(lambda: slack.socket.greetings >= 4, 20)
        await ann.say(support, "Hello")
        slack.advance(3.1)
        await until(lambda: len(keep.arrivals) == 1)


async def test_a_slack_that_gives_no_line_is_asked_again(
    slack: FakeSlack, ann: Person, support: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "PING", 0.05)
    slack.faults.refuse("apps.connections.open", "internal_error", times=3)
    keep = RecordingKeep()
    async with by_socket(slack, keep):
        await ann.say(support, "Hello")
        await until(lambda: acknowledged(slack, 1))


async def test_an_address_that_is_not_good_any_more_is_not_tried_for_ever(
    slack: FakeSlack, ann: Person, support: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "PING", 0.05)
    monkeypatch.setattr(line, "CONNECT", 0.2)
    stale = {"ok": True, "url": f"{slack.socket_url}?ticket=used"}
    slack.faults.refuse("apps.connections.open", "", times=2, **stale)
    async with by_socket(slack, RecordingKeep()):
        await ann.say(support, "Hello")
        await until(lambda: acknowledged(slack, 1))


async def test_the_settings_may_say_where_the_line_goes(slack: FakeSlack, ann: Person, support: Channel) -> None:
    async with by_socket(slack, RecordingKeep(), socket_url=slack.socket_url, app_token=""):
        await ann.say(support, "Hello")
        await until(lambda: acknowledged(slack, 1))
    assert not slack.calls.of("apps.connections.open")
