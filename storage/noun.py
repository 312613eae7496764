"""What the module of each noun stands on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, CursorResult, Executable, Insert, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

from bot.model import Identity, Lane


class Open(Protocol):
    """An open transaction, or a snapshot."""

    @property
    def connection(self) -> Connection: ...
    @property
    def now(self) -> datetime: ...
    @property
    def touched(self) -> set[Lane]:
        """Lanes in which this transaction makes work that is due: woken after its commit."""
        ...


class Noun:
    def __init__(self, tx: Open) -> None:
        self.tx = tx

    @property
    def now(self) -> datetime:
        return self.tx.now

    def run(
        self, statement: Executable, values: dict[str, Any] | Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[Any]:
        return self.tx.connection.execute(statement, values)

    def one(self, statement: Executable) -> Row[Any] | None:
        return self.run(statement).first()

    def upsert(self, table: Table) -> Any:
        """An INSERT that knows ON CONFLICT: spelled alike by both dialects, but theirs alone in SQLAlchemy."""
        return upsert(self.tx.connection.dialect.name, table)

    def insert_new(self, table: Table, values: dict[str, Any]) -> bool:
        """Insert unless a unique key is taken; True when it was inserted."""
        statement: Insert = self.upsert(table).values(values).on_conflict_do_nothing()
        # Not the row count: psycopg's is not told for an INSERT that SQLAlchemy compiles.
        return self.one(statement.returning(*table.primary_key.columns)) is not None


def upsert(dialect: str, table: Table) -> Any:
    build: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return build(table)


def identity_of(kind: str | None, value: str | None, name: str = "") -> Identity | None:
    return Identity(kind, value, name) if kind and value else None
