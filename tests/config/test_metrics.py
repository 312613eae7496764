"""/metrics: what a scrape says, in whatever state the database is."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as families

from bot.ids import new_id
from bot.model import Arrival, Lane
from bot.rows import Spent
from bot.store import StoreBusy, Transaction
from config.metrics import Scrape
from config.settings import Settings, load
from connectors import http
from storage.dialect import Limits
from storage.store import SqlStore
from tests.config.commands import filed, owed, ticketed
from tests.connectors.test_http import get

Samples = dict[tuple[str, tuple[str, ...]], float]


@asynccontextmanager
async def opened(url: str, **limits: float) -> AsyncIterator[tuple[SqlStore, Scrape]]:
    settings = settings_of(url)
    async with SqlStore(url, limits=Limits(**limits)) as store:
        yield store, Scrape(lambda: settings, store, ["smtp", "agents"])


def settings_of(url: str, **more: str) -> Settings:
    return load(environ={f"FIRSTLINE__{name}": value for name, value in ({"DATABASE__URL": url} | more).items()})


async def told(scrape: Scrape) -> Samples:
    """The values of labels in the order of their names."""
    text, _ = await scrape("")
    return samples(text.decode())


def samples(text: str, parse: Any = families) -> Samples:
    return {(one.name, tuple(one.labels.values())): one.value for family in parse(text) for one in family.samples}


# ------------------------------------------------------------------ what it says


async def test_it_tells_how_the_lanes_stand(desk_url: str) -> None:
    def work(tx: Transaction) -> None:
        tx.jobs.put(Lane.TRIAGE, "old", run_at=tx.now - timedelta(seconds=90))
        tx.jobs.put(Lane.TRIAGE, "stuck")
        tx.jobs.set_aside(Lane.TRIAGE, "stuck", "it broke")

    async with opened(desk_url) as (store, scrape):
        await store.write(work)
        now = await told(scrape)
    assert now["firstline_lane_depth", ("triage", "waiting")] == 1
    assert now["firstline_lane_depth", ("triage", "buried")] == 1
    assert now["firstline_lane_depth", ("read", "waiting")] == 0
    assert 90 <= now["firstline_lane_oldest_seconds", ("triage",)] < 150


async def test_it_tells_what_waits_for_people_and_channels(desk_url: str) -> None:
    def work(tx: Transaction) -> None:
        conversation = filed(tx)
        owed(tx, conversation)
        ticket = tx.tickets.get(ticketed(tx, conversation))
        assert ticket
        tx.tickets.call(ticket.id, "legal threat")
        tx.jobs.pause("smtp", tx.now + timedelta(minutes=1), "refused")
        tx.jobs.pause("of-another-time", tx.now + timedelta(minutes=1), "refused")
        tx.desk.stop("op")
        tx.alerts.begin("disk", "It is full.", remind=timedelta(hours=1))
        assert tx.budgets.take(tx.now.date(), 0, Spent(900, 0.5), limit=Spent(1000, 0))

    async with opened(desk_url) as (store, scrape):
        await store.write(work)
        now = await told(scrape)
    assert now["firstline_tickets", ("new",)] == now["firstline_escalations_untaken", ()] == 1
    assert now["firstline_deliveries_owed", ("pending",)] == 1
    assert {key: value for key, value in now.items() if key[0] == "firstline_channel_paused"} == {
        ("firstline_channel_paused", ("agents",)): 0,
        ("firstline_channel_paused", ("smtp",)): 1,
    }
    assert now["firstline_triage_stopped", ()] == now["firstline_alerts_up", ()] == 1
    assert now["firstline_budget_tokens_spent", ()] == 900
    assert now["firstline_budget_money_spent", ()] == 0.5
    assert now["firstline_database_bytes", ()] > 100_000


async def test_it_tells_what_the_writer_does(desk_url: str) -> None:
    async with opened(desk_url) as (store, scrape):
        for key in "abc":
            await store.keep([Arrival(new_id(), "smtp", key, b"hello", {})])
        now = await told(scrape)
    assert now["firstline_batch_size_bucket", ("1.0",)] >= 3
    assert now["firstline_batch_size_bucket", ("+Inf",)] == now["firstline_batch_size_count", ()]
    assert now["firstline_batch_size_sum", ()] >= 3
    assert now["firstline_commit_seconds_sum", ()] >= now["firstline_commit_slowest_seconds", ()] > 0
    assert now["firstline_reruns_total", ()] == 0


async def test_a_file_has_a_log_and_a_disk_and_a_server_has_neither(sqlite_desk: str, postgresql_desk: str) -> None:
    async with opened(sqlite_desk) as (store, scrape):
        await store.write(lambda tx: tx.jobs.put(Lane.READ, "one"))
        now = await told(scrape)
        assert now["firstline_wal_bytes", ()] > 0
        assert now["firstline_disk_free_bytes", ()] > 0
    async with opened(postgresql_desk) as (_, scrape):
        assert not {"firstline_wal_bytes", "firstline_disk_free_bytes"} & {name for name, _ in await told(scrape)}


async def test_it_tells_the_settings_in_force(sqlite_desk: str) -> None:
    now = settings_of(sqlite_desk)
    async with SqlStore(sqlite_desk) as store:
        scrape = Scrape(lambda: now, store, [])
        assert ("firstline_desk_info", ("draft", "local", "no")) in await told(scrape)
        now = settings_of(sqlite_desk, TRIAGE__LEVEL="automatic", DESK__WATCH="true")
        assert ("firstline_desk_info", ("automatic", "local", "yes")) in await told(scrape)


async def test_every_name_is_ours_or_the_process_own_and_has_help(sqlite_desk: str) -> None:
    async with opened(sqlite_desk) as (_, scrape):
        text = (await scrape(""))[0].decode()
    found = list(families(text))
    assert all(family.name.startswith(("firstline_", "process_")) and family.documentation for family in found)
    names = [family.name for family in found]
    assert len(names) == len(set(names))


# ------------------------------------------------------------------ how it says it


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=1.0.0", "application/openmetrics-text"])
async def test_openmetrics_is_spoken_to_who_asks_for_it(sqlite_desk: str, accept: str) -> None:
    async with opened(sqlite_desk) as (_, scrape):
        text, content_type = await scrape(accept)
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert samples(text.decode(), openmetrics)["firstline_up", ()] == 1


@pytest.mark.parametrize("version", ["", "abc", "1.x", "9" * 5000, "1.0.0\x00", "ü"])
@pytest.mark.parametrize("kind", ["application/openmetrics-text", "text/plain", "*/*"])
async def test_whatever_is_accepted_gets_an_answer(sqlite_desk: str, kind: str, version: str) -> None:
    async with opened(sqlite_desk) as (_, scrape):
        text, content_type = await scrape(f"{kind}; version={version}")
    assert b"firstline_up 1.0" in text
    assert content_type.isprintable()


async def test_it_is_answered_over_http(sqlite_desk: str) -> None:
    async with opened(sqlite_desk) as (_, scrape):
        sock = http.bind("127.0.0.1", 0)
        port = sock.getsockname()[1]
        serving = asyncio.create_task(http.serve(http.app(lambda: "draining", scrape=scrape), sock))
        status, head, body = await get(port, "/metrics")
        assert (await get(port, "/metrics", "POST"))[0] == 405
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    assert status == 200
    assert "content-type: text/plain; version=0.0.4; charset=utf-8\r\n" in head
    assert head.count("content-type:") == 1
    assert samples(body.decode())["firstline_up", ()] == 1


# ------------------------------------------------------------------ a database in trouble


class Counting:
    """A store that counts how often it is asked, and can be made to wait or to fail."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.figures = store.figures
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.fails: Exception | None = None

    async def read(self, look: Any) -> Any:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.fails:
                raise self.fails
            return await self.store.read(look)
        finally:
            self.at_once -= 1


