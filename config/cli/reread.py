"""`firstline reread`: read kept raws again, after a reader was mended."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from bot.model import Lane
from bot.rows import ArrivalRow
from bot.store import Look, Store, Transaction
from config.cli import reach
from config.cli.who import operator
from config.errors import NotDone, WrongUse

# The commit is shared with a running desk: none of it should be long.
PORTION = 200


def reread(
    arrivals: Annotated[list[UUID] | None, typer.Argument(metavar="ARRIVAL", help="What `250` said.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every Arrival that was set aside.")] = False,
) -> None:
    """Read Arrivals again: those named, or all that were set aside. Nothing is answered twice.

    A running desk does the reading; without one it is done when the desk starts.

    Example: firstline reread --all
    """
    if bool(arrivals) == everything:
        raise WrongUse("name the arrivals to read again, or say --all")
    count = reach.run(lambda store: _reread_named(store, arrivals) if arrivals else _reread_all(store))
    typer.echo(f"{count} {'arrival is' if count == 1 else 'arrivals are'} read again")


async def _reread_named(store: Store, arrivals: list[UUID]) -> int:
    return await store.write(_again(arrivals))


async def _reread_all(store: Store) -> int:
    def page(look: Look, last: ArrivalRow | None) -> list[ArrivalRow]:
        return look.arrivals.since(last.id if last else None, state="set aside", limit=PORTION)

    waiting = [row.id async for row in reach.paged(store, page)]
    counts = [await store.write(_again(waiting[i : i + PORTION])) for i in range(0, len(waiting), PORTION)]
    return sum(counts)


def _again(arrivals: list[UUID]) -> Callable[[Transaction], int]:
    def reread(tx: Transaction) -> int:
        for arrival in dict.fromkeys(arrivals):
            _put(tx, arrival)
        return len(set(arrivals))

    return reread


def _put(tx: Transaction, arrival: UUID) -> None:
    row = tx.arrivals.row(arrival)
    if row is None:
        raise NotDone(f"there is no arrival {arrival}; nothing is read again")
    tx.jobs.put(Lane.READ, str(arrival), channel=row.channel)
    tx.audit.write(operator(), "reread", "arrival", str(arrival))
