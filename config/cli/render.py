"""What commands print: tables for people, tab-separated lines for pipes, one JSON object a line for programs.

Most of it was written by strangers. Nothing that is printed may command the terminal it appears on.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import typer

# Zero width non-joiner and joiner: without them some scripts and many emoji fall apart.
_JOINERS = "\u200c\u200d"

# Of a table's column; an id has 36 characters.
WIDEST = 60


def line(value: Mapping[str, Any]) -> None:
    """One object, in ASCII."""
    typer.echo(json.dumps(value, default=_plain))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """For people when standard output is a terminal, else for `cut` and `awk`."""
    if sys.stdout.isatty():
        _for_people(columns, rows)
        return
    for row in (columns, *rows):
        typer.echo("\t".join(cell(value) for value in row))


def fields(values: Mapping[str, object]) -> None:
    """`name: value`, a line each; what is empty is left out."""
    width = max(map(len, values), default=0) + 2
    for name, value in values.items():
        if cell(value):
            typer.echo(f"{name + ':':{width}}{cell(value)}")


def words(text: str, indent: str = "  ") -> None:
    """What somebody wrote, in its lines, set in from the left so that nothing in it looks like a line of ours."""
    for one in clean(text, lines=True).split("\n"):
        typer.echo(f"{indent}{one}".rstrip())


def cell(value: object) -> str:
    """On one line."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, tuple | list):
        return ", ".join(cell(one) for one in value)
    return " ".join(clean(str(value), lines=True).split())


def clean(text: str, *, lines: bool = False) -> str:
    """Without control characters, bidirectional overrides and the like; line ends stay if `lines`."""
    return "".join(_shown(c, lines) for c in text.replace("\r\n", "\n"))


def instant(moment: datetime | None) -> str | None:
    """RFC 3339, in UTC."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


# ------------------------------------------------------------------ parts


def _for_people(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    # Only here: it takes longer to load than most commands take to run.
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[cell(value) for value in row] for row in rows]
    filled = [i for i in range(len(columns)) if not cells or any(row[i] for row in cells)]
    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="")
    for i in filled:
        made.add_column(columns[i], overflow="fold", max_width=WIDEST)
    for row in cells:
        made.add_row(*(Text(row[i]) for i in filled))
    # As wide as it is: a narrow terminal breaks its lines, but an id that was cut can't be copied.
    console = Console(width=WIDEST * len(columns))
    with console.capture() as drawn:
        console.print(made)
    typer.echo("\n".join(one.rstrip() for one in drawn.get().split("\n") if one.strip()))


def _shown(c: str, lines: bool) -> str:
    if c.isprintable() or c in _JOINERS or (lines and c == "\n"):
        return c
    return " " if c.isspace() else "?"


def _plain(value: object) -> object:
    return instant(value) if isinstance(value, datetime) else str(value)
