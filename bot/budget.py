"""What the model may cost a day, in tokens and money.

The day's limit is cut into slices and each call is booked on one of them, before it is made, with the most that it can
cost. So the limit holds whatever a call answers, and several hosts hardly ever write the same row.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot import alerts
from bot.calling import Place
from bot.rows import Spent
from bot.store import Store, Transaction, until_settled

MOST_SLICES = 8

# A slice holds so many of the largest calls, so that what is left over at the ends of slices stays small.
CALLS_PER_SLICE = 4

ALERT = "model budget"


@dataclass(frozen=True)
class Reserved:
    """Booked on a slice of a day, until the call has told what it cost."""

    day: date
    slice: int
    amount: Spent


class Budget:
    """`limit`: of a day (UTC); 0 tokens or 0 money: no limit of that. `largest`: the most that one call can cost."""

    def __init__(self, store: Store, place: Place, limit: Spent, largest: Spent) -> None:
        self.store = store
        self.place = place
        self.limit = limit
        self.slices = _slices(limit, largest)
        self._first = random.randrange(self.slices)

    async def reserve(self, tokens: int, cost: float) -> Reserved | None:
        """Before a call: the most that it can cost. None when today's budget is spent; the Agents are told of it."""
        amount = Spent(tokens, cost)

        def reserve(tx: Transaction) -> Reserved | None:
            day = tx.now.date()
            for slice_ in self._order():
                if tx.budgets.take(day, slice_, amount, limit=self._of_a_slice()):
                    return Reserved(day, slice_, amount)
            alerts.tell(tx, self.place, ALERT, self._told(tx.budgets.spent(day)))
            return None

        return await until_settled(lambda: self.store.write(reserve))

    async def settle(self, reserved: Reserved, tokens: int, cost: float) -> None:
        """After the call: what it really cost, at most what was reserved."""
        by = Spent(min(tokens - reserved.amount.tokens, 0), min(cost - reserved.amount.cost, 0.0))

        def settle(tx: Transaction) -> None:
            tx.budgets.correct(reserved.day, reserved.slice, by)

        await self.store.write(settle)

    def _order(self) -> Iterator[int]:
        """Each host begins with a slice of its own."""
        return ((self._first + n) % self.slices for n in range(self.slices))

    def _of_a_slice(self) -> Spent:
        return Spent(self.limit.tokens // self.slices, self.limit.cost / self.slices)

    def _told(self, spent: Spent) -> str:
        parts = [f"{spent.tokens} of {self.limit.tokens} tokens"] if self.limit.tokens else []
        parts += [f"{spent.cost:.2f} of {self.limit.cost:.2f} in money"] if self.limit.cost else []
        return (
            f"The model's budget for today (UTC) is spent: {', '.join(parts)}. Until tomorrow the local triager decides"
            " and more requests become tickets. OPENAI__TOKENS_A_DAY and OPENAI__MONEY_A_DAY set the limits."
        )


def _slices(limit: Spent, largest: Spent) -> int:
    fits = [MOST_SLICES]
    if limit.tokens and largest.tokens:
        fits.append(limit.tokens // (CALLS_PER_SLICE * largest.tokens))
    if limit.cost and largest.cost:
        fits.append(int(limit.cost / (CALLS_PER_SLICE * largest.cost)))
    return max(1, min(fits))
