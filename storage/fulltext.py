"""Full-text search over passages, the one thing that SQLite and PostgreSQL spell wholly differently.

SQLite keeps its index in a table of its own, under a row id that follows from the passage's id (the implicit one of
`passage` may change with VACUUM), so whoever writes passages calls `index` and `unindex`. On PostgreSQL a generated
column does the same by itself.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Executable, Float, String, Text, bindparam, column, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR

from storage.schema import passage

MOST_WORDS = 40

_CREATE = {
    "sqlite": (
        """CREATE VIRTUAL TABLE passage_fts
           USING fts5(passage UNINDEXED, title, heading, text, tokenize = 'porter unicode61')""",
    ),
    "postgresql": (
        """ALTER TABLE passage ADD COLUMN search tsvector GENERATED ALWAYS AS (
           setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', heading), 'B')
           || setweight(to_tsvector('english', text), 'C')) STORED""",
        "CREATE INDEX ix_passage_search ON passage USING gin (search)",
    ),
}
_DROP = {
    "sqlite": ("DROP TABLE IF EXISTS passage_fts",),
    "postgresql": ("DROP INDEX IF EXISTS ix_passage_search", "ALTER TABLE passage DROP COLUMN IF EXISTS search"),
}

_INSERT = text(
    "INSERT INTO passage_fts (rowid, passage, title, heading, text) VALUES (:row, :passage, :title, :heading, :text)"
)
_DELETE = text("DELETE FROM passage_fts WHERE rowid = :row")
# bm25() is smaller for what fits better; the weights are of passage, title, heading, text.
_MATCH = text(
    "SELECT passage AS id, -bm25(passage_fts, 0.0, 3.0, 2.0, 1.0) AS score FROM passage_fts"
    " WHERE passage_fts MATCH :words ORDER BY score DESC, rowid LIMIT :limit"
).columns(column("id", String), column("score", Float))


def create_fulltext(connection: Connection) -> None:
    """Make the index of the passages; those that exist already are in it afterwards."""
    _run(connection, _CREATE)
    rows = connection.execute(select(passage.c.id, passage.c.title, passage.c.heading, passage.c.text)).mappings().all()
    index(connection, [dict(row) for row in rows])


def drop_fulltext(connection: Connection) -> None:
    _run(connection, _DROP)


def index(connection: Connection, passages: Sequence[dict[str, Any]]) -> None:
    """Keep the index in step with rows that were put into `passage`."""
    if connection.dialect.name == "sqlite" and passages:
        connection.execute(_INSERT, [_row(p) for p in passages])


def unindex(connection: Connection, passages: Sequence[UUID]) -> None:
    """Keep the index in step with rows that were removed from `passage`."""
    if connection.dialect.name == "sqlite" and passages:
        connection.execute(_DELETE, [{"row": _row_id(p)} for p in passages])


def find(connection: Connection, words: Sequence[str], limit: int) -> list[tuple[UUID, float]]:
    """(passage, score) of those with any of the first 40 words, best first."""
    asked = [word for word in (w.replace("\0", "") for w in words) if word.strip()][:MOST_WORDS]
    if not asked:
        return []
    if connection.dialect.name == "sqlite":
        rows = connection.execute(_MATCH, {"words": " OR ".join(map(_quoted, asked)), "limit": limit})
        return [(UUID(row.id), row.score) for row in rows]
    return [(row.id, row.score) for row in connection.execute(_ranked(asked, limit))]


def _run(connection: Connection, statements: dict[str, tuple[str, ...]]) -> None:
    for statement in statements[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def _row(values: dict[str, Any]) -> dict[str, Any]:
    names = {name: values[name] for name in ("title", "heading", "text")}
    return {"row": _row_id(values["id"]), "passage": values["id"].hex, **names}


def _row_id(passage_id: UUID) -> int:
    """The 62 random bits of the id, which fit a signed row id."""
    return passage_id.int & (1 << 62) - 1


def _quoted(word: str) -> str:
    """A string of FTS5's query language, in which nothing but the quote has a meaning."""
    return '"' + word.replace('"', '""') + '"'


def _ranked(words: list[str], limit: int) -> Executable:
    search = column("search", TSVECTOR)
    asked: Any = func.plainto_tsquery("english", bindparam(None, words[0], Text), type_=TSQUERY)
    for word in words[1:]:
        asked = asked.op("||")(func.plainto_tsquery("english", bindparam(None, word, Text), type_=TSQUERY))
    weights = literal([0.1, 0.33, 0.66, 1.0], ARRAY(Float)).cast(ARRAY(Float(24)))
    score = func.ts_rank_cd(weights, search, asked, type_=Float).label("score")
    found = select(passage.c.id, score).where(search.op("@@")(asked))
    return found.order_by(score.desc(), passage.c.id).limit(limit)
