"""Who is at the keyboard: an Agent for what Agents do, else the operator of the machine."""

import getpass
import os

from bot.model import Actor, ActorKind, Agent
from bot.store import Look
from config.errors import WrongUse

TERMINAL = "terminal"


def login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # An account without a name, as in many containers.
        return f"uid {os.getuid()}"


def operator() -> Actor:
    return Actor(ActorKind.OPERATOR, login())


def acting(look: Look, named: str | None) -> Agent:
    """The Agent that was named; else the only active one; else the one with this login. Raises WrongUse."""
    if named is not None:
        agent = look.people.agent(named)
        if agent is None:
            raise WrongUse(f"there is no agent {named}; see `firstline agent list`")
        return agent
    agents = [agent for agent in look.people.agents() if agent.active]
    if len(agents) == 1:
        return agents[0]
    mine = [a for a in agents if any(i.kind == TERMINAL and i.value == login() for i in a.identities)]
    if mine:
        return mine[0]
    raise WrongUse(_nobody(agents))


def _nobody(agents: list[Agent]) -> str:
    if not agents:
        return "the desk has no agent yet; add yourself: `firstline agent add NAME`"
    names = ", ".join(agent.name for agent in agents)
    return f"say as whom with `--as`: {names}; no agent has the terminal login {login()}"
