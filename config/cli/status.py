"""`firstline status`: one screen on how the desk is."""

import asyncio
import sys
from typing import Annotated

import typer

from bot.store import Store
from config.cli import reach, render
from config.settings import Settings, load
from config.status import Status, as_object, look_at

Every = Annotated[float, typer.Option(min=0.5, max=3600, help="Seconds between two looks.")]
Once = Annotated[bool, typer.Option("--once", help="Print it once, also on a terminal.")]
AsJson = Annotated[bool, typer.Option("--json", help="Once, as one JSON object.")]


def status(as_json: AsJson = False, once: Once = False, every: Every = 2.0) -> None:
    """Is the desk up, is anything stuck, what has it done, and what waits for people? Ctrl-C ends it.

    It works beside a running desk and without one. Ends with 1 when it was asked once and the database didn't answer.

    Example: firstline status

    Example: firstline status --json
    """
    settings = load()
    if not (as_json or once) and sys.stdout.isatty():
        _show(settings, every)
        return
    found = reach.look_round(lambda store: look_at(settings, store))
    if as_json:
        render.line(as_object(found))
    else:
        _print(found)
    raise typer.Exit(0 if found.counted else 1)


def _print(found: Status) -> None:
    # Only here: it takes longer to load than most commands take to run.
    from rich.console import Console

    from config.cli.status_view import WIDE, view

    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else WIDE)
    with console.capture() as drawn:
        console.print(view(found, console.width))
    typer.echo("\n".join(line.rstrip() for line in drawn.get().split("\n")).rstrip())


def _show(settings: Settings, every: float) -> None:
    try:
        reach.look_round(lambda store: _go_on(settings, store, every))
    except KeyboardInterrupt:
        return  # that is how it is ended


async def _go_on(settings: Settings, store: Store, every: float) -> None:
    """Until Ctrl-C. A database or a desk that goes away is shown, and looked for again."""
    from rich.console import Console
    from rich.live import Live

    from config.cli.status_view import view

    console = Console(highlight=False)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(view(await look_at(settings, store), console.width), refresh=True)
            await asyncio.sleep(every)
