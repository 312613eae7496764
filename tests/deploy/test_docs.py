"""What the documentation names is there: commands, settings, metrics, files."""

import re
from pathlib import Path

import pytest

from config.cli import COMMANDS
from config.settings import known

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

pytestmark = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_each_command(page: Path) -> None:
    # Not `-u firstline firstline …` alone: an account's and a file's name may stand before another word.
    named = re.findall(r"(?:`|^ +|-u firstline |bin/|desk )firstline ([a-z]+)", text(page), re.MULTILINE)
    assert set(named) - COMMANDS.keys() - {"firstline"} == set()


def test_each_setting(page: Path) -> None:
    settings = {key.variable.removeprefix("FIRSTLINE__") for key in known()}
    named = re.findall(r"\b(?:FIRSTLINE__)?([A-Z]+__[A-Z_]+[A-Z])\b", text(page))
    secrets = {name.removesuffix("_FILE") for name in named}
    # One is misspelt on purpose, to show what is said of it.
    assert secrets - settings - {"SECTION__KEY", "SMTP__LISTN"} == set()


def test_each_metric(page: Path) -> None:
    code = "".join((ROOT / folder / "metrics.py").read_text(encoding="utf-8") for folder in ("bot", "config"))
    named = re.findall(r"\bfirstline_[a-z_]+", text(page))
    assert [name for name in named if f'"{name.removesuffix("_total")}"' not in code] == []


def test_each_link(page: Path) -> None:
    named = re.findall(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)", text(page))
    assert [name for name, _ in named if not (page.parent / name).exists()] == []


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")
