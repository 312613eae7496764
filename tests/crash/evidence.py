"""What the database says, by plain queries of its own: nothing of the desk's code has a part in it."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString, Protocol
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

Row = Mapping[str, Any]

# Table by table, only what the checker looks at; `raw` alone is large.
TABLES: Mapping[str, LiteralString] = {
    "arrival": "SELECT id, state, problem, envelope FROM arrival",
    "raw": "SELECT arrival, data FROM raw",
    "message": "SELECT id, conversation, arrival, decision, decided, author, kind, key, partly FROM message",
    "conversation": "SELECT id, state, turn FROM conversation",
    "decision": "SELECT id, conversation, turn, action FROM decision",
    "ticket": "SELECT id, conversation, number, state FROM ticket",
    "escalation": "SELECT id, ticket FROM escalation",
    "parcel": "SELECT id, conversation, kind, automatic FROM parcel",
    "delivery": "SELECT id, thread, seq, state, attempts, reference FROM delivery",
    "thread": "SELECT id, conversation FROM thread",
    "job": "SELECT id, lane, subject, state, run_at, lease_until, error FROM job WHERE lane <> 'chores'",
    "pause": "SELECT channel, until FROM pause",
}


class Look(Protocol):
    """One open look at a database."""

    def rows(self, query: LiteralString) -> list[Row]: ...

    def damage(self) -> list[str]:
        """What is wrong with the database as such; nothing if all is well."""
        ...


class SQLiteLook:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: LiteralString) -> list[Row]:
        cursor = self._connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [_plain(dict(zip(names, row, strict=True))) for row in cursor]

    def damage(self) -> list[str]:
        words = [row[0] for row in self._connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        orphans = [f"{row[0]} {row[1]} has no {row[2]}" for row in self._connection.execute("PRAGMA foreign_key_check")]
        return words + orphans


class PostgreSQLLook:
    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def rows(self, query: LiteralString) -> list[Row]:
        return [_plain(row) for row in self._connection.execute(query)]

    def damage(self) -> list[str]:
        return [orphan for key in self.rows(_KEYS) for orphan in self._orphans(key)]

    def _orphans(self, key: Row) -> list[str]:
        child, parent, column, target = (
            psycopg.sql.Identifier(key[name]) for name in ("child", "parent", "column", "target")
        )
        query = psycopg.sql.SQL(
            "SELECT count(*) AS number FROM {} c LEFT JOIN {} p ON c.{} = p.{} WHERE c.{} IS NOT NULL AND p.{} IS NULL"
        )
        found = self._connection.execute(query.format(child, parent, column, target, column, target)).fetchone()
        number = found["number"] if found else 0
        return [f"{number} of {key['child']} have no {key['parent']}"] if number else []


# The foreign keys, all of one column each.
_KEYS = """
    SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent,
           a.attname AS column, b.attname AS target
    FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
    WHERE c.contype = 'f'
"""


@contextmanager
def look(url: str) -> Iterator[Look]:
    """One snapshot. Raises the driver's error when the database is away."""
    if url.startswith("sqlite"):
        # Read-only: closing the last writing connection would tidy up the log that the next start has to cope with.
        file = sqlite3.connect(f"file:{url.partition(':///')[2]}?mode=ro", uri=True, timeout=10, isolation_level=None)
        try:
            file.execute("BEGIN")
            yield SQLiteLook(file)
        finally:
            file.close()
        return
    with psycopg.connect(url, connect_timeout=5, row_factory=dict_row) as server:
        server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield PostgreSQLLook(server)


class Evidence:
    """All tables, as they were at one moment."""

    def __init__(self, tables: Mapping[str, list[Row]], damage: list[str]) -> None:
        self.tables = tables
        self.damage = damage

    @classmethod
    def of(cls, url: str) -> "Evidence":
        with look(url) as open_look:
            tables = {name: open_look.rows(query) for name, query in TABLES.items()}
            return cls(tables, open_look.damage())

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables[table]


def _plain(row: dict[str, Any]) -> Row:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    """The same from both databases: ids as 32 hexadecimal digits, instants as sortable text, JSON as its values."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    if name == "envelope" and isinstance(value, str):
        return json.loads(value)
    if name in ("decided", "partly", "automatic"):
        return bool(value)
    return bytes(value) if isinstance(value, memoryview) else value
