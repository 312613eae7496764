"""`firstline queue`: the desk's durable work, and what an operator may do about it."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import typer

from bot.handing_over import hand_over
from bot.model import DeliveryState, Job, JobState, Lane, Parcel, Priority
from bot.store import Look, Store, Transaction
from config.cli import reach, render
from config.cli.who import operator
from config.errors import NotDone, WrongUse

app = typer.Typer(help="Look at the work that waits, and dig up or bury some of it.", no_args_is_help=True)

LaneArgument = Annotated[Lane, typer.Argument(help="read, triage, deliver or chores.")]
SubjectArgument = Annotated[str, typer.Argument(help="What the work is about, as `queue list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

COLUMNS = ("lane", "subject", "state", "attempts", "run_at", "lease_until", "error")
PAGE = 1000
# The commit is shared with a running desk: none of it should be long.
PORTION = 200

BY_HAND = "set aside by an operator"


@app.command("list")
def list_(
    lane: Annotated[Lane | None, typer.Option(help="Only this lane.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every Job: waiting, claimed by a worker, or buried until somebody digs it up. Chores that wait for their hour are
    listed with `--lane chores` alone: somebody always does.

    Example: firstline queue list --lane deliver
    """
    reach.look_round(lambda store: _list(store, lane, as_json))


@app.command()
def show(lane: LaneArgument, subject: SubjectArgument, as_json: AsJson = False) -> None:
    """One Job with its payload.

    Example: firstline queue show triage 0199a1b2-…
    """
    found = reach.read(lambda look: _whole(_job(look, lane, subject), look))
    if as_json:
        render.line(found)
    else:
        render.fields(found)


@app.command()
def retry(
    lane: Annotated[Lane | None, typer.Argument(help="read, triage, deliver or chores.")] = None,
    subject: Annotated[str | None, typer.Argument(help="What the work is about.")] = None,
    all_buried: Annotated[bool, typer.Option("--all-buried", help="Every buried Job (of the lane, if named).")] = False,
    resend: Annotated[
        bool, typer.Option("--resend", help="Send again what may have arrived already (lane deliver).")
    ] = False,
) -> None:
    """Make a waiting or buried Job due at once, with all its tries.

    Example: firstline queue retry --all-buried
    """
    _refuse_misuse(lane, subject, all_buried, resend)
    if lane and subject:
        known, about = lane, subject
        reach.write(lambda tx: _dig_up(tx, known, about, resend=resend))
        typer.echo(f"{lane} {subject} is due now")
    else:
        typer.echo(f"{reach.run(lambda store: _dig_up_all(store, lane))} buried jobs are due now")


@app.command()
def bury(lane: LaneArgument, subject: SubjectArgument) -> None:
    """Set a Job aside; whoever works on it loses it. What a customer waits for becomes a Ticket.

    Example: firstline queue bury deliver 0199a1b2-…
    """
    typer.echo(reach.write(lambda tx: _bury(tx, lane, subject)))


# ------------------------------------------------------------------ looking


async def _list(store: Store, lane: Lane | None, as_json: bool) -> None:
    def page(look: Look, last: dict[str, Any] | None) -> list[dict[str, Any]]:
        jobs = look.jobs.rows(lane=lane, after=last["id"] if last else None, limit=PAGE)
        return [_row(job, look) | {"resting": _is_resting(job, look)} for job in jobs]

    rows = (row async for row in reach.paged(store, page) if lane or not row["resting"])
    if as_json:
        async for row in rows:
            render.line({name: row[name] for name in COLUMNS})
    else:
        render.table(COLUMNS, [[row[name] for name in COLUMNS] async for row in rows])


def _is_resting(job: Job, look: Look) -> bool:
    """Clockwork between two ticks."""
    return job.lane is Lane.CHORES and job.state is JobState.WAITING and job.run_at > look.now


def _row(job: Job, look: Look) -> dict[str, Any]:
    return {
        "id": job.id,
        "lane": job.lane,
        "subject": job.subject,
        "state": state(job, look),
        "attempts": job.attempts,
        "run_at": job.run_at,
        "lease_until": job.lease_until,
        "error": job.error,
    }


