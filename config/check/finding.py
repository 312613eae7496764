"""What a check looks at, and what it finds."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bot.store import Look, Store
from config.settings import Settings
from config.sources import FILE
from storage.migrate import State

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """What is wrong, with what; and what to do about it."""

    text: str
    do: str


@dataclass(frozen=True)
class Finding:
    """Nothing is wrong when there is no Problem. `note`: what is worth knowing all the same."""

    problems: tuple[Problem, ...] = ()
    note: str = ""

    @property
    def ok(self) -> bool:
        return not self.problems


def found(*problems: Problem | None, note: str = "") -> Finding:
    return Finding(tuple(one for one in problems if one), note)


@dataclass(frozen=True)
class Base:
    """The database as it was found; `store` reads it and is None unless its schema is the one that we know."""

    state: State | None = None
    store: Store | None = None
    error: str = ""


@dataclass(frozen=True)
class Scene:
    """Settings that could be read, where they came from, and the database. `thorough`: time doesn't matter."""

    settings: Settings
    base: Base = Base()
    file: Path = FILE
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    thorough: bool = False

    async def read(self, look: Callable[[Look], T]) -> T | None:
        """None without a database; that it isn't there is said by its own check."""
        return await self.base.store.read(look) if self.base.store else None


Check = Callable[[Scene], Awaitable[Finding]]
