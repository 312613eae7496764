"""What can be asked of a database beside a running desk, without changing anything in it."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.database import database
from storage.errors import store_error

T = TypeVar("T")


def begin_to_write(url: str) -> None:
    """Take what a writer takes and let go of it. Raises a StoreError when nothing could be written."""
    base = database(url)
    if base.exists():
        _ask(url, base.writer(), lambda connection: None)


def damage(url: str) -> list[str]:
    """What SQLite finds wrong with the whole of its file: minutes for a large one; a server looks after itself.
    Raises a StoreError."""
    base = database(url)
    if base.remote or not base.exists():
        return []
    rows = _ask(url, base.looker(), lambda connection: connection.exec_driver_sql("PRAGMA quick_check(20)").all())
    return [str(row[0]) for row in rows if row[0] != "ok"]


def _ask(url: str, engine: Engine, question: Callable[[Connection], T]) -> T:
    base = database(url)
    try:
        with engine.connect() as connection, connection.begin():
            return question(connection)
    except DBAPIError as error:
        raise store_error(error, base.name, room=base.has_room()) from error
    finally:
        engine.dispose()
