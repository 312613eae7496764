"""A model that fails is left alone, and asked again by one request at a time."""

import pytest

from bot.triagers.openai_breaker import Breaker, BreakerState


class Watch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


def failing(watch: Watch, times: int) -> Breaker:
    breaker = Breaker(watch)
    for _ in range(times):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_it_opens_after_five_failures_in_a_row(watch: Watch) -> None:
    assert failing(watch, 4).allows()
    opened = failing(watch, 5)
    assert (opened.allows(), opened.state, opened.open_since) == (False, BreakerState.OPEN, 100.0)


def test_a_success_in_between_begins_the_count_anew(watch: Watch) -> None:
    breaker = failing(watch, 4)
    breaker.succeeded()
    for _ in range(4):
        breaker.failed()
    assert breaker.allows()


def test_what_no_try_could_mend_opens_it_at_once(watch: Watch) -> None:
    breaker = Breaker(watch)
    breaker.failed(at_once=True)
    assert not breaker.allows()


def test_one_probe_is_let_through_after_a_while(watch: Watch) -> None:
    breaker = failing(watch, 5)
    watch.now += 29
    assert not breaker.allows()
    watch.now += 1
    assert [breaker.allows(), breaker.allows()] == [True, False]
    assert breaker.state is BreakerState.HALF_OPEN
    breaker.succeeded()
    assert (breaker.allows(), breaker.open_since) == (True, None)


def test_each_probe_that_fails_doubles_the_wait_up_to_five_minutes(watch: Watch) -> None:
    breaker = failing(watch, 5)
    for wait in (30, 60, 120, 240, 300, 300):
        watch.now += wait - 1
        assert not breaker.allows()
        watch.now += 1
        assert breaker.allows()
        breaker.failed()
    assert breaker.open_since == 100.0


def test_a_probe_that_was_never_made_may_be_made_by_the_next(watch: Watch) -> None:
    breaker = failing(watch, 5)
    watch.now += 30
    assert breaker.allows()
    breaker.skipped()
    assert [breaker.allows(), breaker.allows()] == [True, False]


def test_calls_that_were_under_way_when_it_opened_change_no_wait(watch: Watch) -> None:
    breaker = failing(watch, 5)
    watch.now += 20
    breaker.failed()
    watch.now += 10
    assert breaker.allows()
