"""Polled places, such as mailboxes: how far each has been kept, and how it is. Two cursors each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from bot.store import CommitUnknown, Look, Store, Transaction

FAR = "mark"
STATE = "polled"

# That all is well is written down so often; it is a commit.
FRESH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Polled:
    """`since`: it has not been read since then; `read_at`: None when it never was. `reason`: of the failure that goes
    on, or empty. `waiting`: how many were there to be read when it was looked at last."""

    since: datetime
    read_at: datetime | None = None
    reason: str = ""
    waiting: int = 0

    def as_object(self) -> dict[str, Any]:
        return {
            "since": self.since.isoformat(),
            "read_at": self.read_at.isoformat() if self.read_at else None,
            "reason": self.reason,
            "waiting": self.waiting,
        }

    @staticmethod
    def of(stored: Mapping[str, Any]) -> "Polled":
        read_at = stored["read_at"]
        return Polled(
            since=datetime.fromisoformat(stored["since"]),
            read_at=datetime.fromisoformat(read_at) if read_at else None,
            reason=stored["reason"],
            waiting=stored["waiting"],
        )


class Marks(Protocol):
    """What a connector that polls is given. Each raises a StoreError when the database did not do it."""

    async def load(self, place: str) -> Mapping[str, Any] | None: ...

    async def save(self, place: str, value: Mapping[str, Any]) -> None:
        """Everything up to here is kept. Returns after the commit."""
        ...

    async def begun(self, place: str) -> None:
        """It is looked at from now on. That it was not while no desk ran is no failure; one from before goes on."""
        ...

    async def read(self, place: str, waiting: int) -> None:
        """It has been looked at, and so many wait to be fetched. Need not be written down each time."""
        ...

    async def failed(self, place: str, reason: str) -> None:
        """It could not be looked at."""
        ...


@runtime_checkable
class Polling(Protocol):
    """A connector that has to remember how far it has come."""

    def remember(self, marks: Marks) -> None:
        """Before it listens."""
        ...


class StoredMarks:
    def __init__(self, store: Store) -> None:
        self.store = store

    async def load(self, place: str) -> Mapping[str, Any] | None:
        return await self.store.read(lambda look: look.cursors.get(f"{FAR} {place}"))

    async def save(self, place: str, value: Mapping[str, Any]) -> None:
        await self._set(lambda tx: tx.cursors.set(f"{FAR} {place}", value))

    async def begun(self, place: str) -> None:
        def begin(tx: Transaction) -> None:
            before = polled(tx, place)
            if before is None or not before.reason:
                _put(tx, place, Polled(tx.now, before.read_at if before else None))

        await self._set(begin)

    async def read(self, place: str, waiting: int) -> None:
        if not await self.store.read(lambda look: _is_fresh(look, place)):
            await self._set(lambda tx: _put(tx, place, Polled(tx.now, tx.now, waiting=waiting)))

    async def failed(self, place: str, reason: str) -> None:
        def fail(tx: Transaction) -> None:
            before = polled(tx, place) or Polled(tx.now)
            _put(tx, place, Polled(before.since, before.read_at, reason, before.waiting))

        await self._set(fail)

    async def _set(self, work: Callable[[Transaction], None]) -> None:
        try:
            await self.store.write(work)
        except CommitUnknown:
            # Twice is as good as once.
            await self.store.write(work)


def polled(look: Look, place: str) -> Polled | None:
    stored = look.cursors.get(f"{STATE} {place}")
    return Polled.of(stored) if stored else None


def far(look: Look, place: str) -> Mapping[str, Any] | None:
    return look.cursors.get(f"{FAR} {place}")


def _is_fresh(look: Look, place: str) -> bool:
    state = polled(look, place)
    return state is not None and not state.reason and state.read_at is not None and look.now - state.read_at < FRESH


def _put(tx: Transaction, place: str, state: Polled) -> None:
    tx.cursors.set(f"{STATE} {place}", state.as_object())
