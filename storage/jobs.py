"""The queue: one row per (lane, subject), claimed or not."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Row, and_, case, delete, func, or_, select, tuple_, update

from bot.ids import new_id
from bot.model import Job, JobState, Lane
from bot.rows import Pause
from bot.store import LostClaim
from storage.noun import Noun, upsert
from storage.schema import job, pause

# A lease further away than this was taken by a host whose clock was wrong: it counts as expired.
LONGEST_LEASE = timedelta(minutes=15)


class Jobs(Noun):
    def put(
        self,
        lane: Lane,
        subject: str,
        *,
        channel: str = "",
        run_at: datetime | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        values = fresh_job(lane, subject, channel, self.now)
        values |= {"run_at": run_at or self.now, "payload": {"v": 1, **(payload or {})}}
        self.run(_put(self.tx.connection.dialect.name, renewed=payload is not None), values)
        self.tx.touched.add(lane)

    # -------------------------------------------------------------- whoever works on it

    def claim(self, lane: Lane, *, at_most: int, lease: timedelta) -> list[Job]:
        due = (
            select(job.c.id)
            .where(self._claimable(lane))
            .order_by(job.c.run_at, job.c.id)
            .limit(at_most)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        # Not a subquery: PostgreSQL may run one again for each row of a small table, and so claim more than the limit.
        statement = (
            update(job)
            .where(job.c.id.in_(select(due.c.id)))
            .values(
                epoch=job.c.epoch + 1,
                attempts=job.c.attempts + 1,
                lease_until=self.now + lease,
                again=False,
                lapsed=job.c.lease_until.is_not(None),
            )
            .returning(job)
        )
        return sorted((_job(row) for row in self.run(statement)), key=lambda j: (j.run_at, j.id))

    def renew(self, jobs: Sequence[Job], lease: timedelta) -> list[Job]:
        mine = tuple_(job.c.id, job.c.epoch).in_([(j.id, j.epoch) for j in jobs])
        statement = (
            update(job)
            .where(mine, job.c.lease_until.is_not(None))
            .values(lease_until=self.now + lease)
            .returning(job.c.id)
        )
        kept = {row.id for row in self.run(statement)} if jobs else set()
        return [j for j in jobs if j.id in kept]

    def release(self) -> int:
        claimed = update(job).where(job.c.lease_until.is_not(None))
        freed = self.run(claimed.values(lease_until=None, epoch=job.c.epoch + 1)).rowcount
        self.tx.touched.update(Lane)
        return freed

    def hold(self, mine: Job) -> None:
        if self.one(select(job.c.id).where(_held(mine)).with_for_update()) is None:
            raise _lost(mine)

    def finish(self, done: Job) -> None:
        if self.run(delete(job).where(_held(done), job.c.again.is_(False))).rowcount == 1:
            return
        self._release(done, attempts=0, payload={"v": 1}, error="")
        self.tx.touched.add(done.lane)

    def retry(
        self, tried: Job, run_at: datetime, error: str, *, payload: Mapping[str, Any] | None = None, free: bool = False
    ) -> None:
        self._release(
            tried,
            run_at=run_at,
            error=error,
            attempts=tried.attempts - 1 if free else tried.attempts,
            payload=dict(payload if payload is not None else tried.payload),
        )

    def bury(self, lost: Job, error: str) -> None:
        """New work that came in the meantime keeps it alive, with all its tries."""
        self.tx.touched.add(lost.lane)
        statement = update(job).where(_held(lost), job.c.again.is_(False))
        if self.run(statement.values(state=JobState.BURIED, lease_until=None, error=error)).rowcount == 1:
            return
        self._release(lost, attempts=0, payload={"v": 1}, error=error)

    # -------------------------------------------------------------- whoever runs the desk

    def dig_up(self, lane: Lane, subject: str) -> bool:
        self.tx.touched.add(lane)
        statement = update(job).where(job.c.lane == lane, job.c.subject == subject)
        return bool(
            self.run(
                statement.values(
                    state=JobState.WAITING,
                    attempts=0,
                    run_at=self.now,
                    lease_until=None,
                    epoch=job.c.epoch + 1,
                )
            ).rowcount
        )

    def set_aside(self, lane: Lane, subject: str, error: str) -> bool:
        statement = update(job).where(job.c.lane == lane, job.c.subject == subject)
        values = {"state": JobState.BURIED, "lease_until": None, "epoch": job.c.epoch + 1, "error": error}
        return bool(self.run(statement.values(values)).rowcount)

    # -------------------------------------------------------------- channels that can't be reached

    def pause(self, channel: str, until: datetime, reason: str) -> None:
        statement = self.upsert(pause).values(channel=channel, since=self.now, until=until, tries=1, reason=reason)
        self.run(
            statement.on_conflict_do_update(
                index_elements=["channel"], set_={"until": until, "reason": reason, "tries": pause.c.tries + 1}
            )
        )

    def may_probe(self, channel: str, until: datetime) -> bool:
        if self.one(select(pause.c.channel).where(pause.c.channel == channel)) is None:
            return True
        probe = update(pause).where(pause.c.channel == channel, pause.c.until <= self.now).values(until=until)
        return self.run(probe).rowcount == 1

    def resume(self, channel: str) -> bool:
        if self.run(delete(pause).where(pause.c.channel == channel)).rowcount == 0:
            return False
        waiting = and_(job.c.lane == Lane.DELIVER, job.c.channel == channel, job.c.lease_until.is_(None))
        self.run(update(job).where(waiting, job.c.run_at > self.now).values(run_at=self.now))
        self.tx.touched.add(Lane.DELIVER)
        return True

    def pauses(self) -> list[Pause]:
        rows = self.run(select(pause).order_by(pause.c.channel))
        return [Pause(row.channel, row.since, row.until, row.tries, row.reason) for row in rows]

    # -------------------------------------------------------------- looking

    def rows(self, *, lane: Lane | None = None, after: UUID | None = None, limit: int = 1000) -> list[Job]:
        statement = select(job).order_by(job.c.id).limit(limit)
        if lane:
            statement = statement.where(job.c.lane == lane)
        if after:
            statement = statement.where(job.c.id > after)
        return [_job(row) for row in self.run(statement)]

    def find(self, lane: Lane, subject: str) -> Job | None:
        row = self.one(select(job).where(job.c.lane == lane, job.c.subject == subject))
        return _job(row) if row else None

    def next_due(self, lanes: Sequence[Lane]) -> datetime | None:
        here = job.c.lane.in_(lanes)
        free = and_(here, job.c.state == JobState.WAITING, job.c.lease_until.is_(None))
        moments = [
            self.run(select(func.min(job.c.run_at)).where(free, self._unpaused())).scalar(),
            self.run(select(func.min(job.c.lease_until)).where(here, job.c.lease_until.is_not(None))).scalar(),
            self.run(select(func.min(pause.c.until)).where(pause.c.until > self.now)).scalar(),
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def counts(self) -> dict[str, int]:
        statement = select(job.c.lane, job.c.state, func.count().label("number")).group_by(job.c.lane, job.c.state)
        return {
            row.lane if row.state == JobState.WAITING else f"{row.lane}.{row.state}": row.number
            for row in self.run(statement)
        }

    # -------------------------------------------------------------- parts

    def _claimable(self, lane: Lane) -> ColumnElement[bool]:
        leased = and_(job.c.lease_until > self.now, job.c.lease_until <= self.now + LONGEST_LEASE)
        return and_(
            job.c.lane == lane,
            job.c.state == JobState.WAITING,
            job.c.run_at <= self.now,
            or_(job.c.lease_until.is_(None), ~leased),
            self._unpaused(),
        )

    def _unpaused(self) -> ColumnElement[bool]:
        """A channel that can't be reached holds up only what is delivered to it."""
        closed = select(pause.c.channel).where(pause.c.until > self.now)
        return or_(job.c.lane != Lane.DELIVER, job.c.channel.not_in(closed))

    def _release(self, held: Job, **values: Any) -> None:
        released = self.run(update(job).where(_held(held)).values(lease_until=None, again=False, **values))
        if released.rowcount != 1:
            raise _lost(held)


