"""Arrivals and their raw bytes."""

import hashlib
import zlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, tuple_, update

from bot.model import Arrival, Kept, Lane
from bot.rows import ArrivalRow
from storage.jobs import fresh_job
from storage.noun import Noun
from storage.schema import arrival as arrivals
from storage.schema import job as jobs
from storage.schema import raw

_ROW = select(arrivals, raw.c.size).join(raw, raw.c.arrival == arrivals.c.id)


class Arrivals(Noun):
    def keep(self, coming: Sequence[Arrival]) -> list[Kept]:
        first = {(a.channel, a.transport_key): a for a in reversed(coming)}
        new = self._insert(list(first.values()))
        known = {key: a.id for key, a in first.items() if a.id in new}
        known |= self._find([key for key in first if key not in known])
        return [_promise(a, known[a.channel, a.transport_key]) for a in coming]

    def close(self, arrival: UUID, state: str, problem: str = "") -> None:
        self.run(update(arrivals).where(arrivals.c.id == arrival).values(state=state, problem=problem))

    def redact(self, arrival: UUID) -> None:
        nothing = {"data": zlib.compress(b""), "size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
        self.run(update(raw).where(raw.c.arrival == arrival).values(nothing))

    def get(self, arrival: UUID) -> Arrival | None:
        row = self.one(
            select(arrivals, raw.c.data).join(raw, raw.c.arrival == arrivals.c.id).where(arrivals.c.id == arrival)
        )
        if row is None:
            return None
        return Arrival(row.id, row.channel, row.transport_key, zlib.decompress(row.data), row.envelope, row.kept_at)

    def row(self, arrival: UUID) -> ArrivalRow | None:
        row = self.one(_ROW.where(arrivals.c.id == arrival))
        return _row(row) if row else None

    def since(self, after: UUID | None, *, state: str | None, limit: int) -> list[ArrivalRow]:
        statement = _ROW.order_by(arrivals.c.id).limit(limit)
        if after:
            statement = statement.where(arrivals.c.id > after)
        if state:
            statement = statement.where(arrivals.c.state == state)
        return [_row(row) for row in self.run(statement)]

    def _insert(self, coming: list[Arrival]) -> set[UUID]:
        """Insert those that are new, with raw and read Job; returns their ids."""
        statement = self.upsert(arrivals).on_conflict_do_nothing().returning(arrivals.c.id)
        new = {row.id for row in self.run(statement, [self._values(a) for a in coming])}
        fresh = [a for a in coming if a.id in new]
        if fresh:
            self.run(insert(raw), [self._raw(a) for a in fresh])
            self.tx.touched.add(Lane.READ)
            self.run(insert(jobs), [self._job(a) for a in fresh])
        return new

    def _find(self, keys: list[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        if not keys:
            return {}
        found = select(arrivals.c.id, arrivals.c.channel, arrivals.c.transport_key).where(
            tuple_(arrivals.c.channel, arrivals.c.transport_key).in_(keys)
        )
        return {(row.channel, row.transport_key): row.id for row in self.run(found)}

    def _job(self, a: Arrival) -> dict[str, Any]:
        return fresh_job(Lane.READ, str(a.id), a.channel, self.now) | {"run_at": self.now + a.wait}

    def _values(self, a: Arrival) -> dict[str, Any]:
        return {
            "id": a.id,
            "channel": a.channel,
            "transport_key": a.transport_key,
            "envelope": dict(a.envelope),
            "state": "kept",
            "problem": "",
            "kept_at": a.kept_at or self.now,
        }

    def _raw(self, a: Arrival) -> dict[str, Any]:
        return {
            "arrival": a.id,
            "sha256": hashlib.sha256(a.raw).hexdigest(),
            "size": len(a.raw),
            # Level 1: 23 us for 10 kB against 6 for the hash; higher levels cost more than the pages they save.
            "data": zlib.compress(a.raw, 1),
            "kept_at": a.kept_at or self.now,
        }


def _promise(a: Arrival, kept: UUID) -> Kept:
    return Kept(kept, seen_before=kept != a.id)


def _row(row: Row[Any]) -> ArrivalRow:
    return ArrivalRow(row.id, row.channel, row.envelope, row.state, row.problem, row.kept_at, row.size)
