"""Wiring: the parts of a desk put together from its settings. The only place that knows them all."""

import socket
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from bot import health
from bot.chores import Chore, Chores
from bot.clock import Clock, FileClock, HostClock
from bot.connector import Connector
from bot.delivery import LEASE, Delivering
from bot.health import Health
from bot.keyring import KeyRing
from bot.manners import Limits, Manners
from bot.model import Category, Lane
from bot.reading import Isolate, Reading
from bot.rows import Hit, Spent
from bot.store import Store
from bot.triage import Rules, Triage
from bot.triagers import Triager
from bot.triagers.instant import InstantTriager
from bot.triagers.local import Categories, LocalTriager, Search
from bot.waking import Waking
from bot.worker import Step, Worker
from config.channels import place, verifying
from config.database_file import DatabaseFile
from config.errors import WrongUse
from config.mailboxes import silence
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
    poll = POLL_SET_CLOCK if settings.testing.clock else POLL
    return [
        Worker(store, step, clock(settings), at_once=AT_ONCE[step.lane], lease=LEASE, poll=poll)
        for step in steps(settings, store, connectors, ring, isolate)
        if step.lane in lanes
    ]


def steps(
    settings: Settings, store: Store, connectors: Mapping[str, Connector], ring: KeyRing, isolate: Isolate
) -> list[Step]:
    """What each lane does, as these settings want it; made anew at a reload."""
    deciding, behaving = triager(settings, store), manners(settings)
    return [
        Reading(store, connectors, ring, isolate, behaving),
        Triage(store, deciding, rules(settings), behaving),
        Delivering(store, connectors, watching=settings.desk.watch),
        Chores(store, chores(settings, store, deciding)),
    ]


def chores(settings: Settings, store: Store, deciding: Triager) -> list[Chore]:
    """What the clock does."""
    wanted, behaving = settings.health, manners(settings)
    limits = health.Limits(
        timedelta(seconds=wanted.oldest), timedelta(seconds=wanted.away), wanted.disk, behaving.limits.desk
    )
    looking = Health(
        store,
        behaving.place,
        limits,
        free=partial(free_disk, settings),
        model=_model_trouble(deciding),
        host=socket.gethostname(),
        mailboxes=silence(settings),
    )
    waking = Waking(store, behaving.place, behaving.words, watching=behaving.watching)
    return [
        Chore("health", timedelta(minutes=1), looking.check),
        Chore("snoozed", timedelta(minutes=1), waking.wake),
    ]


def rules(settings: Settings) -> Rules:
    return Rules(settings.triage.level, settings.triage.levels, watching=settings.desk.watch)


def manners(settings: Settings) -> Manners:
    triage, desk = settings.triage, settings.desk
    # A generator of load writes as one sender, and is meant to be taken for many.
    loading = triage.triager == "instant"
    limits = Limits(
        unverified=triage.unverified_replies,
        sender=triage.sender_replies,
        desk=0 if loading else triage.desk_replies,
        flood=0 if loading else desk.flood,
    )
    return Manners(
        words,
        place(settings),
        limits,
        watching=desk.watch,
        reopening=timedelta(days=desk.reopen_days),
        answer_cc=desk.answer_cc,
        verifying=verifying(settings),
    )


def free_disk(settings: Settings) -> float | None:
    """Per cent of the database's disk; None when it is on a server of its own."""
    file = DatabaseFile.of(settings.database.url)
    try:
        return file.room().percent if file else None
    except OSError:
        return None


def _model_trouble(deciding: Triager) -> Callable[[], str | None]:
    """Why the Triager asks no model just now, if it has one."""
    return lambda: getattr(deciding, "trouble", None)


def words(kind: str, language: str, **values: object) -> str:
    """The text of an automatic reply, from prompts/replies/."""
    return load(kind, language, **values).text


def triager(settings: Settings, store: Store, *, unlimited: bool = False) -> Triager:
    """`unlimited`: whatever the model costs. Raises WrongUse when the settings don't suffice."""
    match settings.triage.triager:
        case "local":
            return LocalTriager(_search(store), _categories(store))
        case "openai":
            return _openai(settings, store, unlimited)
        case "instant":
            return InstantTriager()


def _openai(settings: Settings, store: Store, unlimited: bool) -> Triager:
    # Imported by those alone who ask for it: the SDK takes time and memory.
    from bot.budget import Budget
    from bot.triagers.openai import OpenAITriager
    from bot.triagers.openai_breaker import Breaker
    from bot.triagers.openai_budget import Prices, Unlimited
    from bot.triagers.openai_calls import Calls
    from bot.triagers.openai_prompt import LARGEST
    from bot.triagers.openai_wire import Wire, connect

    wanted = settings.openai
    key = wanted.api_key.get_secret_value() if wanted.api_key else None
    if not wanted.model:
        raise WrongUse("TRIAGE__TRIAGER=openai needs OPENAI__MODEL, the name of a model that OPENAI__BASE_URL has")
    if key and not key.isascii():
        raise WrongUse("OPENAI__API_KEY holds letters that no key has; copy it again")
    prices = Prices(wanted.price_in, wanted.price_out)
    limit = Spent(wanted.tokens_a_day, wanted.money_a_day)
    budget = Unlimited() if unlimited else Budget(store, place(settings), limit, LARGEST.spent(prices))
    wire = Wire(connect(wanted.base_url, key, wanted.deadline), wanted.model, clock(settings))
    search, categories = _search(store), _categories(store)
    return OpenAITriager(
        Calls(wire, budget, Breaker(), prices),
        search,
        categories,
        LocalTriager(search, categories),
        clock(settings),
        deadline=wanted.deadline,
        patience=wanted.patience,
    )


def _search(store: Store) -> Search:
    async def search(asked: Sequence[str]) -> Sequence[Hit]:
        return await store.read(lambda look: look.articles.search(asked, limit=30))

    return search


def _categories(store: Store) -> Categories:
    async def categories() -> Sequence[Category]:
        return await store.read(lambda look: look.articles.categories())

    return categories
