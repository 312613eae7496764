"""`/metrics`: what the desk has counted in memory, and how things stand in its database at this moment.

In memory, by `bot/metrics.py`, since the start of this process: firstline_kept_total, firstline_read_total,
firstline_mailbox_read_timestamp_seconds, firstline_mailbox_waiting,
firstline_decided_total, firstline_deciding_seconds, firstline_delivered_total, firstline_job_failures_total,
firstline_jobs_fenced_total, firstline_leases_expired_total, firstline_model_calls_total, firstline_model_seconds,
firstline_model_tokens_total, firstline_model_cost_total; and by the store's writer: firstline_batch_size (works in a
commit), firstline_commit_seconds, firstline_commit_slowest_seconds, firstline_reruns_total. Of the process itself:
process_cpu_seconds_total, process_resident_memory_bytes and the others of its family.

From the database, of all processes that share it, and left out while it doesn't answer: see `_of_database`.

No label holds what somebody outside wrote: channels are those of the settings, all else are words of the code.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from importlib.metadata import version

from prometheus_client import ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bot.metrics import REGISTRY
from bot.model import DeliveryState
from bot.rows import Spent
from bot.store import StoreError
from config.database_file import DatabaseFile
from config.settings import Settings
from config.standing import Standing, standing
from storage.store import SqlStore

# However many ask, the database is asked once in so many seconds.
FRESH = 1.0

BATCHES = (1, 2, 4, 8, 16, 32, 50)
LANE = ("waiting", "claimed", "buried")
OWED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Scrape:
    """Answers /metrics. `settings` gives those in force, `channels` are the names of the configured ones."""

    def __init__(self, settings: Callable[[], Settings], store: SqlStore, channels: Collection[str]) -> None:
        self.settings = settings
        self.store = store
        self.channels = sorted(channels)
        self._process = ProcessCollector(registry=None)
        self._one_at_a_time = asyncio.Lock()
        self._asked_at = -FRESH
        self._standing: Standing | None = None

    async def __call__(self, accept: str) -> tuple[bytes, str]:
        """The text and its content type, as `accept` wishes. Never fails for the database's sake."""
        now = await self._look()
        encode, content_type = _encoder(accept)
        return encode(_Families(self._families(now))), content_type

    async def _look(self) -> Standing | None:
        async with self._one_at_a_time:
            if time.monotonic() - self._asked_at >= FRESH:
                self._standing = await self._ask()
                self._asked_at = time.monotonic()
            return self._standing

    async def _ask(self) -> Standing | None:
        try:
            return await self.store.read(standing)
        except StoreError:
            return None

    def _families(self, now: Standing | None) -> Iterator[Metric]:
        settings = self.settings()
        yield from REGISTRY.collect()
        yield from _of_writer(self.store)
        yield from self._process.collect()
        yield from _of_desk(settings, up=now is not None)
        yield from _of_disk(settings)
        if now:
            yield from _of_database(now, self.channels)
            yield from _of_budget(now.spent, settings)


class _Families(Collector):
    """What prometheus_client's encoders ask for, once."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _encoder(accept: str) -> tuple[Callable[[Collector], bytes], str]:
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):  # a version that isn't one, which prometheus_client 0.26 compares with numbers
        return choose_encoder("")


# ------------------------------------------------------------------ what is told


def _of_desk(settings: Settings, *, up: bool) -> Iterator[Metric]:
    yield _gauge("firstline_up", "1", 1)
    yield _gauge("firstline_database_up", "1 if the database has answered, else 0", up)
    yield _gauges("firstline_build_info", "This version", ["version"], [([version("firstline")], 1)])
    triage, watch = settings.triage, "yes" if settings.desk.watch else "no"
    values = [triage.triager, triage.level.value, watch]
    yield _gauges("firstline_desk_info", "How this process decides", ["triager", "level", "watch"], [(values, 1)])


def _of_writer(store: SqlStore) -> Iterator[Metric]:
    figures = store.figures
    sizes = dict(figures.sizes)  # the writer's thread goes on counting
    counts = [sum(count for size, count in sizes.items() if size <= most) for most in BATCHES]
    total = sum(sizes.values())
    buckets = [*zip(map(str, map(float, BATCHES)), counts, strict=True), ("+Inf", total)]
    works = sum(size * count for size, count in sizes.items())
    yield HistogramMetricFamily("firstline_batch_size", "Works that shared a commit", buckets, works)
    yield SummaryMetricFamily(
        "firstline_commit_seconds", "From a batch's begin until its commit was done", figures.batches, figures.seconds
    )
    yield _gauge("firstline_commit_slowest_seconds", "The slowest of them", figures.slowest)
    yield CounterMetricFamily("firstline_reruns", "Works run again after their batch had failed", figures.reruns)


def _of_disk(settings: Settings) -> Iterator[Metric]:
    file = DatabaseFile.of(settings.database.url)
    if file is None:
        return
    yield _gauge("firstline_wal_bytes", "SQLite's write-ahead log", file.wal())
    try:
        yield _gauge("firstline_disk_free_bytes", "What is left of the database's disk", file.room().free)
    except OSError:
        return  # whoever needs the disk says what is wrong with it


def _of_database(now: Standing, channels: Collection[str]) -> Iterator[Metric]:
    depth = [([lane.lane, state], getattr(lane, state)) for lane in now.lanes for state in LANE]
    oldest = [([lane.lane], lane.oldest) for lane in now.lanes]
    tickets = [([state], number) for state, number in now.tickets.items()]
    owed = [([state], now.owed.get(state, 0)) for state in OWED]
    paused = {pause.channel for pause in now.pauses}
    away = [([channel], channel in paused) for channel in channels]
    yield _gauges("firstline_lane_depth", "Jobs", ["lane", "state"], depth)
    yield _gauges("firstline_lane_oldest_seconds", "The longest wait of a due Job", ["lane"], oldest)
    yield _gauges("firstline_tickets", "Unsolved Tickets", ["state"], tickets)
    yield _gauge("firstline_escalations_untaken", "Calls to people that nobody has taken", now.untaken.number)
    yield _gauge("firstline_escalations_untaken_seconds", "How long the first of them waits", now.untaken_for)
    yield _gauges("firstline_deliveries_owed", "Deliveries that are not over", ["state"], owed)
    yield _gauges("firstline_channel_paused", "1 while a channel can't be reached", ["channel"], away)
    yield _gauge("firstline_triage_stopped", "1 while the kill switch is on", now.desk.stopped)
    yield _gauge("firstline_alerts_up", "Troubles of the desk itself that go on", len(now.troubles))
    yield _gauge("firstline_database_bytes", "The database", now.size)


def _of_budget(spent: Spent, settings: Settings) -> Iterator[Metric]:
    """Limits of 0 are none."""
    limits = settings.openai
    yield _gauge("firstline_budget_tokens_spent", "Tokens of today (UTC), calls under way included", spent.tokens)
    yield _gauge("firstline_budget_tokens_limit", "Tokens that a day may take; 0: no limit", limits.tokens_a_day)
    yield _gauge("firstline_budget_money_spent", "Money of today (UTC), calls under way included", spent.cost)
    yield _gauge("firstline_budget_money_limit", "Money that a day may take; 0: no limit", limits.money_a_day)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, float(value))


def _gauges(
    name: str, help_text: str, labels: Sequence[str], rows: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for values, number in rows:
        family.add_metric(values, float(number))
    return family
