"""The calls for one Decision: paid for before they are made, tried again when that may help, over at the deadline."""

import asyncio
import time

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from bot.metrics import MODEL_CALLS
from bot.triagers.openai_breaker import Breaker, BreakerState
from bot.triagers.openai_budget import NOTHING, Bill, Budget, Prices, Usage
from bot.triagers.openai_failures import FREE, HOPELESS, PASSING, WELL, NoAnswer, Outcome
from bot.triagers.openai_prompt import Prompt
from bot.triagers.openai_schema import Thought, read
from bot.triagers.openai_wire import Wire

RETRIES = 2

_HINTS = {
    Outcome.UNAUTHORISED: " (see OPENAI__API_KEY)",
    Outcome.NOT_FOUND: " (see OPENAI__MODEL and OPENAI__BASE_URL)",
    Outcome.UNREACHABLE: " (see OPENAI__BASE_URL)",
}

_PAUSE = wait_random_exponential(multiplier=0.5, max=4)


class Calls:
    """Shared by all Decisions of this process, as the breaker is."""

    def __init__(self, wire: Wire, budget: Budget, breaker: Breaker, prices: Prices) -> None:
        self.wire = wire
        self.budget = budget
        self.breaker = breaker
        self.prices = prices
        self._last = Outcome.ANSWERED

    @property
    def trouble(self) -> str | None:
        """Why nobody is asked just now, for the people who run the desk."""
        since = self.breaker.open_since
        return None if since is None else f"{self._last}{_HINTS.get(self._last, '')}"

    async def think(self, prompt: Prompt, bill: Bill, until: float) -> Thought:
        """By `until`, on the loop's clock. Raises NoAnswer. An answer of no use gets one more chance."""
        try:
            return await self._guarded(prompt, bill, until, RETRIES)
        except NoAnswer as failed:
            if failed.outcome is not Outcome.INVALID:
                raise
            return await self._guarded(prompt.repaired(failed.said, failed.problems), bill, until, 0)

    async def _guarded(self, prompt: Prompt, bill: Bill, until: float, retries: int) -> Thought:
        """The breaker is told what came of it, whatever that was."""
        if not self.breaker.allows():
            raise NoAnswer(Outcome.LEFT_ALONE)
        if self.breaker.state is BreakerState.HALF_OPEN:
            # A probe is one call: through a long outage each may be charged.
            retries = 0
        try:
            async with asyncio.timeout_at(until):
                thought = await self._persistent(prompt, bill, until, retries)
        except TimeoutError:
            late = NoAnswer(Outcome.LATE)
            self._tell(late)
            raise late from None
        except NoAnswer as failed:
            self._tell(failed)
            raise
        except BaseException:
            self.breaker.skipped()
            raise
        self.breaker.succeeded()
        return thought

    def _tell(self, failed: NoAnswer) -> None:
        # Who says when to come back is in good order.
        well = failed.outcome in WELL or (failed.outcome is Outcome.LIMITED and failed.after is not None)
        if failed.outcome is Outcome.SPENT:
            self.breaker.skipped()
        elif well:
            self.breaker.succeeded()
        else:
            self._last = failed.outcome
            self.breaker.failed(at_once=failed.outcome in HOPELESS)

    async def _persistent(self, prompt: Prompt, bill: Bill, until: float, retries: int) -> Thought:
        def in_time(error: BaseException) -> bool:
            left = until - asyncio.get_running_loop().time()
            return isinstance(error, NoAnswer) and error.outcome in PASSING and (error.after or 0) < left

        trying = AsyncRetrying(
            retry=retry_if_exception(in_time),
            stop=stop_after_attempt(1 + retries),
            wait=_pause,
            sleep=asyncio.sleep,
            reraise=True,
        )
        return await trying(self._once, prompt, bill)

    async def _once(self, prompt: Prompt, bill: Bill) -> Thought:
        most = prompt.most.spent(bill.prices)
        reserved = await self.budget.reserve(most.tokens, most.cost)
        if reserved is None:
            raise NoAnswer(Outcome.SPENT)
        call = _Call(prompt.most)
        try:
            return await self._heard(prompt, call)
        finally:
            MODEL_CALLS.labels(call.outcome.value).inc()
            bill.add(call.used, time.monotonic() - call.began)
            used = call.used.spent(bill.prices)
            await self.budget.settle(reserved, used.tokens, used.cost)

    async def _heard(self, prompt: Prompt, call: "_Call") -> Thought:
        try:
            response = await self.wire.ask(prompt)
            call.used = response.used or call.used
            thought = read(response.checked())
        except NoAnswer as failed:
            call.outcome = failed.outcome
            call.used = NOTHING if failed.outcome in FREE else call.used
            raise
        call.outcome = Outcome.ANSWERED
        return thought


class _Call:
    """What is known of a call so far: until it is heard of, it is late and has used all that it could."""

    def __init__(self, most: Usage) -> None:
        self.began = time.monotonic()
        self.outcome = Outcome.LATE
        self.used = most


def _pause(state: RetryCallState) -> float:
    """What the server asks for, else a short random time."""
    error = state.outcome.exception() if state.outcome else None
    after = error.after if isinstance(error, NoAnswer) else None
    return _PAUSE(state) if after is None else after
