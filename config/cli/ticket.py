"""`firstline ticket`: what waits for people. What an Agent does about it is in ticket_verbs.py."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from bot.model import UNSOLVED, Ticket, TicketState
from bot.store import Look, Store
from config.cli import reach, render, ticket_verbs, ticket_view
from config.cli.ticket_verbs import Number
from config.errors import WrongUse

app = typer.Typer(help="Look at tickets and work on them as an Agent.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

PAGE = 500
COLUMNS = ("number", "state", "priority", "category", "assignee", "updated_at", "title")


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Snoozed, solved and closed ones too.")] = False,
    snoozed: Annotated[bool, typer.Option("--snoozed", help="Only those that are snoozed, and until when.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tickets that wait for somebody, by number.

    Example: firstline ticket list --json
    """
    if everything and snoozed:
        raise WrongUse("give --all or --snoozed, not both: --all lists the snoozed ones too")
    states = None if everything else UNSOLVED
    asleep = None if everything else snoozed
    columns = (*COLUMNS[:-1], "snoozed_until", COLUMNS[-1]) if snoozed else COLUMNS
    reach.look_round(lambda store: _list(store, states, asleep, columns, as_json))


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """A Ticket with why it came, all that was said, and what the bot thought.

    Example: firstline ticket show 1001
    """
    whole = reach.read(lambda look: ticket_view.whole(look, number))
    if as_json:
        render.line(whole)
    else:
        ticket_view.show(whole)


app.add_typer(ticket_verbs.app)


async def _list(
    store: Store, states: Sequence[TicketState] | None, snoozed: bool | None, columns: Sequence[str], as_json: bool
) -> None:
    def page(look: Look, last: Ticket | None) -> list[Ticket]:
        return look.tickets.rows(states=states, snoozed=snoozed, after=last.number if last else None, limit=PAGE)

    if as_json:
        async for ticket in reach.paged(store, page):
            render.line(ticket_view.keys(ticket))
    else:
        render.table(columns, [_cells(ticket, columns) async for ticket in reach.paged(store, page)])


def _cells(ticket: Ticket, columns: Sequence[str]) -> list[Any]:
    return [getattr(ticket, name) for name in columns]
