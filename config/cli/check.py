"""`firstline check`: what is wrong around the desk, and what to do."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from config.cli import render

if TYPE_CHECKING:
    from config.check.finding import Finding


def check(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    thorough: Annotated[bool, typer.Option("--thorough", help="Read the whole SQLite file as well.")] = False,
) -> None:
    """Look at everything the desk needs: settings, files, ports, relay, model, database, DNS, people. Nothing is sent.

    Works beside a running desk and without one. Exit code 1: something is not ok.

    Example: firstline check

    Example: firstline check --json | grep '"ok": false'
    """
    if not asyncio.run(_run(as_json, thorough)):
        raise typer.Exit(1)


async def _run(as_json: bool, thorough: bool) -> bool:
    from config import check as checks

    well = True
    async for name, finding in checks.check(thorough=thorough):
        well = well and finding.ok
        if as_json:
            render.line(_keys(name, finding))
        else:
            _print(name, finding)
    return well


def _keys(name: str, finding: "Finding") -> dict[str, object]:
    return {
        "name": name,
        "ok": finding.ok,
        "problem": "; ".join(render.cell(one.text) for one in finding.problems),
        "do": "; ".join(dict.fromkeys(render.cell(one.do) for one in finding.problems)),
        "note": render.cell(finding.note),
    }


def _print(name: str, finding: "Finding") -> None:
    mark = typer.style("ok", fg=typer.colors.GREEN) if finding.ok else typer.style("NO", fg=typer.colors.RED, bold=True)
    note = f" {typer.style(render.cell(finding.note), dim=True)}" if finding.note else ""
    typer.echo(f"{mark}  {name:12}{note}" if note else f"{mark}  {name}")
    for problem in finding.problems:
        typer.echo(f"      {render.cell(problem.text)}")
        typer.echo(f"      -> {render.cell(problem.do)}")
