"""What is snoozed is out of sight until something brings it back, once."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from bot.agents import tickets
from bot.agents.tickets import NotPossible
from bot.calling import Place, call
from bot.clock import SetClock
from bot.model import BOT, ActorKind, ConversationState, Ticket, TicketState
from bot.store import Transaction
from bot.waking import Waking, stir
from prompts import load
from storage.store import SqlStore
from tests.agents.conftest import NOON, Begin
from tests.agents.verbs import all_of, case, hire, there, trail

HOUR = timedelta(hours=1)
PLACE = Place("agents", {"to": {"address": "oncall@example.org"}})


def words(name: str, language: str, **values: object) -> str:
    return load(name, language, **values).text


def snoozed(tx: Transaction, state: TicketState = TicketState.NEW) -> int:
    """Called for, and snoozed for an hour."""
    number = case(tx, state)
    call(tx, PLACE, words, there(tx, number), tx.conversations.get(there(tx, number).conversation), told=True)
    tickets.snooze(tx, hire(tx, "bea"), number, tx.now + HOUR)
    return number


def listed(tx: Transaction) -> list[int]:
    return [one.number for one in tx.tickets.rows(snoozed=False)]


@pytest.mark.parametrize("state", [TicketState.NEW, TicketState.PENDING])
def test_a_snoozed_ticket_keeps_its_state_and_is_out_of_sight(
    begin: Begin, clock: SetClock, state: TicketState
) -> None:
    with begin() as tx:
        other, number = case(tx), snoozed(tx, state)
        assert (there(tx, number).state, there(tx, number).snoozed_until) == (state, NOON + HOUR)
        assert listed(tx) == [other]
        assert [one.number for one in tx.tickets.rows(snoozed=True)] == [number]
        assert [one.number for one in tx.tickets.rows()] == [other, number]
        assert tx.tickets.overslept() == []
    clock.instant += HOUR
    with begin() as tx:
        assert listed(tx) == [other, number], "it is seen even where no desk runs that would wake it"
        assert tx.tickets.rows(snoozed=True) == []
        assert tx.tickets.overslept() == [number]


@pytest.mark.parametrize("by", [timedelta(0), -HOUR, timedelta(days=400)])
def test_nobody_snoozes_into_the_past_or_for_years(begin: Begin, by: timedelta) -> None:
    with begin() as tx:
        number = case(tx)
        before = all_of(tx, number)
        with pytest.raises(NotPossible, match=r"366 days at most.* it is 2026-03-02 12:00 UTC now"):
            tickets.snooze(tx, hire(tx, "bea"), number, NOON + by)
        assert all_of(tx, number) == before


def test_the_last_snooze_counts(begin: Begin) -> None:
    with begin() as tx:
        number = snoozed(tx)
        tickets.snooze(tx, hire(tx, "bea"), number, NOON + 2 * HOUR)
        assert there(tx, number).snoozed_until == NOON + 2 * HOUR
        assert trail(tx, number) == [("bea", "snooze"), ("bea", "snooze")]


def test_held_is_in_the_hands_of_people(begin: Begin) -> None:
    with begin() as tx:
        number = case(tx)
        held = tickets.hold(tx, hire(tx, "bea"), number)
        assert (held.state, held.assignee) == (TicketState.ON_HOLD, "bea")
        assert tx.conversations.get(held.conversation).state is ConversationState.HUMAN


# ------------------------------------------------------------------ awake again


@pytest.mark.parametrize("state", [TicketState.PENDING, TicketState.ON_HOLD, TicketState.SOLVED])
def test_a_word_opens_whatever_waited(begin: Begin, state: TicketState) -> None:
    with begin() as tx:
        number = case(tx, state)
        stir(tx, there(tx, number), BOT)
        assert there(tx, number).state is TicketState.OPEN
        assert trail(tx, number) == [("", "reopen")]


@pytest.mark.parametrize("state", [TicketState.NEW, TicketState.OPEN, TicketState.CLOSED])
def test_a_word_changes_nothing_where_nothing_waited(begin: Begin, state: TicketState) -> None:
    with begin() as tx:
        number = case(tx, state)
        before = all_of(tx, number)
        stir(tx, there(tx, number), BOT)
        assert all_of(tx, number) == before


def test_whatever_happens_to_a_snoozed_ticket_brings_it_back(begin: Begin) -> None:
    """Filed anew by whoever: a Reply that came back must not wait for a week."""
    with begin() as tx:
        number = snoozed(tx)
        values = {"team": "support", "priority": "normal", "category": "other", "title": "", "reason": "it came back"}
        tx.tickets.file(there(tx, number).conversation, **values)
        assert there(tx, number).snoozed_until is None


# ------------------------------------------------------------------ the clock


async def test_the_clock_wakes_what_is_due_once_and_says_so(desk_url: str) -> None:
    clock = SetClock(NOON)
    async with SqlStore(desk_url, clock) as one, SqlStore(desk_url, clock) as two:
        numbers = await one.write(lambda tx: [snoozed(tx) for _ in range(5)])
        clock.instant += timedelta(minutes=59)
        await Waking(one, PLACE, words).wake()
        assert all(one.snoozed_until for one in await tickets_of(one))
        clock.instant += timedelta(minutes=2)
        await asyncio.gather(*(Waking(host, PLACE, words).wake() for host in (one, two)))
        await Waking(two, PLACE, words).wake()
        for ticket in await tickets_of(one):
            assert (ticket.state, ticket.snoozed_until) == (TicketState.OPEN, None)
            lines = await one.read(partial(_lines, ticket))
            assert [line.verb for line in lines] == ["snooze", "wake"]
            assert lines[1].actor.kind is ActorKind.CLOCK
        told = [row for row in await one.read(lambda look: look.outbox.rows()) if row.kind == "notice"]
        assert sorted(row.ticket for row in told) == numbers
        assert f"Ticket {told[0].ticket} is awake again: Parcel" in told[0].text


async def test_a_desk_that_only_watches_wakes_and_says_nothing(desk_url: str) -> None:
    clock = SetClock(NOON)
    async with SqlStore(desk_url, clock) as store:
        await store.write(snoozed)
        clock.instant += HOUR
        await Waking(store, PLACE, words, watching=True).wake()
        assert [one.state for one in await tickets_of(store)] == [TicketState.OPEN]
        assert [row.kind for row in await store.read(lambda look: look.outbox.rows())] == ["escalation"]


def _lines(ticket: Ticket, look: Transaction) -> list:
    return look.audit.of(str(ticket.id))


async def tickets_of(store: SqlStore) -> list[Ticket]:
    return await store.read(lambda look: look.tickets.rows())
