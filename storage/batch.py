"""Many works in one commit.

Each work runs in a savepoint of its own, so that one that raises or breaks a constraint fails alone. Any other error of
the database ends the transaction for all of them. SQLite even ends it by itself when the disk is full, goes on as if
nothing had been, and lets the COMMIT succeed: so whether the transaction is alive is looked at after every work.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot.failpoints import FailpointReached, failpoint
from bot.model import Arrival, Lane
from storage.errors import own_error
from storage.link import Link, Unknown
from storage.transaction import SqlTransaction


@dataclass(eq=False, slots=True)
class Waiting:
    """A work and who waits for it. A keep has `arrivals`."""

    work: Callable[[SqlTransaction], Any]
    name: str
    size: int
    future: "asyncio.Future[Any]"
    arrivals: Sequence[Arrival] = ()


@dataclass(eq=False, slots=True)
class Outcome:
    """`wakes`: the lanes that the commit has left work for; in that of any work of the batch."""

    waiting: Waiting
    value: Any = None
    error: Exception | None = None
    wakes: Collection[Lane] = ()


def commit(link: Link, batch: Sequence[Waiting]) -> list[Outcome]:
    """Run the works and commit what they did.

    Raises NotBegun, or Ended when nothing of the batch counts, or Unknown when all of it may be stored or nothing.
    """
    tx = link.begin()
    outcomes = _run(link, tx, batch)
    good = [outcome.waiting for outcome in outcomes if outcome.error is None]
    if not good:
        link.roll_back()
        return outcomes
    if tx.touched:
        link.announce()
        outcomes[0].wakes = tx.touched
    _before(link, good)
    link.commit()
    _after(good)
    return outcomes


def _run(link: Link, tx: SqlTransaction, batch: Sequence[Waiting]) -> list[Outcome]:
    if len(batch) == 1:
        return [_alone(link, tx, batch[0])]
    keeps = [waiting for waiting in batch if waiting.arrivals]
    works = [waiting for waiting in batch if not waiting.arrivals]
    return _keep(link, tx, keeps) + [_guarded(link, tx, waiting) for waiting in works]


def _alone(link: Link, tx: SqlTransaction, waiting: Waiting) -> Outcome:
    """Nobody else's work is at stake: when it fails, the transaction is rolled back instead of a savepoint."""
    outcome = _try(link, tx, waiting)
    if outcome.error is None:
        link.check()
    return outcome


def _keep(link: Link, tx: SqlTransaction, keeps: list[Waiting]) -> list[Outcome]:
    """All keeps as one statement where that works, else each on its own."""
    if len(keeps) < 2:
        return [_guarded(link, tx, waiting) for waiting in keeps]
    together = [arrival for waiting in keeps for arrival in waiting.arrivals]
    whole = _guarded(link, tx, Waiting(lambda tx: tx.arrivals.keep(together), "keep", 0, keeps[0].future))
    if whole.error is not None:
        return [_guarded(link, tx, waiting) for waiting in keeps]
    kept = iter(whole.value)
    return [Outcome(waiting, [next(kept) for _ in waiting.arrivals]) for waiting in keeps]


def _guarded(link: Link, tx: SqlTransaction, waiting: Waiting) -> Outcome:
    link.save()
    outcome = _try(link, tx, waiting)
    if outcome.error is not None:
        link.undo()
    link.check()
    return outcome


def _try(link: Link, tx: SqlTransaction, waiting: Waiting) -> Outcome:
    """Raises Ended when the database failed, whatever the work made of it."""
    link.forget_faults()
    try:
        outcome = Outcome(waiting, waiting.work(tx))
    except Exception as error:
        outcome = Outcome(waiting, error=own_error(error))
    fault = link.fault()
    if fault is not None and outcome.error is None:
        # The work went on as if nothing had happened; PostgreSQL would not have let it.
        outcome = Outcome(waiting, error=own_error(fault))
    return outcome


def _before(link: Link, good: Sequence[Waiting]) -> None:
    try:
        for waiting in good:
            failpoint(f"commit.before.{waiting.name}")
    except FailpointReached as reached:
        link.end(reached)
    link.check()


def _after(good: Sequence[Waiting]) -> None:
    try:
        for waiting in good:
            failpoint(f"commit.after.{waiting.name}")
    except FailpointReached as reached:
        raise Unknown(reached) from reached
