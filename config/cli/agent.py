"""`firstline agent`: the humans of the support team."""

from typing import Annotated

import typer

from bot.model import Agent, Identity, Role
from bot.store import Transaction
from config.cli import reach, render
from config.cli.who import TERMINAL, operator
from config.errors import WrongUse

app = typer.Typer(help="The people of the support team.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What the team calls them; it is shown in the audit trail.")],
    role: Annotated[Role, typer.Option(help="What they may do; an auditor only looks.")] = Role.AGENT,
    mail: Annotated[str | None, typer.Option(help="Their mail address.")] = None,
    terminal: Annotated[str | None, typer.Option(help="Their login on this machine.")] = None,
) -> None:
    """Add an Agent.

    Example: firstline agent add ann --mail ann@example.org --terminal ann
    """
    _refuse_misuse(name, mail, terminal)
    identities = [Identity("mail", mail.lower())] if mail else []
    identities += [Identity(TERMINAL, terminal)] if terminal else []
    agent = reach.write(lambda tx: _add(tx, name, role, identities))
    typer.echo(f"{agent.name} is {agent.role} now")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Everybody in the team.

    Example: firstline agent list
    """
    agents = reach.read(lambda look: look.people.agents())
    if as_json:
        for agent in agents:
            render.line(_keys(agent))
        return
    rows = [(a.name, a.role, "yes" if a.active else "no", _identities(a)) for a in agents]
    render.table(("name", "role", "active", "identities"), rows)


def _refuse_misuse(name: str, mail: str | None, terminal: str | None) -> None:
    for what, value in (("NAME", name), ("--mail", mail), ("--terminal", terminal)):
        if value is not None and (not value.strip() or not value.isprintable()):
            raise WrongUse(f"{what} must be some printable characters, not {value!r}")
    if mail is not None and (mail.count("@") != 1 or mail.startswith("@") or mail.endswith("@") or " " in mail):
        raise WrongUse(f"--mail must be an address such as ann@example.org, not {mail}")


def _add(tx: Transaction, name: str, role: Role, identities: list[Identity]) -> Agent:
    agent = tx.people.add_agent(name, role, identities)
    tx.audit.write(operator(), "add", "agent", str(agent.id), name=name, role=role)
    return agent


def _identities(agent: Agent) -> tuple[str, ...]:
    return tuple(f"{one.kind}:{one.value}" for one in agent.identities)


def _keys(agent: Agent) -> dict[str, object]:
    return {
        "id": agent.id,
        "name": agent.name,
        "role": agent.role,
        "active": agent.active,
        "identities": [{"kind": one.kind, "value": one.value} for one in agent.identities],
    }
