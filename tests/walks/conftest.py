"""Every story begins on a database that has its schema already: migrating takes longer than most stories."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_desk")
    return url
