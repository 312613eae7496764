"""The migrations make what the tables in schema.py say, on both databases, once, and never something of the future."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.store import SchemaMismatch, StoreBusy
from storage import migrate
from storage.database import database
from storage.migrate import MIGRATIONS, VERSIONS, State, state, upgrade
from storage.schema import metadata
from storage.store import SqlStore
from tests.storage.engine import QUICK, opened

# Made by fulltext.py: a virtual table and its shadows on SQLite, a generated column and its index on PostgreSQL.
FULLTEXT = ("passage_fts", "ix_passage_search", "search")


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    engine = database(url).writer()
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def ours(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    return not (name or "").startswith(FULLTEXT)


def test_migrations_and_tables_agree(database_url: str) -> None:
    upgrade(database_url)
    with connected(database_url) as connection:
        # Of an identity column SQLite knows nothing: there, an INTEGER PRIMARY KEY counts by itself.
        opts = {"compare_server_default": connection.dialect.name == "postgresql", "include_object": ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_partial_indexes_are_partial_in_the_same_way(database_url: str) -> None:
    """What alembic does not compare."""

    def indexes(connection: sa.Connection) -> dict[str, str]:
        table, sql = ("sqlite_master", "sql") if connection.dialect.name == "sqlite" else ("pg_indexes", "indexdef")
        name = "name" if connection.dialect.name == "sqlite" else "indexname"
        where = "type = 'index' AND sql IS NOT NULL" if table == "sqlite_master" else "schemaname = current_schema()"
        rows = connection.execute(sa.text(f"SELECT {name} AS name, {sql} AS sql FROM {table} WHERE {where}"))
        return {row.name: " ".join(row.sql.split()) for row in rows if not row.name.startswith(("alembic", *FULLTEXT))}

    upgrade(database_url)
    with connected(database_url) as connection:
        migrated = indexes(connection)
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.text(f'DROP TABLE "{table.name}"'))
        metadata.create_all(connection)
        assert migrated == indexes(connection)
    assert any("WHERE" in sql for sql in migrated.values())


def test_a_new_desk_has_its_first_rows(database_url: str) -> None:
    upgrade(database_url)
    with connected(database_url) as connection:
        assert connection.execute(sa.select(metadata.tables["desk"])).all() == [("firstline", False, "", None)]
        assert connection.scalars(sa.select(metadata.tables["team"].c.name)).all() == ["support"]


def test_each_version_is_known_and_follows_the_one_before() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == VERSIONS
    assert [script.down_revision for script in reversed(scripts)] == [None, *VERSIONS[:-1]]


# ------------------------------------------------------------------ states


def test_a_new_database_is_empty_and_looking_makes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    assert state(sqlite_url) is State.EMPTY
    assert list(tmp_path.iterdir()) == []


def test_it_is_current_after_an_upgrade_and_a_second_one_changes_nothing(database_url: str) -> None:
    assert state(database_url) is State.EMPTY
    upgrade(database_url)
    assert state(database_url) is State.CURRENT
    upgrade(database_url)
    assert state(database_url) is State.CURRENT


async def test_a_schema_from_the_future_is_refused_by_its_number(database_url: str) -> None:
    await asyncio.to_thread(upgrade, database_url)
    with connected(database_url) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9876'"))
    assert state(database_url) is State.FUTURE
    with pytest.raises(SchemaMismatch, match=r"schema 9876.*run the newer version"):
        upgrade(database_url)
    with pytest.raises(SchemaMismatch, match="schema 9876"):
        await SqlStore(database_url, limits=QUICK).start()


def test_an_older_schema_is_behind(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(database_url)
    monkeypatch.setattr(migrate, "VERSIONS", (*VERSIONS, "9999"))
    assert state(database_url) is State.BEHIND


async def test_sqlite_is_brought_up_to_date_at_start(sqlite_url: str) -> None:
    async with SqlStore(sqlite_url, limits=QUICK) as store:
        assert not (await store.read(lambda look: look.desk.get())).stopped
    assert state(sqlite_url) is State.CURRENT


def test_a_migration_that_fails_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with connected(database_url) as connection:
        connection.execute(sa.text("CREATE TABLE delivery (in_the_way INTEGER)"))
    with pytest.raises(sa.exc.DBAPIError):
        upgrade(database_url)
    assert state(database_url) is State.EMPTY
    with connected(database_url) as connection:
        assert sa.inspect(connection).get_table_names() == ["delivery"]


def test_two_at_once_do_it_once(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(upgrade, database_url) for _ in range(4)]:
            done.result()
    assert state(database_url) is State.CURRENT


# ------------------------------------------------------------------ around it


def test_a_server_that_is_away_is_busy_and_its_password_stays_untold(postgresql_url: str) -> None:
    with pytest.raises(StoreBusy) as told:
        state("postgresql://someone:secret@127.0.0.1:1/nothing")
    assert "nothing on 127.0.0.1" in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    ["", "mysql://host/name", "sqlite://", "sqlite:///:memory:", "sqlite:///file?mode=ro", "postgresql://h:port/n"],
)
def test_what_is_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"database|SQLite"):
        database(url)


async def test_a_desk_that_is_up_to_date_does_not_carry_alembic(sqlite_url: str) -> None:
    async with opened(sqlite_url):
        pass
    program = (
        "import asyncio, sys\n"
        "from storage.store import SqlStore\n"
        "async def main():\n"
        "    async with SqlStore(sys.argv[1]) as store:\n"
        "        await store.write(lambda tx: None)\n"
        "asyncio.run(main())\n"
        "print([name for name in ('alembic', 'mako', 'psycopg') if name in sys.modules])\n"
    )
    said = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program, sqlite_url], capture_output=True, text=True, timeout=60
    )
    assert said.stdout == "[]\n", said.stderr
