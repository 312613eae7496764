"""A few dozen rounds; `make crash` does more of them."""

import asyncio
from pathlib import Path

import pytest

from tests.crash.postgres import crashable_postgresql
from tests.crash.rounds import Rounds, Tally
from tests.databases import NoServer


@pytest.mark.slow
def test_rounds_on_sqlite_end_well(tmp_path: Path) -> None:
    tally = Tally()
    asyncio.run(Rounds(tmp_path, "sqlite 1", tally, lambda: None).run(24))
    assert tally.problems == []
    assert tally.rounds == 24
    assert tally.crashes > 5
    assert tally.acknowledged > 24


@pytest.mark.slow
def test_rounds_on_postgresql_end_well(tmp_path: Path) -> None:
    tally = Tally()
    try:
        with crashable_postgresql() as (server, cluster):
            asyncio.run(Rounds(tmp_path, "postgresql 1", tally, lambda: None, server, cluster).run(24))
    except NoServer as reason:
        pytest.skip(f"wants PostgreSQL: {reason}")
    assert tally.problems == []
    assert tally.rounds == 24
