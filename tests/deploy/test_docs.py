"""What the documentation names is there: commands, settings, metrics, files."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import typer

from config.cli import COMMANDS, build
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


def test_each_subcommand(page: Path) -> None:
    groups = {
        name: group.commands for name, group in typer.main.get_command(build()).commands.items() if is_group(group)
    }
    named = re.findall(r"(?:`|^ +|-u firstline |bin/|desk )firstline ([a-z]+) ([a-z]+)\b", text(page), re.MULTILINE)
    assert [(group, name) for group, name in named if group in groups and name not in groups[group]] == []


def test_each_table_of_settings(page: Path) -> None:
    names = {(key.section, name) for key in known() for name in (key.name, *([f"{key.name}_file"] * key.secret))}
    assert [one for one in set_in(text(page)) if one not in names] == []


def test_each_metric(page: Path) -> None:
    code = "".join((ROOT / folder / "metrics.py").read_text(encoding="utf-8") for folder in ("bot", "config"))
    named = re.findall(r"\bfirstline_[a-z_]+", text(page))
    assert [name for name in named if f'"{name.removesuffix("_total")}"' not in code] == []


def test_each_link(page: Path) -> None:
    named = re.findall(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)", text(page))
    assert [name for name, _ in named if not (page.parent / name).exists()] == []


def set_in(words: str) -> Iterator[tuple[str, str]]:
    """(section, name) of what the blocks of firstline.toml in a page set; a unit's sections have capitals."""
    for block in re.findall(r"^    \[[a-z]+(?:\.[a-z]+)?\]\n(?:    .*\n)*", words, re.MULTILINE):
        for section, keys in tomllib.loads(dedent(block)).items():
            tables = keys.values() if section == "mailboxes" else [keys]
            yield from ((section, name) for table in tables for name in table)


def is_group(command: object) -> bool:
    return hasattr(command, "commands")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")
