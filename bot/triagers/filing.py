"""Where a request is filed and how much it hurries, by words."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from bot.escalation import Sign, signs
from bot.knowledge.evidence import Evidence
from bot.knowledge.words import STOP, stem, words
from bot.model import Action, Category, Ignore, Priority

OTHER = "other"

# What was found tells less of the matter than the words do, and a sign that calls for people more.
_FOUND, _CALLED = 0.5, 2.0


def category(text: str, action: Action, found: Evidence, categories: Sequence[Category]) -> str:
    """The Category whose description shares the most telling words with the request and with what was found."""
    if isinstance(action, Ignore) or not categories:
        return OTHER
    described = {one.slug: set(_stems(f"{one.slug} {one.description}")) for one in categories}
    known = Counter(word for stems in described.values() for word in stems)
    told = dict.fromkeys(_found(found), _FOUND)
    told |= {word: told.get(word, 0.0) + 1 for word in set(_stems(text))}
    told |= {word: told.get(word, 0.0) + _CALLED for sign in signs(text) for word in set(_stems(_HINTS[sign]))}
    scores = {slug: _score(stems, told, known, len(described)) for slug, stems in described.items()}
    best = max(scores, key=lambda slug: scores[slug], default=OTHER)
    return best if scores.get(best, 0.0) > 0 else OTHER


# What a sign is about, in the words in which desks describe their categories.
_HINTS = {
    Sign.DANGER: "safety danger threats people",
    Sign.BREAK_IN: "security break-in breach leak exposed data privacy vulnerability phishing",
    Sign.OUTAGE: "incident outage broken down crash errors lost",
    Sign.LAW: "legal contracts complaints letters authorities",
    Sign.MONEY: "refund dispute disputed unauthorised charge charge-back money",
    Sign.OTHERS: "security privacy access other people's data attempts",
    Sign.LEAVING: "cancel cancelling leaving complaints feedback",
    Sign.HUMAN: "human person contact",
}


def _score(stems: set[str], told: dict[str, float], known: Counter[str], of: int) -> float:
    """Rare words of the descriptions tell more than common ones."""
    return sum(math.log(1 + of / known[word]) * told[word] for word in stems & told.keys())


def _found(found: Evidence) -> set[str]:
    passage = found.passage
    return set(_stems(f"{passage.title} {passage.heading}")) if passage else set()


def _stems(text: str) -> list[str]:
    return [stem(word) for word in words(text.replace("_", " ")) if word not in STOP]


_WISH = re.compile(
    r"\b(?:would be (?:so |very |really )?(?:great|nice|good|lovely|helpful|cool)|it'd be|feature request|suggest\w*"
    r"|just an idea|wish list|survey|sponsor\w*|vacanc\w*|internship|job application|guest post|feedback"
    r"|verbesserungsvorschlag|wäre (?:schön|toll)|umfrage|bewerbung|suggestion|ce serait (?:bien|super)|sondage"
    r"|sugerencia|estaría bien|sería (?:genial|útil)|encuesta)\b",
    re.IGNORECASE,
)
_STUCK = re.compile(
    r"\b(?:locked out|lock me out|lost access|no way (?:in|to (?:log|sign))|blocked|no access"
    r"|(?:can['’]?t|cannot|can not|(?:un|not )able to|couldn['’]?t) (?:\w+ ){0,2}(?:log|sign|get) ?(?:in|into|on)\b"
    r"|(?:can['’]?t|cannot|unable to) (?:\w+ ){0,3}(?:access|take|accept|receive|book|pay)"
    r"|(?:help|let) me (?:back )?in"
    r"|forgot(?:ten)? (?:my |the )?password|ausgesperrt|komme nicht (?:mehr )?(?:rein|hinein|in)|kein(?:en)? zugang"
    r"|nicht (?:mehr )?(?:anmelden|einloggen)|plus accès|impossible de (?:me|nous) connecter|bloqué\w*"
    r"|no puedo (?:entrar|acceder)|sin acceso|bloquead[oa])\b",
    re.IGNORECASE,
)


def priority(text: str) -> Priority:
    """Of what is neither called for nor ignored: those who stand still come before those who wish for something."""
    if _STUCK.search(text):
        return Priority.HIGH
    return Priority.LOW if _WISH.search(text) else Priority.NORMAL
