"""What in an answer a customer could act on: links, addresses, numbers and amounts, however they are written."""

import re
import unicodedata

from bot.knowledge.words import INVISIBLE

_URL = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}:)?//[^\s<>\"]+|\b(?:mailto|javascript|data|tel|sms):[^\s<>\"]+|\bwww\.\S+",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
_DOMAIN = re.compile(r"(?<![\w@.-])(?:[^\W_][\w-]{0,62}\.)+[^\W\d_]{2,24}(?:/[^\s<>\"]*)?")
_NUMBER = re.compile(r"\d+(?:[.,:/'’\u00a0 -]?\d+)*")
_ITEM = re.compile(r"^[ \t]*(?:[-*•][ \t]+)?\d{1,2}[.)][ \t]", re.MULTILINE)

_UNITS = {
    "working day": r"(?:working|business)\s+days?|werktage?n?|arbeitstage?n?|jours? ouvr(?:és?|ables?)"
    r"|días? (?:laborables?|hábil(?:es)?)",
    "minute": "minutes?|mins?|minuten?|minutos?",
    "hour": "hours?|hrs?|h|stunden?|std|heures?|horas?",
    "day": "days?|tage?n?|jours?|días?|dias?",
    "week": "weeks?|wochen?|semaines?|semanas?",
    "month": "months?|monate?n?|mois|mes(?:es)?",
    "year": "years?|jahre?n?|ans?|années?|años?",
    "%": "%|percent|per cent|prozent|pour cent|por ciento",
    "€": "€|eur|euros?",
    "$": r"\$|usd|dollars?",
    "£": "£|gbp|pounds?",
}
_UNIT = {name: re.compile(forms) for name, forms in _UNITS.items()}
_ANY_UNIT = "|".join(_UNITS.values())
_BETWEEN = r"(?:calendar |full |whole |more )?"
_AFTER = re.compile(rf"[\s-]{{0,2}}{_BETWEEN}({_ANY_UNIT})(?!\w)")
_BEFORE = re.compile(r"(?:([€$£])\s?|\b(eur|usd|gbp)\s)$")

_SPELT = {
    word: str(number)
    for number, spelt in {
        1: "one", 2: "two zwei deux dos", 3: "three drei trois tres", 4: "four vier quatre cuatro",
        5: "five fünf cinq cinco", 6: "six sechs seis", 7: "seven sieben sept siete", 8: "eight acht huit ocho",
        9: "nine neun neuf nueve", 10: "ten zehn dix diez", 11: "eleven elf onze once", 12: "twelve zwölf douze doce",
        14: "fourteen vierzehn quatorze catorce", 15: "fifteen fünfzehn quinze quince", 24: "twenty-four",
        20: "twenty zwanzig vingt veinte", 30: "thirty dreißig trente treinta", 40: "forty vierzig quarante cuarenta",
        48: "forty-eight", 50: "fifty fünfzig cinquante cincuenta",
        60: "sixty sechzig soixante sesenta", 90: "ninety neunzig", 100: "hundred hundert cent cien",
    }.items()
    for word in spelt.split()
}  # fmt: skip
_SPELT_BEFORE_UNIT = re.compile(
    rf"\b({'|'.join(sorted(_SPELT, key=len, reverse=True))})(?=[\s-]{_BETWEEN}(?:{_ANY_UNIT})(?!\w))"
)


def facts(text: str) -> frozenset[str]:
    """Each in a form of its own: `url example.org/a`, `mail a@example.org`, `number 30 minute`."""
    text = _even(text)
    links = {f"url {_bare(match[0])}" for match in _URL.finditer(text)}
    rest = _URL.sub(" ", text)
    mails = {f"mail {match[0].strip('.')}" for match in _MAIL.finditer(rest)}
    rest = _MAIL.sub(" ", rest)
    links |= {f"url {_bare(match[0])}" for match in _DOMAIN.finditer(rest)}
    rest = _ITEM.sub(" ", _DOMAIN.sub(" ", rest))
    return frozenset(links | mails | _numbers(rest))


def unfounded(answer: str, sources: str) -> list[str]:
    """The facts of the answer that the sources do not hold. A number with its unit needs the same unit there."""
    return sorted(facts(answer) - facts(sources) - _bare_numbers(sources))


def _even(text: str) -> str:
    return re.sub("[。｡．]", ".", INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).lower()


def _bare(url: str) -> str:
    return re.sub(r"^(?:https?:)?//", "", url).rstrip(".,;:!?)]}'’”*_/")


def _numbers(text: str) -> set[str]:
    text = _SPELT_BEFORE_UNIT.sub(lambda match: _SPELT[match[1]], text)
    return {f"number {_plain(match[0])} {_unit(text, match)}".strip() for match in _NUMBER.finditer(text)}


def _bare_numbers(text: str) -> set[str]:
    """Every number of the sources may also be said without its unit."""
    return {" ".join(fact.split()[:2]) for fact in facts(text) if fact.startswith("number ")}


def _unit(text: str, number: re.Match[str]) -> str:
    before = _BEFORE.search(text[max(0, number.start() - 4) : number.start()])
    after = _AFTER.match(text, number.end())
    word = (before[1] or before[2]) if before else after[1] if after else ""
    return next((name for name, pattern in _UNIT.items() if pattern.fullmatch(word)), "")


def _plain(number: str) -> str:
    """Without marks between thousands, and with a point before decimals."""
    number = re.sub(r"(?<=\d)[.,'’\u00a0 ](?=\d{3}(?!\d))", "", number)
    return re.sub(r"[\s-]", "", number).replace(",", ".")
