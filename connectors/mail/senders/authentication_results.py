"""The header Authentication-Results (RFC 8601), in linear time. Nothing here raises.

What it says comes from the sender's own words too (an address in MAIL, the `d=` of a signature), so what can be read in
two ways is not read at all. The library authres was no help: nested comments of 6 kB end it with a RecursionError, and
it reads a broken header up to the place where it breaks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.mail.form.charsets import one_line
from connectors.mail.form.words import raw_text

CONTROL = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)")
"""In a header: where one program reads on and another one ends."""

NAMELESS = "-"

_PIECE = re.compile(r"\"(?:[^\"\\]++|\\.)*+\"|[()]|\\.|[^\"()\\]++")
_WORD = re.compile(r"(?:\"(?:[^\"\\]++|\\.)*+\"|[^\s;\"])++|;")
_METHOD = re.compile(r"([a-z0-9][a-z0-9-]*+)(?:/1)?=([a-z]++)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """What one method found: `dkim`, `pass`, {"header.d": "example.org"}. A property that is told twice is "": it
    proves nothing."""

    method: str
    result: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Results:
    """`server` is the authserv-id in lower case: who says it; NAMELESS where there is none, which no RFC allows and
    Microsoft 365 does. `results` is None when it can't be read.

    The id is the first word as it stands. RFC 8601 lets it be quoted and a comment go before it; whoever takes out
    forged headers by a pattern would overlook such a one.
    """

    server: str
    results: tuple[Result, ...] | None


def results_of(value: bytes) -> Results:
    text = one_line(raw_text(value))
    server = text.partition(";")[0].partition(" ")[0].lower()
    nameless = bool(_METHOD.fullmatch(server))
    server = NAMELESS if nameless else server
    bare = None if CONTROL.search(value) else _without_comments(text)
    if bare is None:
        return Results(server, None)
    first, *rest = _statements(_WORD.findall(bare.replace(" =", "=").replace("= ", "=")))
    if nameless:
        first, rest = [], [first, *rest]
    if first[1:] not in ([], ["1"]):  # a version that nobody has defined yet (section 2.2)
        return Results(server, None)
    return Results(server, tuple(result for words in rest if (result := _result(words))))


def _without_comments(text: str) -> str | None:
    """None for what can be read in two ways: a comment or a quotation without an end, the one in the other, a comment
    in the middle of a word (`a.example(x).b.example`), an escape outside of both."""
    kept: list[str] = []
    depth = end = 0
    for piece in _PIECE.finditer(text):
        gap, start, end = piece.start() != end, piece.start(), piece.end()
        if piece[0] == "(":
            unclear = not depth and not _is_edge(text[start - 1 : start])
            depth += 1
        elif piece[0] == ")":
            depth -= 1
            unclear = depth < 0 or (not depth and not _is_edge(text[end : end + 1]))
        elif depth:
            unclear = piece[0][0] == '"' and ("(" in piece[0] or ")" in piece[0])
        else:
            unclear = piece[0][0] == "\\"
            kept.append(piece[0])
        if gap or unclear:
            return None
    return None if depth or end != len(text) else "".join(kept)


def _is_edge(character: str) -> bool:
    """Of a word."""
    return character in ("", " ", ";")


def _statements(words: Sequence[str]) -> list[list[str]]:
    """What stands between the semicolons; at least one, which may be empty."""
    found: list[list[str]] = [[]]
    for word in words:
        if word == ";":
            found.append([])
        else:
            found[-1].append(word)
    return found


def _result(words: Sequence[str]) -> Result | None:
    match = _METHOD.fullmatch(words[0]) if words else None
    if match is None:
        return None
    properties: dict[str, str] = {}
    for name, value in _pairs(words[1:]):
        properties[name] = "" if name in properties else value
    return Result(match[1].lower(), match[2].lower(), properties)


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        name, _, value = word.partition("=")
        yield name.lower(), _unquoted(value)


def _unquoted(value: str) -> str:
    inner = value[1:-1]
    return inner if value == f'"{inner}"' and '"' not in inner and "\\" not in inner else value
