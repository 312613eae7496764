"""Who may do what: every role and every verb. Whether the verbs ask is in tests/agents/test_rights.py."""

from dataclasses import replace

import pytest

from bot import policy
from bot.ids import new_id
from bot.model import Agent, Role
from bot.policy import Refused, Verb

WORKING = {Role.AGENT, Role.LEAD, Role.ADMIN}
RIGHTS = {
    Verb.LOOK: WORKING | {Role.AUDITOR},
    Verb.TAKE: WORKING,
    Verb.TAKE_OVER: {Role.LEAD, Role.ADMIN},
    Verb.ASSIGN: WORKING,
    Verb.RELEASE: WORKING,
    Verb.REPLY: WORKING,
    Verb.NOTE: WORKING,
    Verb.SET_PRIORITY: WORKING,
    Verb.SET_CATEGORY: WORKING,
    Verb.SNOOZE: WORKING,
    Verb.WAKE: WORKING,
    Verb.HOLD: WORKING,
    Verb.SOLVE: WORKING,
    Verb.CLOSE: WORKING,
    Verb.DISMISS: WORKING,
    Verb.REOPEN: WORKING,
}


def somebody(role: Role) -> Agent:
    return Agent(new_id(), "bea", role)


def test_every_verb_has_its_line_here() -> None:
    assert set(RIGHTS) == set(Verb)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", Verb)
def test_a_role_may_do_what_its_line_says(verb: Verb, role: Role) -> None:
    agent = somebody(role)
    assert policy.may(agent, verb) == (role in RIGHTS[verb])
    if role in RIGHTS[verb]:
        policy.check(agent, verb)
    else:
        with pytest.raises(Refused, match=f"bea is {role} and may not {verb}"):
            policy.check(agent, verb)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", Verb)
def test_who_has_left_may_do_nothing(verb: Verb, role: Role) -> None:
    gone = replace(somebody(role), active=False)
    assert not policy.may(gone, verb)
    with pytest.raises(Refused, match="no longer an agent"):
        policy.check(gone, verb)
