"""`firstline ticket`: what waits for people, and what an Agent does about it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.agents import tickets
from bot.model import UNSOLVED, Agent, Ticket
from bot.store import Look, Store, Transaction
from config.cli import reach, render, ticket_view
from config.cli.attached import attached
from config.cli.said import said, said_if_any
from config.cli.who import acting
from config.errors import NotDone
from config.settings import load

app = typer.Typer(help="Look at tickets and work on them as an Agent.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The Ticket's number.")]
As = Annotated[str | None, typer.Option("--as", help="The Agent: a name or any identity. Default: you.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Words = Annotated[str | None, typer.Argument(help="The words; - or nothing: from standard input.")]
Attach = Annotated[list[Path] | None, typer.Option("--attach", help="A file to send along; once for each.")]
Remark = Annotated[str | None, typer.Argument(help="A note to keep with it; - is standard input.")]

PAGE = 500
COLUMNS = ("number", "state", "priority", "category", "assignee", "updated_at", "title")


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Solved and closed ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tickets that wait for somebody, by number.

    Example: firstline ticket list --json
    """
    reach.look_round(lambda store: _list(store, everything, as_json))


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


@app.command()
def take(number: Number, text: Remark = None, as_: As = None) -> None:
    """Make a Ticket yours; the bot is silent in its conversation from now on.

    Example: firstline ticket take 1001 --as ann
    """
    _act(as_, number, _remarked(tickets.take, text), "is {0.assignee}'s now")


@app.command()
def reply(number: Number, text: Words = None, attach: Attach = None, as_: As = None) -> None:
    """Write to the customer, where they last wrote. The Ticket then waits for them.

    Example: firstline ticket reply 1001 "Your refund is on its way." --as ann --attach receipt.pdf
    """
    files = attached(attach or ())
    text = said(text)
    if load().desk.watch:
        raise NotDone("the desk only watches, so no reply would leave it; turn DESK__WATCH off first")
    verb = partial(tickets.reply, text=text, files=files)
    _act(as_, number, verb, "is answered; it is {0.state}")


@app.command()
def note(number: Number, text: Words = None, as_: As = None) -> None:
    """Write for Agents only. A note never reaches the customer.

    Example: echo "Called the bank." | firstline ticket note 1001
    """
    text = said(text)
    _act(as_, number, lambda tx, agent, one: tickets.note(tx, agent, one, text), "has a note more")


@app.command()
def close(number: Number, text: Remark = None, as_: As = None) -> None:
    """Nothing is left to do. The customer's next word begins with the bot again.

    Example: firstline ticket close 1001 --as ann
    """
    _act(as_, number, _remarked(tickets.close, text), "is {0.state}")


# ------------------------------------------------------------------ parts

Verb = Callable[[Transaction, Agent, int], Ticket]


def _act(named: str | None, number: int, verb: Verb, done: str) -> None:
    ticket = reach.write(lambda tx: verb(tx, acting(tx, named), number))
    typer.echo(f"ticket {number} {render.cell(done.format(ticket))}")


def _remarked(verb: Verb, text: str | None) -> Verb:
    """The verb and, when something was said with it, a note of that: one commit."""
    remark = said_if_any(text)

    def remarked(tx: Transaction, agent: Agent, number: int) -> Ticket:
        ticket = verb(tx, agent, number)
        return tickets.note(tx, agent, number, remark) if remark else ticket

    return remarked


async def _list(store: Store, everything: bool, as_json: bool) -> None:
    states = None if everything else UNSOLVED

    def page(look: Look, last: Ticket | None) -> list[Ticket]:
        return look.tickets.rows(states=states, after=last.number if last else None, limit=PAGE)

    if as_json:
        async for ticket in reach.paged(store, page):
            render.line(ticket_view.keys(ticket))
    else:
        render.table(COLUMNS, [_cells(ticket) async for ticket in reach.paged(store, page)])


def _cells(ticket: Ticket) -> list[Any]:
    return [getattr(ticket, name) for name in COLUMNS]
