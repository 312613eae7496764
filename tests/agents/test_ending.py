"""How a Ticket ends, and by which rule it begins again."""

from datetime import timedelta

import pytest

from bot.agents import tickets
from bot.agents.tickets import NotPossible
from bot.clock import SetClock
from bot.model import NOT_A_REQUEST, ConversationState, Lane, TicketState
from bot.store import Transaction
from tests.agents.conftest import Begin
from tests.agents.verbs import all_of, case, hire, there
from tests.config.commands import filed, ticketed

WITHIN = timedelta(days=14)


def state_of(tx: Transaction, number: int) -> tuple[TicketState, ConversationState]:
    ticket = there(tx, number)
    return ticket.state, tx.conversations.get(ticket.conversation).state


def file(tx: Transaction, number: int) -> int:
    """One more for the same Conversation."""
    return ticketed(tx, tx.conversations.get(there(tx, number).conversation))


def test_what_is_solved_stays_with_whoever_solved_it(begin: Begin) -> None:
    with begin() as tx:
        number = case(tx)
        assert tickets.solve(tx, hire(tx, "bea"), number).assignee == "bea"
        assert state_of(tx, number) == (TicketState.SOLVED, ConversationState.HUMAN)


def test_words_that_nobody_has_read_are_not_solved(begin: Begin) -> None:
    with begin() as tx:
        number = ticketed(tx, filed(tx))
        before = all_of(tx, number)
        with pytest.raises(NotPossible, match="nobody has read yet"):
            tickets.solve(tx, hire(tx, "bea"), number)
        assert all_of(tx, number) == before
        tickets.take(tx, hire(tx, "bea"), number)
        assert tickets.solve(tx, hire(tx, "bea"), number).state is TicketState.SOLVED


@pytest.mark.parametrize("verb", [tickets.close, tickets.dismiss])
def test_words_that_nobody_has_read_go_to_the_bot_when_it_is_closed(begin: Begin, verb: object) -> None:
    with begin() as tx:
        conversation = filed(tx)
        number = ticketed(tx, conversation)
        verb(tx, hire(tx, "bea"), number)
        assert state_of(tx, number) == (TicketState.CLOSED, ConversationState.BOT)
        assert tx.jobs.find(Lane.TRIAGE, str(conversation.id)) is not None


def test_what_was_no_request_is_closed_as_that_and_says_nothing(begin: Begin) -> None:
    with begin() as tx:
        number = case(tx)
        assert tickets.dismiss(tx, hire(tx, "bea"), number).closed_as == NOT_A_REQUEST
        assert state_of(tx, number) == (TicketState.CLOSED, ConversationState.CLOSED)
        assert tx.outbox.rows() == []
        again = tickets.reopen(tx, hire(tx, "bea"), number, within=WITHIN)
        assert (again.state, again.closed_as) == (TicketState.OPEN, "")


def test_what_was_closed_as_done_can_turn_out_to_be_no_request(begin: Begin) -> None:
    with begin() as tx:
        number = case(tx)
        assert tickets.close(tx, hire(tx, "bea"), number).closed_as == ""
        assert tickets.dismiss(tx, hire(tx, "bea"), number).closed_as == NOT_A_REQUEST


# ------------------------------------------------------------------ again


@pytest.mark.parametrize("days", [0, 14])
@pytest.mark.parametrize("end", [tickets.solve, tickets.close])
def test_an_agent_goes_on_with_the_same_ticket(begin: Begin, clock: SetClock, end: object, days: int) -> None:
    with begin() as tx:
        bea, number = hire(tx, "bea"), case(tx)
        tickets.take(tx, bea, number)
        end(tx, bea, number)
    clock.instant += timedelta(days=days)
    with begin() as tx:
        again = tickets.reopen(tx, hire(tx, "carl"), number, within=WITHIN)
        assert (again.number, again.assignee) == (number, "bea")
        assert state_of(tx, number) == (TicketState.OPEN, ConversationState.HUMAN)


def test_what_was_closed_long_ago_goes_on_in_a_new_ticket(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        bea, number = hire(tx, "bea"), case(tx, title="Lamp", category="delivery", priority="high")
        tickets.close(tx, bea, number)
    clock.instant += timedelta(days=15)
    with begin() as tx:
        new = tickets.reopen(tx, hire(tx, "bea"), number, within=WITHIN)
        assert new.number > number
        assert (new.title, new.category, new.priority, new.state) == ("Lamp", "delivery", "high", TicketState.NEW)
        assert new.reason == f"bea goes on with ticket {number}"
        assert state_of(tx, number) == (TicketState.CLOSED, ConversationState.HUMAN)
        assert tx.audit.of(str(there(tx, number).id))[-1].detail == {"goes_on_in": new.number}


def test_what_was_solved_long_ago_is_still_the_same_ticket(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        tickets.solve(tx, hire(tx, "bea"), number := case(tx))
    clock.instant += timedelta(days=400)
    with begin() as tx:
        assert tickets.reopen(tx, hire(tx, "bea"), number, within=WITHIN).number == number


@pytest.mark.parametrize("state", [TicketState.SOLVED, TicketState.CLOSED])
def test_a_matter_that_goes_on_elsewhere_is_not_reopened_here(begin: Begin, state: TicketState) -> None:
    with begin() as tx:
        number = case(tx, state)
        other = file(tx, number)
        with pytest.raises(NotPossible, match=f"ticket {number} is {state}, and .* goes on in ticket {other}"):
            tickets.reopen(tx, hire(tx, "bea"), number, within=WITHIN)


def test_a_word_more_reopens_what_was_solved_unless_it_goes_on_elsewhere(begin: Begin) -> None:
    with begin() as tx:
        bea, number = hire(tx, "bea"), case(tx, TicketState.SOLVED)
        assert tickets.reply(tx, bea, number, "One thing more.").state is TicketState.PENDING
        tx.tickets.become(number, TicketState.SOLVED)
        other = file(tx, number)
        with pytest.raises(NotPossible, match=f"goes on in ticket {other}"):
            tickets.reply(tx, bea, number, "And another.")
