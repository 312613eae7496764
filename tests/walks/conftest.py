"""Every story begins on a database that has its schema already: migrating takes longer than most stories."""

import pytest

from tests.storage.desks import postgresql_desk, postgresql_template, sqlite_desk, sqlite_template

__all__ = ["postgresql_desk", "postgresql_template", "sqlite_desk", "sqlite_template"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_desk")
    return url
