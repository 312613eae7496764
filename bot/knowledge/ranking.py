"""Hits weighed again with the same measure whatever engine found them, and gathered by article."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.words import stem, stems
from bot.model import Passage
from bot.rows import Hit

_TITLE, _HEADING = 3.0, 2.0
# The usual constants of BM25; with so few passages to compare they matter little.
_K1, _B = 1.2, 0.75


@dataclass(frozen=True)
class Ranked:
    """An article's best passage. `found`: the asked stems that the passage holds; `known`: those the article does."""

    passage: Passage
    score: float
    found: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True)
class Ranking:
    """Articles, best first. `weights`: how telling each asked stem is among these hits, the unknown ones most."""

    articles: tuple[Ranked, ...]
    weights: dict[str, float]

    def share(self, stems: frozenset[str]) -> float:
        """How much of what was asked these stems make up."""
        whole = sum(self.weights.values())
        return sum(weight for one, weight in self.weights.items() if one in stems) / whole if whole else 0.0


def rank(asked: Sequence[str], hits: Sequence[Hit]) -> Ranking:
    wanted = tuple(dict.fromkeys(stem(word) for word in asked))
    counts = [_counted(hit.passage) for hit in hits]
    weights = {one: _weight(sum(one in count for count in counts), len(hits)) for one in wanted}
    usual = sum(count.total() for count in counts) / len(counts) if counts else 1.0
    best: dict[str, Ranked] = {}
    for hit, count in zip(hits, counts, strict=True):
        found = frozenset(one for one in wanted if one in count)
        score = sum(weights[one] * _tempered(count[one], count.total() / usual) for one in found)
        _keep_better(best, Ranked(hit.passage, score, found, found))
    return Ranking(tuple(sorted(best.values(), key=lambda one: (-one.score, one.passage.article))), weights)


def _counted(passage: Passage) -> Counter[str]:
    count = Counter[str](stems(passage.text))
    for weight, text in ((_TITLE, passage.title), (_HEADING, passage.heading)):
        for one in set(stems(text)):
            count[one] += int(weight)
    return count


def _weight(holding: int, of: int) -> float:
    return math.log(1 + (of - holding + 0.5) / (holding + 0.5))


def _tempered(count: int, length: float) -> float:
    return count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length))


def _keep_better(best: dict[str, Ranked], new: Ranked) -> None:
    old = best.get(new.passage.article)
    if old is None:
        best[new.passage.article] = new
        return
    better = new if new.score > old.score else old
    known = old.known | new.known
    best[new.passage.article] = Ranked(better.passage, better.score, better.found, known)
