"""Fixtures: databases with the schema in them already, copied since migrating each time takes long."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storage import migrate
from tests.databases import NoServer, Server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "firstline.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql_template(server: Server) -> Iterator[str]:
    with server.database() as url:
        migrate.upgrade(url)
        yield urlsplit(url).path[1:]


@pytest.fixture
def sqlite_desk(tmp_path: Path, sqlite_template: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'firstline.db')}"


@pytest.fixture
def postgresql_desk(request: pytest.FixtureRequest) -> Iterator[str]:
    try:
        server: Server = request.getfixturevalue("server")
    except NoServer as reason:
        pytest.skip(f"wants PostgreSQL: {reason}")
    with server.database(request.getfixturevalue("postgresql_template")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def desk_url(request: pytest.FixtureRequest) -> str:
    """The test runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_desk")
    return url
