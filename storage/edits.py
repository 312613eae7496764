"""Edits of messages that have not been filed yet."""

from sqlalchemy import case, delete

from bot.model import Edit, Identity
from storage.noun import Noun
from storage.schema import edit as edits


class Edits(Noun):
    def remember(self, channel: str, edit: Edit) -> None:
        values = {"author_kind": edit.author.kind, "author_value": edit.author.value, "created_at": self.now}
        statement = self.upsert(edits).values(channel=channel, key=edit.key, text=edit.text, **values)
        kept = case((edits.c.text.is_(None), None), else_=statement.excluded.text)
        self.run(statement.on_conflict_do_update(index_elements=["channel", "key"], set_={"text": kept}))

    def take(self, channel: str, key: str) -> Edit | None:
        here = (edits.c.channel == channel) & (edits.c.key == key)
        row = self.run(delete(edits).where(here).returning(edits)).first()
        return Edit(Identity(row.author_kind, row.author_value), key, row.text) if row else None
