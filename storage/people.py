"""Contacts with their Identities, and Agents."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.ids import new_id
from bot.model import Agent, Identity, Role
from bot.store import Conflict
from storage.noun import Noun
from storage.schema import agent, agent_identity, agent_team, contact, identity, team


class People(Noun):
    def agents(self) -> list[Agent]:
        known: dict[UUID, list[Identity]] = {}
        for row in self.run(select(agent_identity).order_by(agent_identity.c.kind, agent_identity.c.value)):
            known.setdefault(row.agent, []).append(Identity(row.kind, row.value))
        return [
            Agent(row.id, row.name, Role(row.role), tuple(known.get(row.id, ())), row.active)
            for row in self.run(select(agent).order_by(agent.c.name))
        ]

    def agent(self, name: str) -> Agent | None:
        """By name or by any identity's value."""
        return next(
            (a for a in self.agents() if name == a.name or any(name == i.value for i in a.identities)),
            None,
        )

    def agent_with(self, who: Identity) -> Agent | None:
        theirs = (agent_identity.c.kind == who.kind) & (agent_identity.c.value == who.value)
        row = self.one(select(agent_identity.c.agent).where(theirs))
        return next((one for one in self.agents() if one.id == row.agent), None) if row else None

    def is_proven(self, who: Identity) -> bool:
        row = self.one(select(identity.c.proven_at).where(identity.c.kind == who.kind, identity.c.value == who.value))
        return row is not None and row.proven_at is not None

    # -------------------------------------------------------------- writing

    def contact(self, who: Identity) -> UUID:
        found = select(identity.c.contact).where(identity.c.kind == who.kind, identity.c.value == who.value)
        row = self.one(found)
        if row is not None:
            known: UUID = row.contact
            return known
        made = new_id()
        self.run(insert(contact).values(id=made, name=who.name, created_at=self.now))
        if not self.insert_new(identity, {"kind": who.kind, "value": who.value, "contact": made}):
            raise Conflict(f"{who.kind}: somebody made this contact in the meantime")
        return made

    def prove(self, who: Identity) -> None:
        here = update(identity).where(identity.c.kind == who.kind, identity.c.value == who.value)
        self.run(here.where(identity.c.proven_at.is_(None)).values(proven_at=self.now))

    def hold(self, who: Identity) -> None:
        here = (identity.c.kind == who.kind) & (identity.c.value == who.value)
        self.run(select(identity.c.contact).where(here).with_for_update())

    def add_agent(self, name: str, role: Role, identities: Sequence[Identity]) -> Agent:
        made = Agent(new_id(), name, role, tuple(identities))
        try:
            self.run(insert(agent).values(id=made.id, name=name, role=role, active=True, created_at=self.now))
            for one in identities:
                self.run(insert(agent_identity).values(agent=made.id, kind=one.kind, value=one.value))
        except IntegrityError as error:
            raise Conflict(f"an agent with this name or identity exists: {name}") from error
        everyone = [row.name for row in self.run(select(team.c.name))]
        self.run(insert(agent_team), [{"agent": made.id, "team": one} for one in everyone])
        return made
