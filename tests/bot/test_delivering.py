"""deliver: what becomes of a Parcel whose turn has not come, of copies that were refused, and of files."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.clock import SetClock
from bot.connector import DeliveryFailed, NotYet
from bot.delivery import Delivering
from bot.ids import new_id
from bot.model import (
    Absent,
    Channel,
    DeliveryState,
    File,
    Form,
    Lane,
    Parcel,
    ParcelKind,
    Priority,
    Receipt,
    Rendered,
)
from connectors.outgoing import Outgoing
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.config.commands import filed, owed, thread_of
from tests.walks.desk import MONDAY

LEASE = timedelta(seconds=60)


class Out:
    """Records what is handed over; `early` are raised first, one a try."""

    def __init__(self, *early: NotYet, refused: tuple[str, ...] = ()) -> None:
        self.early = list(early)
        self.refused = refused
        self.taken: list[Parcel] = []
        self.rendering: list[threading.Thread] = []
        self.away: DeliveryFailed | None = None
        """Raised when it is asked what became of a doubtful Parcel."""

    def render(self, parcel: Parcel, /) -> Rendered:
        self.rendering.append(threading.current_thread())
        return Rendered(b"bytes", "m@x", ("ann@example.org",), sender="support+t@x")

    async def deliver(self, parcel: Parcel) -> Receipt:
        if self.early:
            raise self.early.pop(0)
        self.taken.append(parcel)
        return Receipt("m@x", refused=self.refused)

    async def settle(self, parcel: Parcel) -> Absent:
        if self.away:
            raise self.away
        return Absent()


@asynccontextmanager
async def _desk(url: str, out: Out) -> AsyncIterator[tuple[SqlStore, SetClock, Delivering]]:
    await asyncio.to_thread(upgrade, url)
    clock = SetClock(MONDAY)
    async with SqlStore(url, clock) as store:
        yield store, clock, Delivering(store, {"smtp": Outgoing(Channel("smtp", "mail"), out)})


async def _run(store: SqlStore, step: Delivering) -> None:
    for job in await store.claim(Lane.DELIVER, at_most=1, lease=LEASE):
        await step.run(job)


async def test_a_parcel_before_its_turn_comes_again_then_and_no_try_is_counted(database_url: str) -> None:
    out = Out(NotYet("its turn is later", 7.5))
    async with _desk(database_url, out) as (store, clock, step):
        parcel = await store.write(lambda tx: owed(tx, filed(tx)))
        await _run(store, step)
        waiting = await store.read(lambda look: look.outbox.get(parcel.id))
        assert (waiting.state, waiting.attempts) == (DeliveryState.PENDING, 0)
        assert await store.read(lambda look: look.jobs.next_due([Lane.DELIVER])) == MONDAY + timedelta(seconds=7.5)
        assert await store.read(lambda look: look.jobs.pauses()) == []
        clock.instant += timedelta(seconds=8)
        await _run(store, step)
        assert [(one.id, one.sender) for one in out.taken] == [(parcel.id, "support+t@x")]
        assert (await store.read(lambda look: look.outbox.get(parcel.id))).state is DeliveryState.DELIVERED


async def test_a_refused_copy_is_told_to_agents_and_the_reply_counts_as_delivered(sqlite_url: str) -> None:
    out = Out(refused=("bob@cust.example: 550 5.1.1 no such box",))
    async with _desk(sqlite_url, out) as (store, _, step):
        parcel = await store.write(lambda tx: owed(tx, filed(tx)))
        await _run(store, step)
        assert (await store.read(lambda look: look.outbox.get(parcel.id))).state is DeliveryState.DELIVERED
        (ticket,) = await store.read(lambda look: look.tickets.rows())
    assert ticket.reason == "copies of a reply were refused: bob@cust.example: 550 5.1.1 no such box"
    assert ticket.priority is Priority.NORMAL
    assert len(out.taken) == 1


@pytest.mark.parametrize(("files", "on_the_loop"), [((), True), ((File("a", "x/y", b"z"),), False)])
async def test_files_are_rendered_beside_the_loop(sqlite_url: str, files: tuple[File, ...], on_the_loop: bool) -> None:
    out = Out()
    async with _desk(sqlite_url, out) as (store, clock, step):

        def put(tx: object) -> None:
            conversation = filed(tx)
            thread = thread_of(tx, conversation)
            tx.outbox.put(
                Parcel(
                    id=new_id(),
                    thread=thread.id,
                    channel="smtp",
                    conversation=conversation.id,
                    form=Form.REPLY,
                    kind=ParcelKind.AGENT,
                    text="Here.",
                    address=thread.address,
                    automatic=False,
                    created_at=clock.now(),
                    files=files,
                )
            )

        await store.write(put)
        await _run(store, step)
    assert [one is threading.current_thread() for one in out.rendering] == [on_the_loop]
    assert [(one.files, one.rendered, one.sender) for one in out.taken] == [(files, b"bytes", "support+t@x")]


async def test_what_cannot_be_settled_stays_in_doubt_and_is_not_sent_blindly(database_url: str) -> None:
    out = Out()
    async with _desk(database_url, out) as (store, clock, step):
        parcel = await store.write(lambda tx: owed(tx, filed(tx)))
        await store.write(lambda tx: tx.outbox.unknown(parcel.id, "no answer"))
        out.away = DeliveryFailed("slack is away", unreachable=True)
        await _run(store, step)
        assert out.taken == []
        assert (await store.read(lambda look: look.outbox.get(parcel.id))).state is DeliveryState.UNKNOWN
        (pause,) = await store.read(lambda look: look.jobs.pauses())
        assert pause.reason == "slack is away"
        out.away, clock.instant = None, clock.instant + timedelta(minutes=10)
        await _run(store, step)
        assert [one.id for one in out.taken] == [parcel.id]
