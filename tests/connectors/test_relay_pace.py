"""Turns at a relay: evenly spaced, in order, kept for who was promised them."""

from uuid import UUID

import pytest

from bot.connector import NotYet
from connectors.relay import Relay, RelayAddress
from connectors.relay_pace import Pace
from tests.connectors.parcels import parcel, ready, render
from tests.fakes import FakeRelay


class Seconds:
    """Stand still until they are moved."""

    def __init__(self) -> None:
        self.passed = 100.0

    def __call__(self) -> float:
        return self.passed


def _parcels(number: int) -> list[UUID]:
    return [UUID(int=one) for one in range(number)]


def test_turns_are_spaced_evenly_and_given_in_order() -> None:
    pace = Pace(30, Seconds())
    assert [pace.wait(one) for one in _parcels(4)] == [0, 2, 4, 6]


def test_a_promised_turn_is_kept_however_often_it_is_asked_for() -> None:
    seconds = Seconds()
    pace, (first, second, third) = Pace(30, seconds), _parcels(3)
    assert [pace.wait(first), pace.wait(second), pace.wait(second)] == [0, 2, 2]
    seconds.passed += 1.5
    assert [pace.wait(third), pace.wait(second)] == [2.5, 0.5]
    seconds.passed += 3
    assert [pace.wait(third), pace.wait(second)] == [0, 0]


def test_a_used_turn_is_gone() -> None:
    pace, (one, _) = Pace(30, Seconds()), _parcels(2)
    assert [pace.wait(one), pace.wait(one)] == [0, 2]


def test_a_quiet_hour_saves_up_no_turns() -> None:
    seconds = Seconds()
    pace = Pace(60, seconds)
    pace.wait(UUID(int=99))
    seconds.passed += 3600
    assert [pace.wait(one) for one in _parcels(3)] == [0, 1, 2]


def test_turns_that_nobody_comes_for_are_forgotten() -> None:
    seconds = Seconds()
    pace = Pace(60, seconds)
    for one in _parcels(1000):
        pace.wait(one)
    seconds.passed += 3600
    for one in range(2000, 2010):
        pace.wait(UUID(int=one))
    assert len(pace._promised) < 20


def test_without_a_pace_nobody_waits() -> None:
    pace = Pace(0, Seconds())
    assert [pace.wait(one) for one in _parcels(100)] == [0] * 100


async def test_a_parcel_before_its_turn_is_sent_away_without_a_word_to_the_relay() -> None:
    seconds = Seconds()
    one, two = ready(), ready(parcel(id=UUID(int=77)))
    async with FakeRelay() as fake:
        address = RelayAddress.parse(f"smtp://127.0.0.1:{fake.port}")
        relay = Relay(address, render, hostname="desk.example", pace=Pace(6, seconds))
        await relay.deliver(one)
        with pytest.raises(NotYet, match="RELAY__PACE") as early:
            await relay.deliver(two)
        assert early.value.seconds == 10
        assert fake.connections == 1
        seconds.passed += early.value.seconds
        await relay.deliver(two)
    assert len(fake.mails) == 2
