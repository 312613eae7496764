"""Wiring: the parts of a desk put together from its settings. The only place that knows them all."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

from bot.actions import Manners
from bot.clock import Clock, FileClock, HostClock
from bot.connector import Connector
from bot.delivery import LEASE, Delivering
from bot.keyring import KeyRing
from bot.model import Category, Lane
from bot.reading import Isolate, Reading
from bot.store import Hit, Store
from bot.triage import Rules, Triage
from bot.triagers import Triager
from bot.triagers.instant import InstantTriager
from bot.triagers.local import Categories, LocalTriager, Search
from bot.worker import Step, Worker
from config.errors import WrongUse
from config.settings import Settings
from prompts import load
from storage.store import SqlStore

# Works at once in a lane. Reading has one child process on two cores; a model is waited for, so many may be.
AT_ONCE = {Lane.READ: 4, Lane.TRIAGE: 16, Lane.DELIVER: 16, Lane.CHORES: 1}

# How long a lane sleeps at most. With a settable clock nothing tells when time has moved.
POLL = 5.0
POLL_SET_CLOCK = 0.2


@asynccontextmanager
async def open_store(settings: Settings, *, looking: bool = False) -> AsyncIterator[SqlStore]:
    """The desk's database, for a command or a desk; `looking`: to read alone. Raises StoreError; a new SQLite file is
    made."""
    async with SqlStore(settings.database.url, clock(settings), looking=looking) as store:
        yield store


def clock(settings: Settings) -> Clock:
    return FileClock(settings.testing.clock) if settings.testing.clock else HostClock()


def workers(
    settings: Settings,
    store: Store,
    connectors: Mapping[str, Connector],
    ring: KeyRing,
    isolate: Isolate,
    lanes: Collection[Lane],
) -> list[Worker]:
    """One for each of the lanes."""
    steps: list[Step] = [
        Reading(store, connectors, ring, isolate),
        Triage(store, triager(settings, store), rules(settings), manners(settings)),
        Delivering(store, connectors),
    ]
    poll = POLL_SET_CLOCK if settings.testing.clock else POLL
    return [
        Worker(store, step, clock(settings), at_once=AT_ONCE[step.lane], lease=LEASE, poll=poll)
        for step in steps
        if step.lane in lanes
    ]


def rules(settings: Settings) -> Rules:
    return Rules(settings.triage.level, settings.triage.levels)


def manners(settings: Settings) -> Manners:
    return Manners(words, settings.triage.unverified_replies)


def words(kind: str, language: str, **values: object) -> str:
    """The text of an automatic reply, from prompts/replies/."""
    return load(kind, language, **values).text


def triager(settings: Settings, store: Store) -> Triager:
    """Raises WrongUse for one that this version doesn't have."""
    match settings.triage.triager:
        case "local":
            return LocalTriager(_search(store), _categories(store))
        case "instant":
            return InstantTriager()
        case other:
            raise WrongUse(f"TRIAGE__TRIAGER={other} is not in this version: choose local or instant")


def _search(store: Store) -> Search:
    async def search(asked: Sequence[str]) -> Sequence[Hit]:
        return await store.read(lambda look: look.articles.search(asked, limit=30))

    return search


def _categories(store: Store) -> Categories:
    async def categories() -> Sequence[Category]:
        return await store.read(lambda look: look.articles.categories())

    return categories
