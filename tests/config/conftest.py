"""The command line on each database."""

import shutil
from pathlib import Path

import pytest

from storage.migrate import upgrade
from tests.config.commands import Commands


@pytest.fixture
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of a developer's, no files in the clone, and a login that is known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "op")


@pytest.fixture(scope="session")
def empty_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once and copied for each test, which is quicker."""
    file = tmp_path_factory.mktemp("empty") / "firstline.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def firstline(_at_home: None, sqlite_url: str, empty_desk: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    shutil.copy(empty_desk, sqlite_url.removeprefix("sqlite:///"))
    return Commands(sqlite_url, monkeypatch)


@pytest.fixture
def firstline_on_both(_at_home: None, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Commands:
    upgrade(database_url)
    return Commands(database_url, monkeypatch)
