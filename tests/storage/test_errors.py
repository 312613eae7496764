"""What the drivers' errors mean, asked of the drivers themselves where they can be made to raise them."""

import sqlite3

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import errors as postgresql

from bot.store import Conflict, StoreBroken, StoreBusy, StoreFull
from storage.database import database
from storage.errors import Verdict, own_error, store_error, verdict


def sqlite(code: int, text: str = "what SQLite says") -> sa.exc.DBAPIError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return sa.exc.OperationalError("SELECT secret", {}, error)


def server(kind: type[psycopg.Error]) -> sa.exc.DBAPIError:
    return sa.exc.OperationalError("SELECT secret", {}, kind("what PostgreSQL says"))


FOUND = [
    (sqlite(sqlite3.SQLITE_FULL), Verdict.FULL),
    (sqlite(sqlite3.SQLITE_IOERR_FSYNC), Verdict.INPUT_OUTPUT),
    (sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), Verdict.BUSY),
    (sqlite(sqlite3.SQLITE_NOMEM), Verdict.BUSY),
    (sqlite(sqlite3.SQLITE_CORRUPT_INDEX), Verdict.BROKEN),
    (sqlite(sqlite3.SQLITE_READONLY_DBMOVED), Verdict.DENIED),
    (sqlite(sqlite3.SQLITE_CONSTRAINT_CHECK), Verdict.OWN),
    (sqlite(sqlite3.SQLITE_ERROR), Verdict.OTHER),
    (server(postgresql.SerializationFailure), Verdict.AGAIN),
    (server(postgresql.DeadlockDetected), Verdict.AGAIN),
    (server(postgresql.LockNotAvailable), Verdict.AGAIN),
    (server(postgresql.AdminShutdown), Verdict.LOST),
    (server(postgresql.CannotConnectNow), Verdict.LOST),
    (server(postgresql.ReadOnlySqlTransaction), Verdict.LOST),
    (server(postgresql.DiskFull), Verdict.FULL),
    (server(postgresql.TooManyConnections), Verdict.BUSY),
    (server(postgresql.QueryCanceled), Verdict.BUSY),
    (server(postgresql.IoError), Verdict.BROKEN),
    (server(postgresql.DataCorrupted), Verdict.BROKEN),
    (server(postgresql.NotNullViolation), Verdict.OWN),
    (server(postgresql.NumericValueOutOfRange), Verdict.OWN),
    (server(postgresql.UndefinedTable), Verdict.OTHER),
    (server(postgresql.InFailedSqlTransaction), Verdict.OTHER),
    (server(psycopg.OperationalError), Verdict.LOST),
    (ValueError("a work's own"), Verdict.OTHER),
]


@pytest.mark.parametrize(("error", "found"), FOUND, ids=lambda x: x.name if isinstance(x, Verdict) else "")
def test_each_error_has_its_verdict(error: Exception, found: Verdict) -> None:
    assert verdict(error) is found


def test_a_connection_that_the_pool_gave_up_is_lost() -> None:
    error = sa.exc.DBAPIError("", {}, psycopg.InterfaceError("gone"), connection_invalidated=True)
    assert verdict(error) is Verdict.LOST


def test_values_that_a_driver_can_not_bind_are_the_works_own() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as told:
        connection.exec_driver_sql("SELECT ?", (object(),))
    engine.dispose()
    assert verdict(told.value) is Verdict.OWN


@pytest.mark.parametrize(
    ("error", "room", "kind"),
    [
        (sqlite(sqlite3.SQLITE_FULL), True, StoreFull),
        (sqlite(sqlite3.SQLITE_IOERR_WRITE), False, StoreFull),
        (sqlite(sqlite3.SQLITE_IOERR_WRITE), True, StoreBroken),
        (sqlite(sqlite3.SQLITE_NOTADB), False, StoreBroken),
        (sqlite(sqlite3.SQLITE_BUSY), True, StoreBusy),
        (sqlite(sqlite3.SQLITE_CANTOPEN), True, StoreBusy),
        (server(postgresql.DeadlockDetected), True, StoreBusy),
    ],
)
def test_what_the_callers_are_told(error: Exception, room: bool, kind: type[Exception]) -> None:
    told = store_error(error, "the database firstline.db", room=room)
    assert type(told) is kind
    assert told.__cause__ is error
    assert "firstline.db" in str(told)
    assert "says" in str(told)
    assert "secret" not in str(told)


def test_a_mistake_of_ours_stays_what_it_is() -> None:
    mistake = sqlite(sqlite3.SQLITE_ERROR)
    assert store_error(mistake, "it") is mistake


def test_only_a_taken_unique_key_is_a_conflict(database_url: str) -> None:
    engine = database(database_url).writer()
    told = []
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT UNIQUE, c TEXT NOT NULL)"))
        connection.execute(sa.text("INSERT INTO t VALUES ('ann@example.org', 'b', 'c')"))
        for values in ("('ann@example.org', 'x', 'c')", "('x', 'b', 'c')", "('x', 'x', NULL)"):
            with pytest.raises(sa.exc.IntegrityError) as raised, connection.begin_nested():
                connection.execute(sa.text(f"INSERT INTO t VALUES {values}"))
            told.append(own_error(raised.value))
    engine.dispose()
    assert [type(one) for one in told] == [Conflict, Conflict, sa.exc.IntegrityError]
    assert isinstance(told[0].__cause__, sa.exc.IntegrityError)
    assert "ann@example.org" not in str(told[0])


def test_a_disk_without_room_is_known(sqlite_url: str) -> None:
    assert database(sqlite_url).has_room()
    assert not database("sqlite:////proc/firstline.db").has_room()
