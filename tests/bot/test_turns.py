"""Who sends very much waits; nobody else does."""

from datetime import timedelta

from bot import turns
from bot.turns import BURST, Turns


class Hand:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_due_at_once_and_the_rest_at_a_pace() -> None:
    waiting = Turns(Hand())
    waits = [waiting.wait("smtp", "flood@example.org").total_seconds() for _ in range(BURST + 50)]
    assert set(waits[:BURST]) == {0}
    assert [round(one, 2) for one in waits[BURST : BURST + 3]] == [0.04, 0.08, 0.12]


def test_nobody_else_waits() -> None:
    waiting = Turns(Hand())
    for _ in range(1000):
        waiting.wait("smtp", "flood@example.org")
    assert waiting.wait("smtp", "ann@example.org") == timedelta(0)


def test_who_pauses_has_a_burst_again() -> None:
    clock = Hand()
    waiting = Turns(clock)
    for _ in range(1000):
        waiting.wait("smtp", "flood@example.org")
    clock.now = 60.0
    assert waiting.wait("smtp", "flood@example.org") == timedelta(0)


def test_senders_without_end_are_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(turns, "MOST_SENDERS", 100)
    waiting = Turns(Hand())
    for number in range(1000):
        waiting.wait("smtp", f"{number}@example.org")
    assert len(waiting._paced) <= 100
