"""`firstline mail`: what the desk makes of a mail, without a desk."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Look at mails as the desk reads them.")


@app.callback()
def mail() -> None:
    """Look at mails as the desk reads them."""


@app.command()
def read(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files with one mail each; - is standard input.")
    ],
) -> None:
    """Read mails as the desk would, and print one JSON object a line for each.

    Example: firstline mail read letter.eml | jq .reply
    """
    import asyncio

    raise typer.Exit(asyncio.run(_read_all(files)))


async def _read_all(files: Sequence[str]) -> int:
    from connectors.child import Child, ReaderDied
    from connectors.mail.report import nothing, report, salvaged

    child, status = Child(), 0
    for name in files:
        try:
            raw = _bytes_of(name)
        except OSError as error:
            status = 1
            _print(name, nothing(f"the file could not be read: {error.strerror or error}"))
            continue
        try:
            _print(name, await child.read(report, raw))
        except ReaderDied as died:
            _print(name, salvaged(raw, str(died)))
    return status


def _bytes_of(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _print(file: str, sheet: Mapping[str, Any]) -> None:
    # A file's name may hold bytes that are no text.
    data = json.dumps({"file": file, **sheet}, ensure_ascii=False).encode("utf-8", "backslashreplace")
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.buffer.flush()