async def test_many_scrapes_are_one_look(sqlite_desk: str) -> None:
    async with opened(sqlite_desk) as (store, scrape):
        counting = Counting(store)
        scrape.store = counting  # type: ignore[assignment]
        texts = await asyncio.gather(*(scrape("") for _ in range(50)))
        assert all(b"firstline_database_up 1.0" in text for text, _ in texts)
        assert counting.most_at_once == 1
        # Only on a machine that takes longer than a second for 50 of them.
        assert counting.asked < 10


async def test_a_database_that_does_not_answer_is_told_and_asked_no_more_often(sqlite_desk: str) -> None:
    async with opened(sqlite_desk) as (store, scrape):
        counting = Counting(store)
        counting.fails = StoreBusy("away")
        scrape.store = counting  # type: ignore[assignment]
        texts = await asyncio.gather(*(scrape("") for _ in range(50)))
        assert counting.asked < 10
    now = samples(texts[0][0].decode())
    assert (now["firstline_up", ()], now["firstline_database_up", ()]) == (1, 0)
    assert ("firstline_commit_seconds_sum", ()) in now
    assert "process_cpu_seconds_total" in {name for name, _ in now}
    assert not {"firstline_lane_depth", "firstline_tickets"} & {name for name, _ in now}


async def test_a_file_that_is_locked_by_another_program(sqlite_desk: str) -> None:
    """A WAL file has readers beside any writer; only one that has it for itself alone keeps them out."""
    async with opened(sqlite_desk, lock=0.1, read=0.3) as (_, scrape):
        assert (await told(scrape))["firstline_database_up", ()] == 1
    path = Path(sqlite_desk.removeprefix("sqlite:///"))
    async with opened(sqlite_desk, lock=0.1, read=0.3) as (store, scrape):
        await store.close()
        with sqlite3.connect(path) as alone:
            alone.execute("PRAGMA locking_mode=exclusive")
            alone.execute("BEGIN EXCLUSIVE")
            now = await told(scrape)
        alone.close()
        assert (now["firstline_up", ()], now["firstline_database_up", ()]) == (1, 0)
