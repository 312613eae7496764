"""Databases for tests, and an honest word about what was not tested."""

import os
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.databases import NoServer, Server, postgresql

pytest_plugins = ["tests.desks"]

SHARED = Path(__file__).parents[2] / "shared"

_skipped: Counter[str] = Counter()


# ------------------------------------------------------------------ databases


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL for the whole session."""
    with postgresql(ahead=True) as running:
        yield running


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A new and empty database on a real PostgreSQL."""
    try:
        server: Server = request.getfixturevalue("server")
    except NoServer as reason:
        pytest.skip(f"wants PostgreSQL: {reason}")
    with server.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'firstline.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs on both: a new and empty database each time."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


# ------------------------------------------------------------------ what runs


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well")


def pytest_configure(config: pytest.Config) -> None:
    # A developer's settings must not decide what the tests see.
    for name in [name for name in os.environ if name.startswith("FIRSTLINE__")]:
        del os.environ[name]
    _skipped.clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not SHARED.is_dir():
        for item in items:
            if item.get_closest_marker("needs_shared"):
                item.add_marker(pytest.mark.skip(reason="wants ../shared: the labelled data is not beside the clone"))
    if not config.getoption("--slow"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


# ------------------------------------------------------------------ what was skipped


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        wanted = reason.removeprefix("Skipped: ")
        _skipped[wanted.removeprefix("wants ").split(":")[0] if wanted.startswith("wants ") else ""] += 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that may not skip fails for want of a server; the labelled data is no server."""
    if os.environ.get("FIRSTLINE_NO_SKIPS") == "1" and _servers() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> Generator[None]:
    """The very last line of a run, after pytest's own summary."""
    yield
    if not hasattr(config, "workerinput") and not config.option.help:
        wants = f" (wants: {', '.join(sorted(filter(None, _skipped)))})" if any(_skipped) else ""
        print(f"skipped: {_skipped.total()}{wants}", flush=True)


def _servers() -> set[str]:
    return set(_skipped) - {"", "../shared"}
