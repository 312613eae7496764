"""Transactions of their own for the tests of the nouns, on a plain engine without the writer."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.clock import SetClock
from storage.fulltext import create_fulltext
from storage.schema import desk, metadata, team
from storage.transaction import SqlTransaction

Begin = Callable[[], AbstractContextManager[SqlTransaction]]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    made = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with made.begin() as connection:
        metadata.create_all(connection)
        create_fulltext(connection)
        connection.execute(sa.insert(desk).values(name="firstline", stopped=False, stopped_by=""))
        connection.execute(sa.insert(team).values(name="support", created_at=NOON))
    yield made
    made.dispose()


@pytest.fixture
def begin(engine: sa.Engine, clock: SetClock) -> Begin:
    """with begin() as tx: … commits at the end, or rolls back when something is raised."""

    @contextmanager
    def begin() -> Iterator[SqlTransaction]:
        with engine.begin() as connection:
            yield SqlTransaction(connection, clock.now)

    return begin


def later(clock: SetClock, **by: float) -> None:
    clock.instant += timedelta(**by)
