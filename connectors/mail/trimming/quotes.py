"""How the rules of trimming see a line: without what can't be seen in it, and whether it is quoted or only drawn."""

import re

LONGEST = 300

# Gmail and Apple put marks of direction around names, narrow spaces before "PM", and a byte order mark into quotes.
_UNSEEN = dict.fromkeys([0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_SPACES = dict.fromkeys([0xA0, 0x2007, 0x2009, 0x202F, 0x3000], " ")
_DIGITS = {zero + digit: str(digit) for zero in (0x660, 0x6F0, 0x966, 0xFF10) for digit in range(10)}
_SEEN: dict[int, str | int | None] = {**_UNSEEN, **_SPACES, **_DIGITS}

_QUOTED = re.compile(r"\s{0,4}(?:[A-Z][A-Za-z]{0,11})?[>＞]")
_BARRED = re.compile(r"\s{0,4}\|(?!.*\|\s*$)")
_DRAWN = re.compile(r"[\s\-_=*#~+.ᐧ·•—–]*+")


def as_seen(text: str) -> list[str]:
    """Its lines, as many as it has; some clients escape the text as if it were HTML."""
    return text.translate(_SEEN).replace("&lt;", "<").replace("&gt;", ">").split("\n")


def is_quoted(line: str) -> bool:
    return bool(_QUOTED.match(line))


def is_barred(line: str) -> bool:
    """A quote of the kind `| words`. A row of a table looks like it but for its end, and a table has no attribution."""
    return bool(_BARRED.match(line[:LONGEST]))


def is_drawn(line: str) -> bool:
    """Nothing but blanks and lines drawn with characters."""
    return bool(_DRAWN.fullmatch(line))


def unquoted(line: str) -> str:
    return line.lstrip("> ")
