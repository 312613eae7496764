"""Counting, on both databases: what the figures say, and that they can be had from an old and busy desk."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.clock import SetClock
from bot.figures import Activity, Decided, Handed, LaneFigures, Untaken
from bot.ids import new_id
from bot.model import (
    Answer,
    Arrival,
    Decision,
    DeliveryState,
    FileTicket,
    Ignore,
    Lane,
    Level,
    ParcelKind,
    Proposal,
    Receipt,
    Role,
    TicketState,
)
from storage.transaction import SqlTransaction
from tests.config.commands import filed, owed, ticketed
from tests.storage.conftest import NOON, Begin, later

LEASE = timedelta(seconds=60)
# What grows with every request, however long ago; of the others there are few.
GROWING = ("arrival", "raw", "message", "conversation", "decision", "parcel", "delivery", "ticket", "escalation")
PARTIAL = ("uq_ticket_unsolved", "ix_delivery_in_flight")


def keep(tx: SqlTransaction, *keys: str) -> list[Arrival]:
    coming = [Arrival(new_id(), "smtp", key, b"hello", {}) for key in keys]
    tx.arrivals.keep(coming)
    return coming


def decide(tx: SqlTransaction, key: str, action: Answer | FileTicket | Ignore, **more: Any) -> None:
    conversation = filed(tx, key=key)
    proposal = Proposal(action, **({"triager": "local"} | more))
    tx.conversations.decide(Decision(new_id(), conversation.id, 1, 1, (), action, proposal, Level.AUTOMATIC))


def lane(tx: SqlTransaction, wanted: Lane) -> LaneFigures:
    return next(one for one in tx.figures.lanes() if one.lane is wanted)


# ------------------------------------------------------------------ lanes


def test_an_empty_desk_has_every_lane_and_nothing_in_them(begin: Begin) -> None:
    with begin() as tx:
        assert tx.figures.lanes() == [LaneFigures(lane) for lane in Lane]
        assert tx.figures.since(NOON) == Activity()
        assert tx.figures.untaken() == Untaken()
        assert set(tx.figures.tickets().values()) == {0}
        assert tx.figures.owed() == {}
        assert tx.figures.size() > 0


def test_a_lane_tells_waiting_from_claimed_and_buried(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        for subject in ("taken", "lost", "waits", "stuck"):
            tx.jobs.put(Lane.TRIAGE, subject)
        tx.jobs.set_aside(Lane.TRIAGE, "stuck", "it broke")
        tx.jobs.claim(Lane.TRIAGE, at_most=1, lease=timedelta(seconds=5))
    later(clock, seconds=10)
    with begin() as tx:
        # The first claim has run out: it is waiting again, and this one takes it or another.
        tx.jobs.claim(Lane.TRIAGE, at_most=1, lease=LEASE)
        assert lane(tx, Lane.TRIAGE) == LaneFigures(Lane.TRIAGE, waiting=2, claimed=1, buried=1, oldest=10.0)
        assert lane(tx, Lane.READ) == LaneFigures(Lane.READ)


def test_what_is_not_due_yet_has_not_waited(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        tx.jobs.put(Lane.READ, "later", run_at=NOON + timedelta(minutes=5))
        assert lane(tx, Lane.READ) == LaneFigures(Lane.READ, waiting=1)
    later(clock, minutes=7)
    with begin() as tx:
        assert lane(tx, Lane.READ).oldest == 120.0


def test_what_a_channel_that_is_away_holds_up_waits_since_it_went_away(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        tx.jobs.put(Lane.DELIVER, "first", channel="smtp")
        tx.jobs.put(Lane.DELIVER, "other", channel="chat", run_at=NOON + timedelta(days=1))
        tx.jobs.pause("smtp", NOON + timedelta(minutes=20), "refused")
    later(clock, minutes=10)
    with begin() as tx:
        tx.jobs.put(Lane.DELIVER, "second", channel="smtp", run_at=NOON + timedelta(minutes=20))
        assert lane(tx, Lane.DELIVER) == LaneFigures(Lane.DELIVER, waiting=3, oldest=600.0)


# ------------------------------------------------------------------ since when


def test_what_happened_before_does_not_count(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        keep(tx, "early")
        decide(tx, "a", FileTicket("no evidence"), cost=1.0)
        owed(tx, filed(tx, key="b"))
    later(clock, hours=1)
    with begin() as tx:
        assert tx.figures.since(tx.now) == Activity()
        assert tx.figures.since(NOON).kept == 3


def test_arrivals_that_could_not_be_read_are_told_apart(begin: Begin) -> None:
    with begin() as tx:
        bad, _ = keep(tx, "one", "two")
        tx.arrivals.close(bad.id, "set aside", "the reader died")
        assert (tx.figures.since(NOON).kept, tx.figures.since(NOON).set_aside) == (2, 1)


def test_decisions_are_counted_by_action_and_triager_with_what_they_cost(begin: Begin) -> None:
    with begin() as tx:
        decide(tx, "a", Answer("Yes.", ()), triager="openai", tokens_in=700, tokens_out=50, cost=0.25)
        decide(tx, "b", Answer("No.", ()), triager="openai", tokens_in=200, tokens_out=50, cost=0.5)
        decide(tx, "c", Answer("Perhaps.", ()))
        decide(tx, "d", FileTicket("no evidence"))
        decide(tx, "e", Ignore("a bounce"), triager="guard")
        activity = tx.figures.since(NOON)
    assert activity.decided == (
        Decided("Answer", "local", 1),
        Decided("Answer", "openai", 2, tokens=1000, cost=0.75),
        Decided("FileTicket", "local", 1),
        Decided("Ignore", "guard", 1),
    )
    assert (activity.tokens, activity.cost) == (1000, 0.75)
    assert activity.deflection == 0.75


def test_there_is_no_share_of_nothing() -> None:
    assert Activity().deflection is None
    assert Activity(decided=(Decided("Ignore", "guard", 4),)).deflection is None
    assert Activity(decided=(Decided("Escalate", "local", 4),)).deflection == 0.0


def test_deliveries_are_counted_by_kind_and_state(begin: Begin) -> None:
    with begin() as tx:
        parcels = [owed(tx, filed(tx, key=key)) for key in "abcd"]
        tx.outbox.delivered(parcels[0].id, Receipt("r"))
        tx.outbox.undeliverable(parcels[1].id, "no such user")
        tx.outbox.unknown(parcels[2].id, "the line was lost")
        activity = tx.figures.since(NOON)
        assert tx.figures.owed() == {DeliveryState.PENDING: 1, DeliveryState.UNKNOWN: 1}
    assert {one.state: one.number for one in activity.handed if one.kind is ParcelKind.ANSWER} == {
        DeliveryState.DELIVERED: 1,
        DeliveryState.UNDELIVERABLE: 1,
        DeliveryState.UNKNOWN: 1,
        DeliveryState.PENDING: 1,
    }
    assert Handed(ParcelKind.ANSWER, DeliveryState.DELIVERED, 1) in activity.handed
    assert activity.deliveries(DeliveryState.UNDELIVERABLE) == 1


# ------------------------------------------------------------------ people's work


def test_only_unsolved_tickets_are_counted(begin: Begin) -> None:
    with begin() as tx:
        numbers = [ticketed(tx, filed(tx, key=key)) for key in "abc"]
        tx.tickets.become(numbers[0], TicketState.OPEN)
        tx.tickets.become(numbers[1], TicketState.SOLVED)
        assert tx.figures.tickets() == {
            TicketState.NEW: 1,
            TicketState.OPEN: 1,
            TicketState.PENDING: 0,
            TicketState.ON_HOLD: 0,
        }


def test_calls_wait_until_they_are_taken_or_their_ticket_is_solved(begin: Begin, clock: SetClock) -> None:
    numbers = []
    for key in "abc":
        with begin() as tx:
            numbers.append(called(tx, key))
        later(clock, minutes=1)
    with begin() as tx:
        assert tx.figures.untaken() == Untaken(3, NOON)
        taken = tx.tickets.get(numbers[0])
        assert taken
        tx.tickets.taken(taken.id, tx.people.add_agent("bea", Role.AGENT, ()).id)
        tx.tickets.become(numbers[1], TicketState.SOLVED)
        assert tx.figures.untaken() == Untaken(1, NOON + timedelta(minutes=2))


def called(tx: SqlTransaction, key: str) -> int:
    number = ticketed(tx, filed(tx, key=key))
    ticket = tx.tickets.get(number)
    assert ticket
    tx.tickets.call(ticket.id, "legal threat")
    return number


# ------------------------------------------------------------------ that it is cheap


LOOKS: dict[str, Callable[[SqlTransaction], object]] = {
    "lanes": lambda tx: tx.figures.lanes(),
    "since": lambda tx: tx.figures.since(NOON),
    "tickets": lambda tx: tx.figures.tickets(),
    "untaken": lambda tx: tx.figures.untaken(),
    "owed": lambda tx: tx.figures.owed(),
}


@pytest.mark.parametrize("name", LOOKS)
def test_no_look_reads_a_whole_table_that_grows(begin: Begin, name: str) -> None:
    with begin() as tx:
        plans = [plan(tx, *asked) for asked in asked_by(tx, LOOKS[name])]
    scanned = {table for text in plans for table in whole_tables(text)}
    assert plans
    assert scanned.isdisjoint(GROWING), plans


def test_a_whole_table_would_be_noticed(begin: Begin) -> None:
    with begin() as tx:
        plans = [plan(tx, *asked) for asked in asked_by(tx, lambda tx: tx.arrivals.since(None, state="kept", limit=9))]
        plans += [plan(tx, "SELECT count(*) FROM arrival WHERE state = 'kept'", ())]
    assert "arrival" in whole_tables(plans[-1])


def asked_by(tx: SqlTransaction, look: Callable[[SqlTransaction], object]) -> list[tuple[str, Any]]:
    """The statements of a look, as they went to the driver."""
    asked: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    sa.event.listen(tx.connection, "before_cursor_execute", note)
    look(tx)
    sa.event.remove(tx.connection, "before_cursor_execute", note)
    return asked


def plan(tx: SqlTransaction, statement: str, parameters: Any) -> str:
    explain = "EXPLAIN QUERY PLAN "
    if tx.connection.dialect.name == "postgresql":
        explain = "EXPLAIN "
        # The tables are empty here, and it would scan those whatever indexes there are.
        tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(str(row[-1]) for row in tx.connection.exec_driver_sql(explain + statement, parameters))


def whole_tables(plan: str) -> set[str]:
    """A scan of a partial index is one of the few rows that are in it."""
    scans = re.findall(r"^SCAN (\w+)(.*)$", plan, re.MULTILINE)
    whole = {table for table, how in scans if not any(index in how for index in PARTIAL)}
    return whole | set(re.findall(r"Seq Scan on (\w+)", plan))
