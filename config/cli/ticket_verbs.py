"""`firstline ticket take`, `reply` and so on: what an Agent does about a Ticket."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.agents import tickets
from bot.model import Agent, Priority, Ticket
from bot.store import Transaction
from config.cli import reach, render
from config.cli.attached import attached
from config.cli.said import said, said_if_any
from config.cli.until import FORMS, until
from config.cli.who import acting
from config.errors import NotDone
from config.settings import load

app = typer.Typer()

Number = Annotated[int, typer.Argument(help="The Ticket's number.")]
As = Annotated[str | None, typer.Option("--as", help="The Agent: a name or any identity. Default: you.")]
Words = Annotated[str | None, typer.Argument(help="The words; - or nothing: from standard input.")]
Attach = Annotated[list[Path] | None, typer.Option("--attach", help="A file to send along; once for each.")]
Remark = Annotated[str | None, typer.Argument(help="A note to keep with it; - is standard input.")]

# ------------------------------------------------------------------ whose it is


@app.command()
def take(number: Number, text: Remark = None, as_: As = None) -> None:
    """Make a Ticket yours; the bot is silent in its conversation from now on.

    Example: firstline ticket take 1001 --as ann
    """
    taken = _act(as_, number, tickets.take, text)
    _tell(taken, f"is {taken.assignee}'s now")


@app.command()
def assign(
    number: Number,
    to: Annotated[str, typer.Argument(metavar="AGENT", help="Whose it is to be: a name or any identity.")],
    text: Remark = None,
    as_: As = None,
) -> None:
    """Make a Ticket another Agent's. What somebody has taken is a lead's to assign.

    Example: firstline ticket assign 1001 bob "She speaks French." --as ann
    """
    given = _act(as_, number, lambda tx, agent, one: tickets.assign(tx, agent, one, acting(tx, to)), text)
    _tell(given, f"is {given.assignee}'s now")


@app.command()
def release(number: Number, text: Remark = None, as_: As = None) -> None:
    """Make a Ticket nobody's, so that somebody else takes it.

    Example: firstline ticket release 1001 "I am away until Monday." --as ann
    """
    _tell(_act(as_, number, tickets.release, text), "is nobody's now")


# ------------------------------------------------------------------ words


@app.command()
def reply(number: Number, text: Words = None, attach: Attach = None, as_: As = None) -> None:
    """Write to the customer, where they last wrote. The Ticket then waits for them.

    Example: firstline ticket reply 1001 "Your refund is on its way." --as ann --attach receipt.pdf
    """
    files = attached(attach or ())
    text = said(text)
    if load().desk.watch:
        raise NotDone("the desk only watches, so no reply would leave it; turn DESK__WATCH off first")
    answered = _act(as_, number, partial(tickets.reply, text=text, files=files))
    _tell(answered, f"is answered; it is {answered.state}")


@app.command()
def note(number: Number, text: Words = None, as_: As = None) -> None:
    """Write for Agents only. A note never reaches the customer.

    Example: echo "Called the bank." | firstline ticket note 1001
    """
    _tell(_act(as_, number, partial(tickets.note, text=said(text))), "has a note more")


# ------------------------------------------------------------------ what it is


@app.command()
def priority(number: Number, priority: Annotated[Priority, typer.Argument()], as_: As = None) -> None:
    """Say how urgent it is.

    Example: firstline ticket priority 1001 high
    """
    _tell(_act(as_, number, partial(tickets.set_priority, priority=priority)), f"is {priority}")


@app.command()
def category(
    number: Number,
    category: Annotated[str, typer.Argument(help="One of the desk's categories.")],
    as_: As = None,
) -> None:
    """Say what it is about.

    Example: firstline ticket category 1001 billing
    """
    _tell(_act(as_, number, partial(tickets.set_category, category=category)), f"is about {category}")


# ------------------------------------------------------------------ waiting


@app.command()
def snooze(
    number: Number,
    when: Annotated[str, typer.Argument(metavar="UNTIL", help=f"{FORMS}.")],
    text: Remark = None,
    as_: As = None,
) -> None:
    """Put a Ticket out of sight until then, or until the customer writes again.

    Example: firstline ticket snooze 1001 2d "The parcel should be there by then."
    """
    instant = until(when)
    slept = _act(as_, number, lambda tx, agent, one: tickets.snooze(tx, agent, one, instant(tx.now)), text)
    _tell(slept, f"is snoozed until {render.cell(slept.snoozed_until)}")


@app.command()
def wake(number: Number, text: Remark = None, as_: As = None) -> None:
    """Bring a snoozed Ticket back before its time.

    Example: firstline ticket wake 1001
    """
    awake = _act(as_, number, tickets.wake, text)
    _tell(awake, f"is awake; it is {awake.state}")


@app.command()
def hold(number: Number, text: Remark = None, as_: As = None) -> None:
    """Say that it waits for somebody else, such as a carrier. The customer's next word opens it.

    Example: firstline ticket hold 1001 "The bank looks into it."
    """
    held = _act(as_, number, tickets.hold, text)
    _tell(held, f"is {held.state}")


# ------------------------------------------------------------------ its end


@app.command()
def solve(number: Number, text: Remark = None, as_: As = None) -> None:
    """It should be done. If the customer writes again, the same Ticket is open again.

    Example: firstline ticket solve 1001
    """
    solved = _act(as_, number, tickets.solve, text)
    _tell(solved, f"is {solved.state}")


@app.command()
def close(number: Number, text: Remark = None, as_: As = None) -> None:
    """Nothing is left to do. The customer's next word begins with the bot again.

    Example: firstline ticket close 1001 --as ann
    """
    closed = _act(as_, number, tickets.close, text)
    _tell(closed, f"is {closed.state}")


@app.command()
def dismiss(number: Number, text: Remark = None, as_: As = None) -> None:
    """Close what was never a request, such as an advertisement. Its sender is told nothing.

    Example: firstline ticket dismiss 1001
    """
    dismissed = _act(as_, number, tickets.dismiss, text)
    _tell(dismissed, f"is {dismissed.state} as {dismissed.closed_as}")


@app.command()
def reopen(number: Number, text: Remark = None, as_: As = None) -> None:
    """Go on with what was solved or closed. What was closed long ago (DESK__REOPEN_DAYS) goes on in a new Ticket.

    Example: firstline ticket reopen 1001 "It has broken again."
    """
    within = timedelta(days=load().desk.reopen_days)
    opened = _act(as_, number, partial(tickets.reopen, within=within), text)
    if opened.number != number:
        typer.echo(f"ticket {number} stays closed; it goes on as ticket {opened.number}")
    else:
        _tell(opened, f"is {opened.state}")


# ------------------------------------------------------------------ parts

Verb = Callable[[Transaction, Agent, int], Ticket]


def _act(named: str | None, number: int, verb: Verb, text: str | None = None) -> Ticket:
    """The verb and, when something was said with it, a note of that: one commit. Returns what the verb did."""
    remark = said_if_any(text)

    def act(tx: Transaction) -> Ticket:
        agent = acting(tx, named)
        ticket = verb(tx, agent, number)
        if remark:
            tickets.note(tx, agent, ticket.number, remark)
        return ticket

    return reach.write(act)


def _tell(ticket: Ticket, what: str) -> None:
    typer.echo(f"ticket {ticket.number} {render.cell(what)}")
