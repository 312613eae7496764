"""What the model has cost, a row for each slice of a day."""

from datetime import date

from sqlalchemy import func, select, update

from bot.rows import Spent
from storage.noun import Noun
from storage.schema import budget


class Budgets(Noun):
    def spent(self, day: date) -> Spent:
        sums = select(func.sum(budget.c.tokens).label("tokens"), func.sum(budget.c.cost).label("cost"))
        row = self.run(sums.where(budget.c.day == day)).one()
        return Spent(int(row.tokens or 0), float(row.cost or 0.0))

    def take(self, day: date, slice_: int, amount: Spent, *, limit: Spent) -> bool:
        self.insert_new(budget, {"day": day, "slice": slice_, "tokens": 0, "cost": 0.0})
        here = update(budget).where(budget.c.day == day, budget.c.slice == slice_)
        if limit.tokens:
            here = here.where(budget.c.tokens + amount.tokens <= limit.tokens)
        if limit.cost:
            here = here.where(budget.c.cost + amount.cost <= limit.cost)
        added = here.values(tokens=budget.c.tokens + amount.tokens, cost=budget.c.cost + amount.cost)
        return self.run(added).rowcount == 1

    def correct(self, day: date, slice_: int, by: Spent) -> None:
        here = update(budget).where(budget.c.day == day, budget.c.slice == slice_)
        self.run(here.values(tokens=budget.c.tokens + by.tokens, cost=budget.c.cost + by.cost))
