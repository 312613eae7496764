"""Where settings are written: firstline.toml and the environment, which wins. Names are checked here, values not.

A section stands for itself, `[smtp]`, or has any number of tables with names of their own, `[mailboxes.sales]`.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

FILE = Path("firstline.toml")
PREFIX = "FIRSTLINE__"
LARGEST_SECRET = 65_536
TABLE = "NAME"
"""Stands for the name of any table of a section that has several."""

_TABLE_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


class SettingsError(Exception):
    """Settings that can't be used: one line for each, with its name and what is allowed."""


@dataclass(frozen=True)
class Key:
    """The name of one setting. A secret may also be read from the file that `…_FILE` names."""

    section: str
    name: str
    secret: bool
    table: str = ""

    @property
    def variable(self) -> str:
        return PREFIX + "__".join(filter(None, (self.section, self.table, self.name))).upper()

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.section, self.table, self.name)))


@dataclass
class Found:
    """What was written: the value of each key, the place it came from, and what is wrong with the names."""

    values: dict[Key, Any] = field(default_factory=dict)
    places: dict[Key, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, key: Key, place: str, value: Any) -> None:
        self.values[key] = value
        self.places[key] = place

    def add_secret(self, key: Key, place: str, path: Any) -> None:
        try:
            self.add(key, place, _secret(Path(path)))
        except (OSError, TypeError, ValueError) as problem:
            self.problems.append(f"{place}: {path!r} can't be read: {_reason(problem)}")


def gather(keys: Iterable[Key], file: Path | None, environ: Mapping[str, str]) -> Found:
    """Read both. A `file` that is named must be there; firstline.toml need not."""
    found = Found()
    known = list(keys)
    path = file or FILE
    written = tables(path) if file or path.exists() else {}
    _from_file(found, known, written, path)
    _from_environment(found, known, environ)
    return found


def named_in(keys: Iterable[Key], table: str) -> list[Key]:
    """The keys of a section's tables as those of one table."""
    return [replace(key, table=table) for key in keys]


# ------------------------------------------------------------------ the file


def _from_file(found: Found, keys: list[Key], written: Mapping[str, Any], path: Path) -> None:
    sections = {key.section for key in keys}
    for section, table in written.items():
        theirs = [key for key in keys if key.section == section]
        if section not in sections:
            found.problems.append(f"[{section}] in {path} is no section of settings{_hint(section, sections)}")
        elif not isinstance(table, dict):
            found.problems.append(f"{section} in {path} must be a table: write [{section}] on a line of its own")
        elif theirs[0].table:
            _from_tables(found, theirs, table, path)
        else:
            _from_table(found, theirs, table, f"in [{section}] of {path}")


def _from_tables(found: Found, keys: list[Key], written: Mapping[str, Any], path: Path) -> None:
    section = keys[0].section
    for name, table in written.items():
        if not isinstance(table, dict):
            found.problems.append(f"{name} in [{section}] of {path} must stand in a table: [{section}.{TABLE}]")
        elif not _TABLE_NAME.fullmatch(name):
            found.problems.append(
                f"[{section}.{name}] in {path}: a name is small letters, digits and single underscores between them"
            )
        else:
            _from_table(found, named_in(keys, name), table, f"in [{section}.{name}] of {path}")


def _from_table(found: Found, keys: list[Key], table: Mapping[str, Any], where: str) -> None:
    names = _with_files((key.name, key) for key in keys)
    for name, value in table.items():
        if name not in names:
            found.problems.append(f"{name} {where} is no setting{_hint(name, names)}")
        elif names[name].name != name:
            _once(found, name, names[name].name, table, f"{name} {where}", value, names[name])
        else:
            found.add(names[name], f"{name} {where}", value)


def tables(path: Path) -> dict[str, Any]:
    """What stands in the file, unchecked. Raises SettingsError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise SettingsError(f"{path} can't be read: {_reason(problem)}") from problem


# ------------------------------------------------------------------ the environment


def _from_environment(found: Found, keys: list[Key], environ: Mapping[str, str]) -> None:
    names = _with_files((key.variable, key) for key in _as_named(keys, environ))
    for variable, value in sorted(environ.items()):
        if variable not in names:
            found.problems += _unknown(variable, names)
        elif names[variable].variable != variable:
            _once(found, variable, names[variable].variable, environ, variable, value, names[variable])
        else:
            found.add(names[variable], variable, value)


def _as_named(keys: list[Key], environ: Mapping[str, str]) -> list[Key]:
    """The keys, those of tables once for each name that a variable has."""
    several = [key for key in keys if key.table]
    tables = sorted(tables_named(several, environ))
    return [key for key in keys if not key.table] + [key for table in tables for key in named_in(several, table)]


def tables_named(keys: Iterable[Key], environ: Iterable[str]) -> set[str]:
    """The tables of these keys' sections that variables name."""
    return {
        match[1].lower()
        for section in {key.section for key in keys}
        for variable in environ
        if (match := re.fullmatch(rf"{PREFIX}{section.upper()}__([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)__.+", variable))
    }


def _unknown(variable: str, names: Mapping[str, Key]) -> list[str]:
    """Variables with a single underscore are for tests and tools, unless one was meant to be a setting."""
    if variable.startswith(PREFIX):
        return [f"{variable} is no setting{_hint(variable, names)}"]
    meant = {re.sub("_+", "_", name): name for name in names}.get(re.sub("_+", "_", variable.upper()))
    return [f"{variable} is no setting; did you mean {meant}?"] if meant else []


# ------------------------------------------------------------------ both


def _with_files(names: Iterable[tuple[str, Key]]) -> dict[str, Key]:
    """Every name that may be written, with that of the file a secret may be in."""
    known: dict[str, Key] = {}
    for name, key in names:
        known[name] = key
        if key.secret:
            known[f"{name}_FILE" if name.isupper() else f"{name}_file"] = key
    return known


def _once(found: Found, name: str, plain: str, source: Mapping[str, Any], place: str, path: Any, key: Key) -> None:
    if plain in source:
        found.problems.append(f"{place}: both {plain} and {name} are set; keep one of them")
    else:
        found.add_secret(key, place, path)


def _secret(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(LARGEST_SECRET + 1)
    if len(data) > LARGEST_SECRET:
        raise ValueError(f"it is larger than {LARGEST_SECRET} bytes")
    return re.sub(r"\r?\n\Z", "", data.decode("utf-8"))


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _reason(problem: Exception) -> str:
    """Without the text that could not be decoded, which may be a secret."""
    if isinstance(problem, UnicodeDecodeError):
        return "it is not UTF-8"
    return (problem.strerror or str(problem)) if isinstance(problem, OSError) else str(problem)
