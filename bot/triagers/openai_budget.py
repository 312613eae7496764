"""What calls of the model may use, and what they did."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeGuard

from bot.budget import Reserved
from bot.metrics import MODEL_COST, MODEL_SECONDS, MODEL_TOKENS
from bot.rows import Spent

MILLION = 1_000_000


class Budget(Protocol):
    """What `bot.budget.Budget` is."""

    async def reserve(self, tokens: int, cost: float) -> Reserved | None: ...
    async def settle(self, reserved: Reserved, tokens: int, cost: float) -> None: ...


class Unlimited:
    """For a command that no customer can set off."""

    async def reserve(self, tokens: int, cost: float) -> Reserved | None:
        return Reserved(date.min, 0, Spent(tokens, cost))

    async def settle(self, reserved: Reserved, tokens: int, cost: float) -> None:
        return


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens of the prompt and of the answer."""

    into: float = 0.0
    out: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call."""

    into: int
    out: int

    def spent(self, prices: Prices) -> Spent:
        return Spent(self.into + self.out, (self.into * prices.into + self.out * prices.out) / MILLION)


NOTHING = Usage(0, 0)


def reported(usage: object, most: Usage) -> Usage | None:
    """What the server says that a call used; None when it says nothing that can be true."""
    if not isinstance(usage, dict):
        return None
    into, out = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not (_is_count(into) and _is_count(out)) or into > most.into or out > most.out:
        return None
    return Usage(into, out)


def _is_count(tokens: object) -> TypeGuard[int]:
    return isinstance(tokens, int) and not isinstance(tokens, bool) and tokens >= 0


@dataclass
class Bill:
    """What the calls for one Decision have used so far."""

    prices: Prices
    calls: int = 0
    into: int = 0
    out: int = 0
    cost: float = 0.0
    seconds: float = 0.0

    def add(self, used: Usage, seconds: float) -> None:
        cost = used.spent(self.prices).cost
        self.calls += 1
        self.into += used.into
        self.out += used.out
        self.cost += cost
        self.seconds += seconds
        MODEL_SECONDS.observe(seconds)
        MODEL_TOKENS.labels("in").inc(used.into)
        MODEL_TOKENS.labels("out").inc(used.out)
        MODEL_COST.inc(cost)
