"""In each state exactly that can be done which the table says, and what is done already changes nothing."""

import pytest

from bot.agents import states
from bot.agents.tickets import NotPossible
from bot.model import UNSOLVED, Role, TicketState
from bot.policy import Verb
from tests.agents.conftest import Begin
from tests.agents.verbs import DO, all_of, case, case_for, hire, there


def test_every_state_and_every_verb_is_in_the_table() -> None:
    for state in TicketState:
        assert {Verb.LOOK, Verb.NOTE} <= set(states.possible(state))
    assert {verb for state in TicketState for verb in states.possible(state)} == set(Verb) - {Verb.TAKE_OVER}


@pytest.mark.parametrize("state", TicketState)
def test_a_state_allows_what_the_table_says_and_the_error_says_what_else(begin: Begin, state: TicketState) -> None:
    allowed = states.possible(state)
    with begin() as tx:
        hire(tx, "olaf")
        bea = hire(tx, "bea", Role.LEAD)
        for verb, do in DO.items():
            number = case(tx, state)
            before = all_of(tx, number)
            if verb in allowed:
                do(tx, bea, number)
            elif states.is_done(verb, there(tx, number)):
                do(tx, bea, number)
                assert all_of(tx, number) == before, verb
            else:
                instead = ", ".join(allowed[1:])
                with pytest.raises(NotPossible, match=f"{number} is {state}: {verb} is not .* but {instead} are"):
                    do(tx, bea, number)
                assert all_of(tx, number) == before, verb


def test_done_twice_is_done_once(begin: Begin) -> None:
    """But for words: who says the same twice means it, or the channel that hears it knows better."""
    with begin() as tx:
        hire(tx, "olaf")
        bea = hire(tx, "bea", Role.LEAD)
        for verb in set(DO) - {Verb.REPLY, Verb.NOTE}:
            number = case_for(tx, verb, bea)
            DO[verb](tx, bea, number)
            before = all_of(tx, number)
            DO[verb](tx, bea, number)
            assert all_of(tx, number) == before, verb


@pytest.mark.parametrize("state", [state for state in TicketState if state not in UNSOLVED])
def test_what_has_ended_is_snoozed_no_more(begin: Begin, state: TicketState) -> None:
    with begin() as tx:
        bea = hire(tx, "bea")
        number = case(tx)
        DO[Verb.SNOOZE](tx, bea, number)
        DO[Verb.SOLVE if state is TicketState.SOLVED else Verb.CLOSE](tx, bea, number)
        assert (there(tx, number).state, there(tx, number).snoozed_until) == (state, None)
