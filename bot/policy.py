"""May this Agent do this? The one place that says so; every way to act as an Agent asks here."""

from bot.model import Agent, Role

LOOK = "look"
TAKE = "take"
REPLY = "reply"
NOTE = "note"
CLOSE = "close"

_WORK = frozenset({LOOK, TAKE, REPLY, NOTE, CLOSE})

_MAY: dict[Role, frozenset[str]] = {
    Role.AGENT: _WORK,
    Role.LEAD: _WORK,
    Role.ADMIN: _WORK,
    Role.AUDITOR: frozenset({LOOK}),
}


class Refused(Exception):
    """This actor may not do this."""


def may(agent: Agent, verb: str) -> bool:
    return agent.active and verb in _MAY[agent.role]


def check(agent: Agent, verb: str) -> None:
    """Raises Refused with the reason."""
    if not agent.active:
        raise Refused(f"{agent.name} is no longer an agent of this desk")
    if not may(agent, verb):
        raise Refused(f"{agent.name} is {agent.role} and may not {verb}")
