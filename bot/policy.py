"""May this Agent do this? The one place that says so; every way to act as an Agent asks here."""

from enum import StrEnum

from bot.model import Agent, Role


class Verb(StrEnum):
    """What Agents do. Each is a function in `bot/agents/tickets.py`, but for two: LOOK, and TAKE_OVER, which is the
    right to assign or release what is another Agent's."""

    LOOK = "look"
    TAKE = "take"
    TAKE_OVER = "take over"
    ASSIGN = "assign"
    RELEASE = "release"
    REPLY = "reply"
    NOTE = "note"
    SET_PRIORITY = "set priority"
    SET_CATEGORY = "set category"
    SNOOZE = "snooze"
    WAKE = "wake"
    HOLD = "hold"
    SOLVE = "solve"
    CLOSE = "close"
    DISMISS = "dismiss"
    REOPEN = "reopen"


_MAY: dict[Role, frozenset[Verb]] = {
    Role.AGENT: frozenset(Verb) - {Verb.TAKE_OVER},
    Role.LEAD: frozenset(Verb),
    Role.ADMIN: frozenset(Verb),
    Role.AUDITOR: frozenset({Verb.LOOK}),
}


class Refused(Exception):
    """This actor may not do this."""


def may(agent: Agent, verb: Verb) -> bool:
    return agent.active and verb in _MAY[agent.role]


def check(agent: Agent, verb: Verb) -> None:
    """Raises Refused with the reason."""
    if not agent.active:
        raise Refused(f"{agent.name} is no longer an agent of this desk")
    if not may(agent, verb):
        raise Refused(f"{agent.name} is {agent.role} and may not {verb}")
