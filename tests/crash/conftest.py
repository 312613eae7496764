"""A PostgreSQL server for tests that want more than one database of it."""

import pytest

from tests.databases import NoServer, Server


@pytest.fixture
def postgresql_server(request: pytest.FixtureRequest) -> Server:
    try:
        server: Server = request.getfixturevalue("server")
    except NoServer as reason:
        pytest.skip(f"wants PostgreSQL: {reason}")
    return server
