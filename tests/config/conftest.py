"""The command line on each database."""

from pathlib import Path

import pytest

from tests.config.commands import Commands


@pytest.fixture
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of a developer's, no files in the clone, and a login that is known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "op")


@pytest.fixture
def firstline(_at_home: None, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return Commands(sqlite_url, monkeypatch)


@pytest.fixture
def firstline_on_both(_at_home: None, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return Commands(database_url, monkeypatch)
