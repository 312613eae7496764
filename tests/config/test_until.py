"""The instants that somebody can name on the command line."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.cli.until import until
from config.errors import WrongUse

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30m", timedelta(minutes=30)),
        ("4h", timedelta(hours=4)),
        ("3d", timedelta(days=3)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_a_while_begins_now(text: str, length: timedelta) -> None:
    assert until(text)(NOW) == NOW + length


def test_an_instant_is_of_this_machines_zone_unless_it_names_another() -> None:
    assert until("2026-03-06T09:30Z")(NOW) == datetime(2026, 3, 6, 9, 30, tzinfo=UTC)
    assert until("2026-03-06T09:30")(NOW) == datetime(2026, 3, 6, 9, 30).astimezone()
    assert until("2026-03-06")(NOW) == datetime(2026, 3, 6).astimezone()


@given(st.text())
def test_any_text_is_an_instant_or_wrong_use(text: str) -> None:
    with suppress(WrongUse):
        assert until(text)(NOW).tzinfo is not None
