"""The audit trail. Lines are added, never changed."""

from typing import Any

from sqlalchemy import insert, select

from bot.ids import new_id
from bot.model import Actor, ActorKind, Audit
from storage.noun import Noun
from storage.schema import audit


class AuditTrail(Noun):
    def of(self, target_id: str) -> list[Audit]:
        rows = self.run(select(audit).where(audit.c.target_id == target_id).order_by(audit.c.id))
        return [
            Audit(row.at, Actor(ActorKind(row.actor_kind), row.actor_name), row.verb, row.target, target_id, row.detail)
            for row in rows
        ]

    def write(self, actor: Actor, verb: str, target: str, target_id: str, **detail: Any) -> None:
        self.run(
            insert(audit).values(
                id=new_id(),
                at=self.now,
                actor_kind=actor.kind,
                actor_name=actor.name,
                verb=verb,
                target=target,
                target_id=target_id,
                detail=detail,
            )
        )
