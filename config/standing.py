"""How things stand in the database at one moment: one look, for `/metrics` and `firstline status`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.figures import LaneFigures, Untaken
from bot.model import DeliveryState, TicketState
from bot.rows import Desk, Pause, Spent, Trouble
from bot.store import Look


@dataclass(frozen=True, slots=True)
class Standing:
    """`spent`: of this day (UTC), calls of the model that are under way included; `size`: bytes of the database."""

    at: datetime
    lanes: list[LaneFigures]
    tickets: Mapping[TicketState, int]
    untaken: Untaken
    owed: Mapping[DeliveryState, int]
    pauses: list[Pause]
    desk: Desk
    troubles: list[Trouble]
    spent: Spent
    size: int

    @property
    def untaken_for(self) -> float:
        """Seconds."""
        return (self.at - self.untaken.oldest).total_seconds() if self.untaken.oldest else 0.0


def standing(look: Look) -> Standing:
    figures = look.figures
    return Standing(
        at=look.now,
        lanes=figures.lanes(),
        tickets=figures.tickets(),
        untaken=figures.untaken(),
        owed=figures.owed(),
        pauses=look.jobs.pauses(),
        desk=look.desk.get(),
        troubles=look.alerts.up(),
        spent=look.budgets.spent(look.now.date()),
        size=figures.size(),
    )
