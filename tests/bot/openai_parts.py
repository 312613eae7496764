"""What the tests of the model's Triager are made of."""

from collections.abc import Sequence

from bot.budget import Reserved
from bot.clock import Clock, SetClock
from bot.model import Category, Conversation, Decision, Level, Passage, Proposal
from bot.rows import Hit
from bot.triage import Rules, decide
from bot.triagers.local import LocalTriager
from bot.triagers.openai import OpenAITriager
from bot.triagers.openai_breaker import Breaker
from bot.triagers.openai_budget import Prices, Unlimited
from bot.triagers.openai_calls import Calls
from bot.triagers.openai_wire import Wire, connect
from tests.bot.talk import NOON, passage, talk
from tests.model_server import ModelServer

RESET = passage(
    "Open https://x.example/forgot and press Send link. The link is valid for 2 hours.",
    article="reset-password",
    title="Reset your password",
    heading="password, login, reset",
)
SHIPPING = passage("We ship within 3 days.", article="shipping", title="Shipping times", heading="shipping, delivery")
CATEGORIES = [Category("access", "signing in: passwords, login"), Category("other", "anything else")]
PRICES = Prices(into=1.0, out=10.0)
ASKED = talk("How do I reset my password?")

# Long enough for a call on a busy machine, short enough to wait for.
DEADLINE = 5.0
SHORT = 0.5


class Purse:
    """A budget that records; `limit` tokens."""

    def __init__(self, limit: int = 10**9) -> None:
        self.left = limit
        self.settled: list[tuple[int, float]] = []
        self.reserved: list[tuple[int, float]] = []

    async def reserve(self, tokens: int, cost: float) -> Reserved | None:
        if tokens > self.left:
            return None
        self.reserved.append((tokens, cost))
        self.left -= tokens
        return await Unlimited().reserve(tokens, cost)

    async def settle(self, reserved: Reserved, tokens: int, cost: float) -> None:
        self.settled.append((tokens, cost))
        self.left += reserved.amount.tokens - tokens


class Known:
    """Finds every passage that it was given."""

    def __init__(self, *passages: Passage) -> None:
        self.hits = [Hit(one, 1.0) for one in passages]

    async def search(self, asked: Sequence[str]) -> Sequence[Hit]:
        return self.hits

    async def categories(self) -> Sequence[Category]:
        return CATEGORIES


def triager(
    server: ModelServer,
    *passages: Passage,
    purse: Purse | None = None,
    clock: Clock | None = None,
    breaker: Breaker | None = None,
    deadline: float = DEADLINE,
    patience: float = 0.0,
) -> OpenAITriager:
    known = Known(*(passages or (RESET, SHIPPING)))
    clock = clock or SetClock(NOON)
    wire = Wire(connect(server.url, "sk-canary-key", deadline), "tiny", clock)
    return OpenAITriager(
        Calls(wire, purse or Purse(), breaker or Breaker(), PRICES),
        known.search,
        known.categories,
        LocalTriager(known.search, known.categories),
        clock,
        deadline=deadline,
        patience=patience,
    )


async def proposed(
    server: ModelServer, conversation: Conversation = ASKED, *passages: Passage, **wanted: object
) -> Proposal:
    return await triager(server, *passages, **wanted).decide(conversation)  # type: ignore[arg-type]


async def decided(server: ModelServer, conversation: Conversation = ASKED, **wanted: object) -> Decision:
    """Through the Guards, as if everything were trusted."""

    async def everything(slugs: Sequence[str]) -> Sequence[str]:
        return slugs

    asked = triager(server, **wanted)  # type: ignore[arg-type]
    return await decide(conversation, triager=asked, rules=Rules(Level.AUTOMATIC), approved=everything)
