"""Whose messages are kept and nothing more."""

from typing import Any

from sqlalchemy import Row, delete, select

from bot.blocking import Block, patterns_for
from storage.noun import Noun
from storage.schema import blocked


class Blocks(Noun):
    def rows(self) -> list[Block]:
        return [_block(row) for row in self.run(select(blocked).order_by(blocked.c.pattern))]

    def of(self, address: str) -> Block | None:
        row = self.one(select(blocked).where(blocked.c.pattern.in_(patterns_for(address))).limit(1))
        return _block(row) if row else None

    # -------------------------------------------------------------- writing

    def add(self, pattern: str, *, reason: str, by: str) -> bool:
        values = {"pattern": pattern, "reason": reason, "by": by, "created_at": self.now}
        return self.insert_new(blocked, values)

    def remove(self, pattern: str) -> bool:
        return self.run(delete(blocked).where(blocked.c.pattern == pattern)).rowcount == 1


def _block(row: Row[Any]) -> Block:
    return Block(row.pattern, row.reason, row.by, row.created_at)