def _whole(job: Job, look: Look) -> dict[str, Any]:
    return _row(job, look) | {"channel": job.channel, "epoch": job.epoch, "payload": dict(job.payload)}


def state(job: Job, look: Look) -> str:
    """waiting, claimed or buried. A lease that has run out is no claim: anybody may take the Job."""
    if job.state is JobState.WAITING and job.lease_until and job.lease_until > look.now:
        return "claimed"
    return job.state


def _job(look: Look, lane: Lane, subject: str) -> Job:
    job = look.jobs.find(lane, subject)
    if job is None:
        raise NotDone(f"there is no job {lane} {subject}; see `firstline queue list --lane {lane}`")
    return job


# ------------------------------------------------------------------ digging up


def _refuse_misuse(lane: Lane | None, subject: str | None, all_buried: bool, resend: bool) -> None:
    if all_buried and subject:
        raise WrongUse("name one job, or say --all-buried, not both")
    if not all_buried and not (lane and subject):
        raise WrongUse("name the job's lane and subject, or say --all-buried")
    if resend and (all_buried or lane is not Lane.DELIVER):
        raise WrongUse("--resend is for one job of the lane deliver")


def _dig_up(tx: Transaction, lane: Lane, subject: str, *, resend: bool = False) -> None:
    job = _job(tx, lane, subject)
    if state(job, tx) == "claimed":
        raise NotDone(
            f"{lane} {subject} is being worked on until {render.instant(job.lease_until)}; see what comes of it"
        )
    if resend:
        parcel = _stuck(tx, subject)
        if parcel and parcel.state is DeliveryState.UNKNOWN:
            tx.outbox.pending(parcel.id, "sent again by an operator")
    tx.jobs.dig_up(lane, subject)
    tx.audit.write(operator(), "retry", "job", subject, lane=lane, resend=resend)


async def _dig_up_all(store: Store, lane: Lane | None) -> int:
    def page(look: Look, last: Job | None) -> list[Job]:
        return look.jobs.rows(lane=lane, after=last.id if last else None, limit=PAGE)

    buried = [job async for job in reach.paged(store, page) if job.state is JobState.BURIED]
    for some in _in_portions(buried):
        await store.write(_all_of(some))
    return len(buried)


def _all_of(jobs: list[Job]) -> Any:
    def dig_up(tx: Transaction) -> None:
        for job in jobs:
            if tx.jobs.find(job.lane, job.subject):
                _dig_up(tx, job.lane, job.subject)

    return dig_up


def _in_portions(jobs: list[Job]) -> Iterator[list[Job]]:
    return (jobs[start : start + PORTION] for start in range(0, len(jobs), PORTION))


# ------------------------------------------------------------------ burying, which ends at a person


def _bury(tx: Transaction, lane: Lane, subject: str) -> str:
    _job(tx, lane, subject)
    tx.jobs.set_aside(lane, subject, BY_HAND)
    tx.audit.write(operator(), "bury", "job", subject, lane=lane)
    done = f"{lane} {subject} is set aside"
    match lane:
        case Lane.READ:
            tx.arrivals.close(UUID(subject), "set aside", BY_HAND)
            return f"{done}; its raw is kept, and `firstline reread {subject}` reads it"
        case Lane.TRIAGE:
            return f"{done}; {_hand_to_people(tx, UUID(subject), 'triage was set aside by an operator')}"
        case Lane.DELIVER:
            parcel = _stuck(tx, subject)
            return (
                f"{done}; {_hand_to_people(tx, parcel.conversation, 'a reply is stuck: ' + BY_HAND)}"
                if parcel
                else done
            )
        case Lane.CHORES:
            return done


def _stuck(look: Look, thread: str) -> Parcel | None:
    return look.outbox.next_in(UUID(thread))


def _hand_to_people(tx: Transaction, conversation: UUID, reason: str) -> str:
    ticket = hand_over(tx, conversation, reason, actor=operator(), priority=Priority.NORMAL)
    if ticket is None:
        return "there is no conversation of it, so nobody waits"
    return f"ticket {ticket.number} is for whoever waits"
