"""Threads, the keys that lead to them and who may use those."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from bot.ids import new_id
from bot.model import Audience, Identity, Thread
from bot.store import Conflict
from storage.noun import Noun
from storage.schema import participant, thread, thread_key


class Threads(Noun):
    def get(self, wanted: UUID) -> Thread | None:
        row = self.one(select(thread).where(thread.c.id == wanted))
        return _thread(row) if row else None

    def of(self, conversation: UUID, audience: Audience) -> list[Thread]:
        here = (thread.c.conversation == conversation) & (thread.c.audience == audience)
        return [_thread(row) for row in self.run(select(thread).where(here).order_by(thread.c.id.desc()))]

    def named(self, channel: str, key: str) -> Thread | None:
        row = self.one(select(thread).where(thread.c.channel == channel, thread.c.key == key))
        return _thread(row) if row else None

    def by_key(self, scope: str, keys: Sequence[str], who: str) -> Thread | None:
        return self._first(scope, keys, thread_key.c.participant == who)

    def by_any(self, scope: str, keys: Sequence[str]) -> Thread | None:
        return self._first(scope, keys)

    def is_participant(self, conversation: UUID, who: Identity) -> bool:
        here = participant.c.conversation == conversation
        found = select(participant).where(here, participant.c.kind == who.kind, participant.c.value == who.value)
        return self.one(found) is not None

    # -------------------------------------------------------------- writing

    def open(
        self, conversation: UUID, channel: str, key: str, audience: Audience, address: Mapping[str, Any]
    ) -> Thread:
        made = Thread(new_id(), conversation, channel, key, audience, dict(address))
        values = {
            "id": made.id,
            "conversation": conversation,
            "channel": channel,
            "key": key,
            "audience": audience,
            "address": made.address,
            "created_at": self.now,
        }
        if not self.insert_new(thread, values):
            raise Conflict(f"{channel}: another thread has the key {key}")
        return made

    def learn(self, known: UUID, scope: str, keys: Iterable[str], who: str) -> None:
        for key in keys:
            self.insert_new(thread_key, {"scope": scope, "key": key, "participant": who, "thread": known})

    def take(self, known: UUID, scope: str, key: str, who: str) -> None:
        if not self.insert_new(thread_key, {"scope": scope, "key": key, "participant": who, "thread": known}):
            raise Conflict(f"{scope}: somebody opened a thread for {key} in the meantime")

    def move(self, known: UUID, address: Mapping[str, Any]) -> None:
        self.run(update(thread).where(thread.c.id == known).values(address=dict(address)))

    def join(self, conversation: UUID, who: Identity) -> None:
        self.insert_new(participant, {"conversation": conversation, "kind": who.kind, "value": who.value})

    # -------------------------------------------------------------- parts

    def _first(self, scope: str, keys: Sequence[str], *more: Any) -> Thread | None:
        if not keys:
            return None
        statement = select(thread, thread_key.c.key.label("found")).join(thread_key, thread_key.c.thread == thread.c.id)
        rows = self.run(statement.where(thread_key.c.scope == scope, thread_key.c.key.in_(keys), *more)).all()
        best = min(rows, key=lambda row: keys.index(row.found), default=None)
        return _thread(best) if best else None


def _thread(row: Row[Any]) -> Thread:
    return Thread(row.id, row.conversation, row.channel, row.key, Audience(row.audience), row.address)
