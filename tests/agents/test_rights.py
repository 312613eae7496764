"""Every verb asks first whether its Agent may; who may not changes nothing."""

from dataclasses import replace

import pytest

from bot import policy
from bot.agents import tickets
from bot.model import Role
from bot.policy import Refused, Verb
from tests.agents.conftest import Begin
from tests.agents.verbs import DO, all_of, case, case_for, hire, there, trail


def test_every_verb_is_tried_here() -> None:
    """LOOK changes nothing, and TAKE_OVER is a right that two verbs ask for."""
    assert set(DO) == set(Verb) - {Verb.LOOK, Verb.TAKE_OVER}
    names = {verb.replace(" ", "_") for verb in DO}
    assert set(tickets.__all__) == names | {"NotPossible"}


@pytest.mark.parametrize("role", Role)
def test_a_verb_is_done_by_those_who_may_and_leaves_one_line(begin: Begin, role: Role) -> None:
    with begin() as tx:
        hire(tx, "olaf")
        bea = hire(tx, "bea", role)
        for verb, do in DO.items():
            number = case_for(tx, verb, bea)
            before = all_of(tx, number)
            if policy.may(bea, verb):
                do(tx, bea, number)
                assert trail(tx, number) == [("bea", verb)]
            else:
                with pytest.raises(Refused, match=f"may not {verb}"):
                    do(tx, bea, number)
                assert all_of(tx, number) == before


def test_who_has_left_does_nothing(begin: Begin) -> None:
    with begin() as tx:
        hire(tx, "olaf")
        bea = hire(tx, "bea", Role.ADMIN)
        for verb, do in DO.items():
            number = case_for(tx, verb, bea)
            before = all_of(tx, number)
            with pytest.raises(Refused, match="bea is no longer"):
                do(tx, replace(bea, active=False), number)
            assert all_of(tx, number) == before, verb


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.ADMIN])
@pytest.mark.parametrize("verb", [Verb.ASSIGN, Verb.RELEASE])
def test_what_is_anothers_is_a_leads_to_give_away(begin: Begin, verb: Verb, role: Role) -> None:
    with begin() as tx:
        hire(tx, "olaf")
        carl, bea = hire(tx, "carl"), hire(tx, "bea", role)
        number = case(tx)
        tickets.take(tx, carl, number)
        if policy.may(bea, Verb.TAKE_OVER):
            DO[verb](tx, bea, number)
            assert there(tx, number).assignee == ("olaf" if verb is Verb.ASSIGN else "")
        else:
            with pytest.raises(Refused, match=r"is carl's since .* bea is agent and may not take over"):
                DO[verb](tx, bea, number)
            assert there(tx, number).assignee == "carl"
