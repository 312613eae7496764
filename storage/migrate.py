"""The schema's versions. alembic is imported only when there is something to migrate: it stays in memory for good."""

from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.store import SchemaMismatch
from storage.database import database
from storage.dialect import Database
from storage.errors import store_error

MIGRATIONS = Path(__file__).with_name("migrations")
VERSIONS = tuple(sorted(file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py")))


class State(StrEnum):
    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    FUTURE = "future"


def state(url: str) -> State:
    """Takes no lock and makes no file. Raises a StoreError when the database can't be read."""
    return _state(_version(database(url)))


def upgrade(url: str) -> None:
    """Bring the schema up to date, all of it or nothing. Raises SchemaMismatch when it is from the future."""
    _upgrade(database(url))


def prepare(base: Database) -> None:
    """At start: a SQLite file is brought up to date, a server has to be already. Raises SchemaMismatch."""
    version = _version(base)
    found = _state(version)
    if found is State.CURRENT:
        return
    if base.fix and found is not State.FUTURE:
        has = f"schema {version}" if version else "no schema yet"
        raise SchemaMismatch(f"{base.name} has {has}, and this version needs {VERSIONS[-1]}: run `{base.fix}` first")
    _upgrade(base)


def _upgrade(base: Database) -> None:
    version = _version(base)
    if _state(version) is State.FUTURE:
        raise SchemaMismatch(
            f"{base.name} has schema {version}, and this version knows none after {VERSIONS[-1]}: run the newer"
            " version, or restore a backup from before it"
        )
    base.create()
    engine = base.writer()
    try:
        with engine.begin() as connection:
            base.lock_schema(connection)
            _run(connection)
    except DBAPIError as error:
        raise store_error(error, base.name, room=base.has_room()) from error
    finally:
        engine.dispose()


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _state(version: str | None) -> State:
    if version is None:
        return State.EMPTY
    if version not in VERSIONS:
        return State.FUTURE
    return State.CURRENT if version == VERSIONS[-1] else State.BEHIND


def _version(base: Database) -> str | None:
    if not base.exists():
        return None
    engine = base.looker()
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return version
    except DBAPIError as error:
        raise store_error(error, base.name, room=base.has_room()) from error
    finally:
        engine.dispose()
