"""The desk's own state: the kill switch."""

from sqlalchemy import select, update

from bot.rows import Desk
from storage.noun import Noun
from storage.schema import desk


class DeskRow(Noun):
    def get(self) -> Desk:
        row = self.run(select(desk)).one()
        return Desk(row.stopped, row.stopped_by, row.stopped_at)

    def stop(self, by: str) -> None:
        self.run(update(desk).values(stopped=True, stopped_by=by, stopped_at=self.now))

    def start(self, by: str) -> None:
        self.run(update(desk).values(stopped=False, stopped_by=by, stopped_at=self.now))
