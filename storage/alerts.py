"""Troubles of the desk itself. Who changes the row tells the Agents, so that each is told once."""

from datetime import timedelta

from sqlalchemy import case, or_, select, update

from bot.rows import Trouble
from storage.noun import Noun
from storage.schema import alert


class Alerts(Noun):
    def up(self) -> list[Trouble]:
        rows = self.run(select(alert).where(alert.c.cleared_at.is_(None)).order_by(alert.c.since, alert.c.name))
        return [Trouble(row.name, row.text, row.since, row.told_at) for row in rows]

    def begin(self, name: str, text: str, *, remind: timedelta) -> bool:
        over = alert.c.cleared_at.is_not(None)
        statement = self.upsert(alert).values(name=name, text=text, since=self.now, told_at=self.now)
        told = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "text": text,
                "since": case((over, self.now), else_=alert.c.since),
                "told_at": self.now,
                "cleared_at": None,
            },
            where=or_(over, alert.c.told_at <= self.now - remind),
        )
        return self.one(told.returning(alert.c.name)) is not None

    def end(self, name: str) -> bool:
        up = update(alert).where(alert.c.name == name, alert.c.cleared_at.is_(None))
        return self.run(up.values(cleared_at=self.now)).rowcount == 1
