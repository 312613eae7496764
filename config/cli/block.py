"""`firstline block`: senders whose mail is kept and nothing more."""

from collections.abc import Iterator
from typing import Annotated

import typer

from bot import blocking
from bot.blocking import NoPattern
from bot.store import Look, Transaction
from config.cli import reach, render
from config.cli.who import login, operator
from config.errors import NotDone, WrongUse
from config.settings import Settings, load

app = typer.Typer(
    help="Senders whose mail is kept and nothing more: not filed, not answered. `firstline trace` still shows it.",
    no_args_is_help=True,
)

Pattern = Annotated[str, typer.Argument(help="An address, or @domain for everybody at a domain and at those below it.")]


@app.command()
def add(
    pattern: Pattern,
    reason: Annotated[str, typer.Option(help="Why, for whoever finds it in a year.")] = "",
) -> None:
    """Block a sender from now on. What was filed before stays.

    Example: firstline block add @spam.example --reason 'sends the same offer every hour'
    """
    wanted = _pattern(pattern)
    if not reason.isprintable():
        raise WrongUse("--reason must be one line of printable characters")
    settings = load()
    added = reach.write(lambda tx: _add(tx, wanted, reason, settings))
    typer.echo(f"{wanted} is blocked{'' if added else ' already'}")


@app.command()
def remove(pattern: Pattern) -> None:
    """Let a sender's next mail in again. What came in the meantime stays where it is.

    Example: firstline block remove @spam.example
    """
    wanted = _pattern(pattern)
    reach.write(lambda tx: _remove(tx, wanted))
    typer.echo(f"{wanted} is no longer blocked")


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Who is blocked, why, by whom and since when.

    Example: firstline block list
    """
    rows = reach.read(lambda look: look.blocks.rows())
    if as_json:
        for row in rows:
            render.line({"pattern": row.pattern, "reason": row.reason, "by": row.by, "at": row.at})
        return
    render.table(("pattern", "reason", "by", "since"), [(row.pattern, row.reason, row.by, row.at) for row in rows])


def _pattern(text: str) -> str:
    try:
        return blocking.pattern(text)
    except NoPattern as error:
        raise WrongUse(str(error)) from error


def _add(tx: Transaction, pattern: str, reason: str, settings: Settings) -> bool:
    """Whether it is new. Raises NotDone."""
    if pattern.rpartition("@")[2] in settings.smtp.domains:
        raise NotDone(f"{pattern} is at a domain of the desk's own (smtp.domains), which can't be blocked")
    for address in (*_places(settings), *_agents(tx)):
        if blocking.blocks(pattern, address):
            raise NotDone(f"{pattern} would block {address}, which belongs to the desk or to an agent")
    added = tx.blocks.add(pattern, reason=reason, by=login())
    if added:
        tx.audit.write(operator(), "add", "block", pattern, reason=reason)
    return added


def _remove(tx: Transaction, pattern: str) -> None:
    if not tx.blocks.remove(pattern):
        raise NotDone(f"{pattern} is not blocked; see `firstline block list`")
    tx.audit.write(operator(), "remove", "block", pattern)


def _agents(look: Look) -> Iterator[str]:
    for agent in look.people.agents():
        yield from (one.value for one in agent.identities if one.kind == "mail")


def _places(settings: Settings) -> Iterator[str]:
    """Where the desk writes from, and where its people are called."""
    yield from (mailbox.address for mailbox in settings.mailboxes.values())
    if settings.agents.mail:
        yield settings.agents.mail
