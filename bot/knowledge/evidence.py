"""From what was asked and what was found to a verdict: does approved knowledge really answer this?

Only answers on strong evidence are given; all else is a Ticket. The weights are a logistic regression with six
features that hold in any company's knowledge, none of them a word of its own; the reasons stand on the features.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.knowledge.ranking import Ranked, Ranking, rank
from bot.knowledge.words import stems
from bot.model import Passage
from bot.rows import Hit

STRONG = 0.75
"""The least probability of an answer, chosen by cross-validation on labelled requests for a precision of .9."""

LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Features:
    """Each from 0 to 1.

    covered: how much of what was asked the passage holds, rare words counting most. margin: how far the best article
    is ahead of the second. found: how many of the asked words the passage holds, six being all. tags: the same for
    the passage's headings and tags, three being all. asks: sentences that ask something, three being all. work: 1 when
    somebody is asked to look into or to change something.
    """

    covered: float
    margin: float
    found: float
    tags: float
    asks: float
    work: float


_WEIGHTS = Features(covered=2.4, margin=2.2, found=1.1, tags=2.2, asks=3.1, work=-2.0)
_BIAS = -3.7


@dataclass(frozen=True, slots=True)
class Evidence:
    """The best passage, if any, with the probability that it answers. `others`: articles found besides."""

    passage: Passage | None
    probability: float
    features: Features | None
    others: tuple[str, ...] = ()

    @property
    def likely(self) -> bool:
        """Worth an Agent's look; far from enough for an Answer."""
        return self.passage is not None and self.probability >= LIKELY

    @property
    def strong(self) -> bool:
        return self.passage is not None and self.probability >= STRONG

    def as_json(self) -> Mapping[str, object]:
        shown = {name: round(getattr(self.features, name), 3) for name in Features.__slots__} if self.features else {}
        return {
            "article": self.passage.article if self.passage else None,
            "passage": str(self.passage.id) if self.passage else None,
            "probability": round(self.probability, 3),
            "features": shown,
            "others": list(self.others),
        }


def weigh(text: str, asked: Sequence[str], hits: Sequence[Hit]) -> Evidence:
    """`text`: the customer's own words; `asked`: the words that were searched for."""
    ranking = rank(asked, hits)
    if not ranking.articles:
        return Evidence(None, 0.0, None)
    best = ranking.articles[0]
    features = _features(text, ranking, best)
    others = tuple(one.passage.article for one in ranking.articles[1:5])
    return Evidence(best.passage, _probability(features), features, others)


def _features(text: str, ranking: Ranking, best: Ranked) -> Features:
    second = ranking.articles[1].score if len(ranking.articles) > 1 else 0.0
    return Features(
        covered=ranking.share(best.found),
        margin=1 - second / best.score if best.score else 0.0,
        found=min(len(best.found), 6) / 6,
        tags=min(len(ranking.weights.keys() & set(stems(best.passage.heading))), 3) / 3,
        asks=min(len(asking(text)), 3) / 3,
        work=float(bool(_WORK.search(text))),
    )


def _probability(features: Features) -> float:
    total = _BIAS + sum(getattr(features, name) * getattr(_WEIGHTS, name) for name in Features.__slots__)
    return 1 / (1 + math.exp(-total))


# Who asks how is often answered by knowledge; who tells what happened, or gives a number to look up, hardly ever.
_ASKS = re.compile(
    r"(?:(?:and|but|so|also|then|hi|hello),? )*"
    r"(?:how|what|where|when|can|could|do|does|is|are|which|who|why|may|will|would|i'?d like|(?:i |we )?(?:want|need)"
    r"|(?:i|we)(?:'d| would) like|please|wie|was|wo|wann|welche\w*|kann|können|warum|comment|où|quand|quel\w*|est-ce"
    r"|puis-je|cómo|dónde|cuándo|cuánto|cuál|puedo|se puede)\b",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"\b(?:can|could|would|will) (?:you|somebody|someone|anybody|your people)\b"
    r"|\bplease (?:check|fix|look|change|reset|restore|send|give|add|move|confirm|help)\b|\bhave a look|\blook into\b"
    r"|\b[a-z]{2,4}-?\d{4,}\b|\bno\.? ?\d{4,}|#\d{3,}|\b\d{5,}\b"
    r"|\b(?:können|könnten) sie\b|\bkönnt ihr\b|\bbitte (?:prüfen|ändern|schicken)|\bpou(?:vez|rriez)[- ]vous\b"
    r"|\bpod(?:éis|rían|ría|ríais)\b",
    re.IGNORECASE,
)


def asking(text: str) -> list[str]:
    """The sentences that ask something."""
    sentences = (one.strip() for one in re.split(r"(?<=[.!?])\s+|\n+", text))
    return [one for one in sentences if one and (one.endswith("?") or _ASKS.match(one))]
