"""What counts as unwell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.calling import Place
from bot.clock import SetClock
from bot.figures import LaneFigures
from bot.health import Health, Limits, Unread, Vitals, troubles
from bot.marks import Polled
from bot.model import Lane
from bot.rows import Pause
from storage import migrate
from storage.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LIMITS = Limits(oldest=timedelta(minutes=10), away=timedelta(minutes=10), disk=5.0, replies=50)
WELL = Vitals(
    lanes=(LaneFigures(Lane.READ, waiting=3, oldest=599), LaneFigures(Lane.DELIVER)),
    pauses=(Pause("smtp", NOON - timedelta(minutes=9), NOON, 4, "refused"),),
    free=5.0,
    model=None,
    host="a",
    now=NOON,
    mailboxes=(Unread("support", Polled(NOON - timedelta(minutes=10)), LIMITS.away),),
)


def test_a_busy_desk_is_well() -> None:
    assert troubles(WELL, LIMITS) == {}


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({"lanes": (LaneFigures(Lane.READ, waiting=3, oldest=660),)}, "lane read", "11 minutes; 3 wait"),
        ({"lanes": (LaneFigures(Lane.DELIVER, oldest=9000),)}, "lane deliver", "2 hours"),
        ({"lanes": (LaneFigures(Lane.TRIAGE, buried=2),)}, "set aside in triage", "--all-buried"),
        (
            {"pauses": (Pause("smtp", NOON - timedelta(minutes=11), NOON, 9, "refused"),)},
            "channel smtp",
            "since 2026-03-02 11:49 UTC: refused",
        ),
        ({"free": 4.9}, "disk", "4.9 %"),
        (
            {"mailboxes": (Unread("sales", Polled(NOON - timedelta(minutes=11), reason="refused"), LIMITS.away),)},
            "mailbox sales",
            "not been read since 2026-03-02 11:49 UTC: refused",
        ),
        ({"model": "401 three times"}, "model on a", "401 three times"),
        ({"replies": 50}, "automatic replies", "50 automatic replies"),
    ],
)
def test_each_trouble_has_a_name_and_says_what_to_do(change: dict, name: str, words: str) -> None:
    found = troubles(replace(WELL, **change), LIMITS)
    assert list(found) == [name]
    assert words in found[name]


def test_chores_that_are_late_are_no_trouble_of_their_own() -> None:
    """The look is a chore too: when a desk was down for hours, all of them are late until the first has run."""
    late = LaneFigures(Lane.CHORES, waiting=1, oldest=9000)
    assert troubles(replace(WELL, lanes=(late,)), LIMITS) == {}
    assert list(troubles(replace(WELL, lanes=(replace(late, buried=1),)), LIMITS)) == ["set aside in chores"]


def test_a_database_on_a_server_of_its_own_has_no_disk_here() -> None:
    assert troubles(replace(WELL, free=None), LIMITS) == {}


async def test_a_model_that_is_away_for_one_host_is_told_once_whoever_looks(database_url: str) -> None:
    migrate.upgrade(database_url)
    clock = SetClock(NOON)
    async with SqlStore(database_url, clock) as store:

        def looking(host: str, model: str | None) -> Health:
            place = Place("agents", {"to": {"address": "terminal"}})
            return Health(store, place, LIMITS, free=lambda: None, model=lambda: model, host=host)

        async def told() -> list[str]:
            rows = await store.read(lambda look: look.outbox.rows())
            return [row.subject for row in rows if "model" in row.subject]

        for host, model in (("a", "rate limited"), ("b", None), ("a", "rate limited"), ("b", None)):
            await looking(host, model).check()
        assert await told() == ["The desk is unwell: model on a"]
        await looking("a", None).check()
        assert await told() == ["The desk is unwell: model on a", "Over: model on a"]
        await looking("a", "rate limited").check()
        clock.instant += timedelta(hours=25)
        await looking("b", None).check()
        assert (await told())[-1] == "Over: model on a", "a host that is gone says nothing any more"
