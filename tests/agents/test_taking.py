"""Whose a Ticket is: one Agent's at a time, however many want it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.agents import tickets
from bot.agents.tickets import NotPossible
from bot.clock import SetClock
from bot.model import Agent, ConversationState, Role, Ticket, TicketState
from bot.store import Transaction
from storage.store import SqlStore
from tests.agents.conftest import NOON, Begin
from tests.agents.verbs import all_of, case, hire, there, trail
from tests.config.commands import filed, ticketed

HOUR = timedelta(hours=1)


def test_a_taken_ticket_is_open_and_its_calls_are_heard(begin: Begin) -> None:
    with begin() as tx:
        conversation = filed(tx)
        number = ticketed(tx, conversation)
        tx.tickets.call(there(tx, number).id, "angry")
        taken = tickets.take(tx, hire(tx, "bea"), number)
        assert (taken.assignee, taken.state, taken.assigned_at) == ("bea", TicketState.OPEN, NOON)
        assert [call.taken_by for call in tx.tickets.escalations(taken.id)] == ["bea"]
        talk = tx.conversations.get(conversation.id)
        assert (talk.state, talk.undecided()) == (ConversationState.HUMAN, ())


def test_who_comes_second_is_told_who_has_it_and_since_when(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        number = case(tx)
        tickets.take(tx, hire(tx, "bea"), number)
    clock.instant += HOUR
    with begin() as tx, pytest.raises(NotPossible, match=r"is bea's since 2026-03-02 12:00 UTC; a lead can assign it"):
        tickets.take(tx, hire(tx, "carl", Role.LEAD), number)


def test_taking_says_nothing_about_what_it_waits_for(begin: Begin) -> None:
    with begin() as tx:
        number = case(tx, TicketState.PENDING)
        assert tickets.take(tx, hire(tx, "bea"), number).state is TicketState.PENDING


def test_whoever_takes_a_snoozed_ticket_wants_to_see_it(begin: Begin) -> None:
    with begin() as tx:
        bea, number = hire(tx, "bea"), case(tx)
        tickets.snooze(tx, bea, number, NOON + HOUR)
        taken = tickets.take(tx, bea, number)
        assert (taken.state, taken.snoozed_until) == (TicketState.OPEN, None)


def test_an_agent_gives_away_what_is_nobodys_or_their_own(begin: Begin) -> None:
    with begin() as tx:
        bea, carl, number = hire(tx, "bea"), hire(tx, "carl"), case(tx)
        assert tickets.assign(tx, bea, number, carl).assignee == "carl"
        assert tickets.assign(tx, carl, number, bea).assignee == "bea"
        released = tickets.release(tx, bea, number)
        assert (released.assignee, released.assigned_at, released.state) == ("", None, TicketState.OPEN)
        assert tickets.take(tx, carl, number).assignee == "carl"
        lines = tx.audit.of(str(released.id))
        assert [(line.verb, line.detail) for line in lines[:2]] == [
            ("assign", {"to": "carl"}),
            ("assign", {"to": "bea"}),
        ]


@pytest.mark.parametrize(
    ("change", "why"), [({"role": Role.AUDITOR}, "takes no tickets"), ({"active": False}, "no longer")]
)
def test_nobody_gets_what_they_may_not_take(begin: Begin, change: dict[str, object], why: str) -> None:
    with begin() as tx:
        number = case(tx)
        before = all_of(tx, number)
        with pytest.raises(NotPossible, match=f"can't be carl's, who is .*{why}"):
            tickets.assign(tx, hire(tx, "bea"), number, replace(hire(tx, "carl"), **change))
        assert all_of(tx, number) == before


# ------------------------------------------------------------------ all at once

AGENTS = ("bea", "carl", "dora", "emil")


@pytest.fixture
async def hosts(desk_url: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    async with SqlStore(desk_url) as one, SqlStore(desk_url) as two:
        yield one, two


async def test_of_several_who_take_it_at_once_one_gets_it(hosts: tuple[SqlStore, SqlStore]) -> None:
    def prepare(tx: Transaction) -> tuple[list[Agent], list[int]]:
        return [hire(tx, name) for name in AGENTS], [case(tx) for _ in range(10)]

    agents, numbers = await hosts[0].write(prepare)

    async def take(n: int, agent: Agent, number: int) -> Ticket | NotPossible:
        try:
            return await hosts[n % 2].write(lambda tx: tickets.take(tx, agent, number))
        except NotPossible as refused:
            return refused

    for number in numbers:
        ended = await asyncio.gather(*(take(n, agent, number) for n, agent in enumerate(agents)))
        (winner,) = [one for one in ended if isinstance(one, Ticket)]
        losers = [str(one) for one in ended if isinstance(one, NotPossible)]
        assert len(losers) == len(AGENTS) - 1
        assert all(f"ticket {number} is {winner.assignee}'s since" in loser for loser in losers)
        assert await hosts[0].read(lambda look, number=number: trail(look, number)) == [(winner.assignee, "take")]
