"""How far a polled place has been kept."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from storage.noun import Noun
from storage.schema import cursor


class Cursors(Noun):
    def get(self, name: str) -> Mapping[str, Any] | None:
        row = self.one(select(cursor.c.value).where(cursor.c.name == name))
        return row.value if row else None

    def set(self, name: str, value: Mapping[str, Any]) -> None:
        values = {"value": dict(value), "updated_at": self.now}
        statement = self.upsert(cursor).values(name=name, **values)
        self.run(statement.on_conflict_do_update(index_elements=["name"], set_=values))
