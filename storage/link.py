"""The writer's one connection, and what becomes of its transactions."""

import time
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from sqlalchemy import Connection, ExceptionContext, RootTransaction, event
from sqlalchemy.exc import DBAPIError

from storage.dialect import Database
from storage.errors import USELESS, Verdict, verdict
from storage.transaction import SqlTransaction

T = TypeVar("T")


class Failed(Exception):
    """The transaction came to nothing; `cause` is the error that the database gave."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class NotBegun(Failed):
    """No transaction could be begun; no work has run."""


class Ended(Failed):
    """Nothing of the transaction is stored."""


class Unknown(Failed):
    """The connection was lost in COMMIT; the whole transaction may be stored, or nothing of it."""


class TransactionTaken(Exception):
    """A work has ended the transaction that it shares with others."""


class Link:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._engine = database.writer()
        self._connection: Connection | None = None
        self._transaction: RootTransaction | None = None
        self._raw: Any = None
        self._fault: DBAPIError | None = None
        event.listen(self._engine, "before_cursor_execute", self._refuse)
        event.listen(self._engine, "handle_error", self._note)
        event.listen(self._engine, "rollback_savepoint", self._mend)

    # -------------------------------------------------------------- a transaction, from its beginning

    def begin(self) -> SqlTransaction:
        """Raises NotBegun; a server that is away is given the time that the limits say."""
        end = time.monotonic() + self.database.limits.reach
        pause = 0.05
        while True:
            reused = self._connection is not None
            try:
                return self._begin()
            except DBAPIError as error:
                self._clean_up(error)
                found = verdict(error)
                if reused and found in USELESS:
                    continue  # it may have been the connection's fault alone
                if not self.database.remote or found is not Verdict.LOST or time.monotonic() + pause > end:
                    raise NotBegun(error) from error
            time.sleep(pause)
            pause *= 2

    def save(self) -> None:
        """What follows can be undone back to here. The savepoints of a batch stand in each other, none is released."""
        self._say("SAVEPOINT work")

    def undo(self) -> None:
        self._say("ROLLBACK TO SAVEPOINT work")

    def forget_faults(self) -> None:
        self._fault = None

    def fault(self) -> DBAPIError | None:
        """The database error that a work met and did not undo. Raises Ended when the work is not to blame for it."""
        if self._fault is not None and verdict(self._fault) is not Verdict.OWN:
            self.end(self._fault)
        return self._fault

    def check(self) -> None:
        """Raises Ended unless the transaction is still there."""
        if not self.database.alive(self._raw):
            self.end(TransactionTaken("a work has ended the transaction, or gone on in one that had failed"))

    def announce(self) -> None:
        if word := self.database.announcement:
            self._say(word)

    def commit(self) -> None:
        """Raises Ended when it surely did not happen, Unknown when nobody can tell."""
        try:
            self._open().commit()
        except DBAPIError as error:
            if self.database.ends_doubtfully(self._raw):
                self.drop()
                raise Unknown(error) from error
            self.end(error)
        self._transaction = None

    def end(self, cause: Exception) -> NoReturn:
        self._clean_up(cause)
        raise Ended(cause) from cause

    def roll_back(self) -> None:
        try:
            if self._transaction is not None:
                self._transaction.rollback()
        except DBAPIError:
            self.drop()
        self._transaction = None

    # -------------------------------------------------------------- between transactions

    def version(self) -> int | None:
        """Moves when another process has committed; None when that can't be told just now."""
        return None if self._raw is None else self._quietly(lambda: self.database.version(self._raw))

    def rest(self) -> None:
        """Raises Ended when the database can't even do that."""
        if self._raw is not None:
            self._quietly(lambda: self.database.rest(self._raw))

    def cut(self) -> None:
        """From another thread: let the writer's wait for an answer end in an error."""
        if (raw := self._raw) is not None:
            self.database.cut(raw)

    def drop(self) -> None:
        connection, self._connection, self._transaction, self._raw = self._connection, None, None, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._raw = None
        self._engine.dispose()

    # -------------------------------------------------------------- parts

    def _begin(self) -> SqlTransaction:
        if self._connection is None:
            self._connection = self._engine.connect()
            self._raw = self._connection.connection.dbapi_connection
        connection = self._connection
        self._transaction = connection.begin()
        return SqlTransaction(connection, lambda: self.database.now(connection))

    def _quietly(self, ask: Callable[[], T]) -> T:
        """Straight to the driver, for what needs no transaction."""
        try:
            return ask()
        except Exception as error:
            self.end(error)

    def _clean_up(self, error: Exception) -> None:
        self.roll_back()
        if verdict(error) in USELESS:
            self.drop()

    def _open(self) -> RootTransaction:
        if self._transaction is None:
            raise TransactionTaken("there is no transaction any more")
        return self._transaction

    def _say(self, statement: str) -> None:
        try:
            self._open().connection.exec_driver_sql(statement)
        except (DBAPIError, TransactionTaken) as error:
            self.end(error)

    def _refuse(self, *_: object) -> None:
        """What a work says after the end of the transaction would be a commit of its own."""
        if self._transaction is not None and self.database.is_over(self._raw):
            raise TransactionTaken("the transaction is over: it failed, or a work has ended it")

    def _note(self, context: ExceptionContext) -> None:
        error = context.sqlalchemy_exception
        if isinstance(error, DBAPIError) and (self._fault is None or verdict(self._fault) is Verdict.OWN):
            self._fault = error

    def _mend(self, connection: Connection, name: str, context: object) -> None:
        """A work has undone its failed statement with a savepoint of its own."""
        if self._fault is not None and verdict(self._fault) is Verdict.OWN:
            self._fault = None
