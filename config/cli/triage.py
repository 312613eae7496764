"""`firstline triage`: the kill switch."""

from typing import Annotated

import typer

from bot.rows import Desk
from bot.store import Transaction
from config.cli import reach, render
from config.cli.who import login, operator

app = typer.Typer(
    help="The kill switch: while triage is stopped nothing that a Triager says is sent; people get the drafts.",
    no_args_is_help=True,
)


@app.command()
def stop() -> None:
    """Send no more answers from now on. Requests are still kept, and end as Tickets with a draft.

    Example: firstline triage stop
    """
    typer.echo(_told(reach.write(_stop)))


@app.command()
def start() -> None:
    """Answer again, as the levels of the settings say.

    Example: firstline triage start
    """
    typer.echo(_told(reach.write(_start)))


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Is it stopped, by whom and since when?

    Example: firstline triage status --json
    """
    desk = reach.read(lambda look: look.desk.get())
    if as_json:
        render.line({"stopped": desk.stopped, "by": desk.by, "at": desk.at})
    else:
        typer.echo(_told(desk))


def _stop(tx: Transaction) -> Desk:
    if not tx.desk.get().stopped:
        tx.desk.stop(login())
        tx.audit.write(operator(), "stop", "triage", "triage")
    return tx.desk.get()


def _start(tx: Transaction) -> Desk:
    if tx.desk.get().stopped:
        tx.desk.start(login())
        tx.audit.write(operator(), "start", "triage", "triage")
    return tx.desk.get()


def _told(desk: Desk) -> str:
    by = f" by {render.cell(desk.by)}" if desk.by else ""
    since = f" since {render.cell(desk.at)}" if desk.at else ""
    return f"triage is {'stopped' if desk.stopped else 'running'}{since}{by}"
