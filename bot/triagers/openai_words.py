"""Text on its way to a model and back: what nobody sees is taken out, what is too long is cut."""

import re

from bot.knowledge.words import INVISIBLE

# All controls but tab and line feed: they hide words from people, and NUL can't be stored.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """Without control characters and lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def visible(text: str) -> str:
    """Only what a person would see too: instructions are hidden in the rest."""
    return INVISIBLE.sub("", _TAGS.sub("", clean(text)))


# Unicode's tag characters spell ASCII that no screen shows; variation selectors can carry bytes.
_TAGS = re.compile("[\U000e0000-\U000e01ef\ufe00-\ufe0e]")


def one_line(text: str, most: int) -> str:
    """For people, in a title or a reason."""
    line = " ".join(visible(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def cut(text: str, most: int) -> str:
    """The beginning and the end, which say more than the middle."""
    if len(text) <= most:
        return text
    head, tail = most * 2 // 3, most // 3
    return f"{text[:head]}\n[… {len(text) - head - tail} characters left out …]\n{text[-tail:]}"


def squeezed(text: str) -> str:
    """For comparing: white space and case aside."""
    return " ".join(text.split()).casefold()
