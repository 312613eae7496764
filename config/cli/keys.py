"""`firstline keys`: what signs the reply addresses and Message-IDs of our mail."""

from typing import Annotated

import typer

from bot.store import StoreError
from config import keys
from config.cli import reach, render
from config.cli.who import operator
from config.settings import Settings, load

app = typer.Typer(
    help="The keys that sign reply addresses and Message-IDs: an answer to mail signed with a lost key comes home as"
    " a new request.",
    no_args_is_help=True,
)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """The ids of the keys, oldest first, and which of them signs. The keys themselves are never shown.

    Example: firstline keys list
    """
    ring = keys.load(load().desk.keys)
    if as_json:
        for key in ring.keys:
            render.line({"id": key, "signs": key == ring.newest})
        return
    render.table(("id", "use"), [(key, "signs" if key == ring.newest else "verifies") for key in ring.keys])


@app.command()
def rotate() -> None:
    """Add a new key that signs from now on. The old ones stay, so that answers to mail already sent come home.

    Copy the file to every host of the desk before you let the desks take it.

    Example: firstline keys rotate
    """
    settings = load()
    key = keys.rotate(settings.desk.keys)
    typer.echo(f"key {key} is in {settings.desk.keys} and signs once the desk has taken it")
    _record(settings, "rotate", key)
    _hint("a running desk takes it on SIGHUP: `systemctl reload firstline`, or `kill -HUP` and its process")


@app.command()
def drop(
    key: Annotated[str, typer.Argument(help="Its id, from `firstline keys list`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Forget an old key, if it became known for instance. Answers to mail that it signed begin new conversations.

    Example: firstline keys drop a
    """
    settings = load()
    if not yes:
        question = f"Answers to mail signed with key {key} will begin new conversations. Drop it?"
        typer.confirm(question, abort=True, err=True)
    keys.drop(settings.desk.keys, key)
    typer.echo(f"key {key} is dropped from {settings.desk.keys}")
    _record(settings, "drop", key)
    _hint("a running desk forgets it on SIGHUP: `systemctl reload firstline`, or `kill -HUP` and its process")


def _record(settings: Settings, verb: str, key: str) -> None:
    """In the audit trail, if there is a database: keys must be changeable while it is away."""
    from storage.migrate import State, state

    try:
        if state(settings.database.url) is State.CURRENT:
            reach.write(lambda tx: tx.audit.write(operator(), verb, "keys", key))
            return
        reason = "the database has no current schema"
    except StoreError as error:
        reason = str(error)
    _hint(f"not in the audit trail: {reason}")


def _hint(text: str) -> None:
    typer.echo(text, err=True)
