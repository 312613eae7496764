"""The ring, where the import linter can't see it: names, the environment, and who may import which library."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "connectors", "prompts", "storage", "config")

# A library, and the only places that may import it.
OWNERS = {
    "sqlalchemy": ["storage"],
    "alembic": ["storage"],
    "aiosqlite": ["storage"],
    "psycopg": ["storage"],
    "sqlite3": ["storage"],
    "aiosmtpd": ["connectors/smtp"],
    "aiosmtplib": ["connectors/relay"],
    "dns": ["connectors/dns"],
    "inscriptis": ["connectors/mail"],
    "selectolax": ["connectors/mail"],
    "charset_normalizer": ["connectors/mail"],
    "nh3": ["connectors/mail"],
    "imapclient": ["connectors/imap"],
    "slack_bolt": ["connectors/slack"],
    "slack_sdk": ["connectors/slack"],
    "aiohttp": ["connectors/slack"],
    "openai": ["bot/triagers/openai"],
    "httpx2": ["bot/triagers/openai"],
    "tenacity": ["bot/triagers/openai"],
    "uvicorn": ["connectors/http"],
    "starlette": ["connectors/http", "connectors/slack", "config/slack"],
    "uvloop": ["config"],
    "typer": ["config"],
    "rich": ["config", "connectors/terminal"],
    "pydantic": ["config", "bot/triagers/openai"],
    "smtplib": [],
    "requests": [],
}

# What would block the loop, or reach the outside, from within the work itself.
NOT_IN_BOT = {"socket", "ssl", "subprocess", "urllib.request", "http.client", "requests", "smtplib", "anyio", "email"}


@cache
def modules(*packages: str) -> list[tuple[str, ast.Module]]:
    return [
        (str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8")))
        for package in packages
        for file in sorted((ROOT / package).rglob("*.py"))
    ]


@cache
def imported(*packages: str) -> list[tuple[str, str]]:
    return [(file, name) for file, tree in modules(*packages) for name in imports(tree)]


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_each_package_name_belongs_to_our_distribution_alone() -> None:
    distributions = packages_distributions()
    for package in PACKAGES:
        assert set(distributions.get(package, [])) <= {"firstline"}
        assert Path(__import__(package).__file__ or "").is_relative_to(ROOT)


def test_only_config_reads_the_environment() -> None:
    """A reading child empties its own, so that no secret is in it."""
    readers = [
        f"{file}:{node.lineno}"
        for file, tree in modules("bot", "connectors", "prompts", "storage")
        if file != "connectors/child.py"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv"))
        or (isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & {"environ", "getenv"})
    ]
    assert readers == []


@pytest.mark.parametrize("library", OWNERS)
def test_each_library_is_imported_by_its_owner_alone(library: str) -> None:
    others = [
        f"{file} imports {name}"
        for file, name in imported(*PACKAGES)
        if not any(file.startswith(owner) for owner in OWNERS[library])
        if name == library or name.startswith(f"{library}.")
    ]
    assert others == []


def test_the_work_itself_reaches_no_outside() -> None:
    reached = [
        f"{file} imports {name}"
        for file, name in imported("bot")
        if name in NOT_IN_BOT or name.split(".")[0] in NOT_IN_BOT
    ]
    assert reached == []


def test_no_sleep_that_stops_the_loop() -> None:
    """A failpoint that hangs is meant to."""
    sleepers = [
        f"{file}:{node.lineno}"
        for file, tree in modules("bot", "connectors", "config")
        if file != "bot/failpoints.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    ]
    assert sleepers == []
