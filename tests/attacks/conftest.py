"""A desk to attack: a whole one on real sockets. Some attacks need its door alone: tests/connectors/smtp_desk.py."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.attacks.upstream import BELIEVING
from tests.walks.desk import Story, story


@pytest.fixture
async def attacked(sqlite_desk: str, tmp_path: Path) -> AsyncIterator[Story]:
    """It believes nobody."""
    async with story(sqlite_desk, tmp_path) as told:
        yield told


@pytest.fixture
async def believing(sqlite_desk: str, tmp_path: Path) -> AsyncIterator[Story]:
    """It believes what comes from 127.0.0.1, and calls its Agents by mail."""
    async with story(sqlite_desk, tmp_path, sections=BELIEVING) as told:
        yield told
