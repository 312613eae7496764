"""Signs in a customer's own words that call for people at once.

A miss costs more than a false alarm, so the lists are generous, but not with words that everyday questions need: a
refund, a password or a guest's chargeback is no sign by itself. No entry is there for a single case: each is a way in
which many put the matter.

The notation: a phrase begins with `|` and may go on in the next line; it is a regular expression that has to meet
whole words in lower case; `~` stands for whatever lies between two words of one sentence.
"""

import re
import unicodedata
from functools import lru_cache

from bot.escalation import english, french, german, others, spanish
from bot.escalation.signs import URGENT, Sign
from bot.knowledge.words import INVISIBLE

__all__ = ["URGENT", "Sign", "signs"]

# Bounded, so that no text makes the search slow.
_GAP = r"(?:[^.!?\n]{0,50}?)"

_HEAD, _TAIL = 20_000, 5_000


def signs(text: str) -> tuple[Sign, ...]:
    """The signs in these words, gravest first. Of a very long text the beginning and the end are read."""
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    return _signs(text)


# The Triager, what it is filed under, how much it hurries and the Guards all ask about the same words.
@lru_cache(maxsize=32)
def _signs(text: str) -> tuple[Sign, ...]:
    even = _even(text)
    return tuple(sign for sign, pattern in _PATTERNS.items() if pattern.search(even))


def _even(text: str) -> str:
    """Lower case, without invisible characters, odd quotes and the line ends that mail puts into sentences."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    text = re.sub("[’‘`´]", "'", text)
    return re.sub(r"[ \t]+|(?<=[^\s.!?:])\n(?=\S)", " ", text)


def _compiled(sign: Sign) -> re.Pattern[str]:
    lists = "\n".join(language.WORDS.get(sign, "") for language in (english, german, french, spanish, others))
    lines = (line.strip() for line in lists.splitlines())
    phrases = "".join(re.sub(r"^\| ", "|", line) for line in lines).removeprefix("|")
    return re.compile(r"(?<!\w)(?:" + phrases.replace("~", _GAP) + r")(?!\w)")


_PATTERNS = {sign: _compiled(sign) for sign in Sign}