def _held(held: Job) -> ColumnElement[bool]:
    return and_(job.c.id == held.id, job.c.epoch == held.epoch)


@cache
def _put(dialect: str, *, renewed: bool) -> Executable:
    """Built once: building it took longer than running it."""
    statement = upsert(dialect, job)
    new, buried, claimed = statement.excluded, job.c.state == JobState.BURIED, job.c.lease_until.is_not(None)
    put: Executable = statement.on_conflict_do_update(
        index_elements=["lane", "subject"],
        set_={
            "again": claimed,
            "run_at": case((or_(claimed, buried, new.run_at < job.c.run_at), new.run_at), else_=job.c.run_at),
            "attempts": case((buried, 0), else_=job.c.attempts),
            "payload": new.payload if renewed else job.c.payload,
            "state": JobState.WAITING,
        },
    )
    return put


def _lost(mine: Job) -> LostClaim:
    return LostClaim(f"{mine.lane} {mine.subject}: claimed by another worker since")


def fresh_job(lane: Lane, subject: str, channel: str, now: datetime) -> dict[str, Any]:
    """The row of a Job that is due at once."""
    return {
        "id": new_id(),
        "lane": lane,
        "subject": subject,
        "channel": channel,
        "payload": {"v": 1},
        "run_at": now,
        "epoch": 0,
        "attempts": 0,
        "again": False,
        "state": JobState.WAITING,
        "error": "",
        "created_at": now,
    }


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        lane=Lane(row.lane),
        subject=row.subject,
        channel=row.channel,
        payload=row.payload,
        epoch=row.epoch,
        attempts=row.attempts,
        run_at=row.run_at,
        lease_until=row.lease_until,
        state=JobState(row.state),
        error=row.error,
        lapsed=row.lapsed,
    )
