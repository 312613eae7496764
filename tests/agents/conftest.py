"""Transactions of their own for the tests of the verbs, on a database as a desk has it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import pytest

from bot.clock import SetClock
from storage.database import database
from storage.transaction import SqlTransaction

Begin = Callable[[], AbstractContextManager[SqlTransaction]]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def begin(desk_url: str, clock: SetClock) -> Iterator[Begin]:
    """with begin() as tx: … commits at the end, or rolls back when something is raised."""
    engine = database(desk_url).writer()

    @contextmanager
    def begin() -> Iterator[SqlTransaction]:
        with engine.begin() as connection:
            yield SqlTransaction(connection, clock.now)

    yield begin
    engine.dispose()
