"""A mail's words as blocks. Both bodies, plain and HTML, are made from them, so that they say the same."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

from connectors.mail.writing.wire import without_controls

BULLET = re.compile(r" {0,8}[-*•] +(?=\S)")
NUMBER = re.compile(r" {0,8}(\d{1,3})[.)] +(?=\S)")


class Shape(StrEnum):
    GAP = "gap"
    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    NUMBERS = "numbers"
    QUOTE = "quote"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one shape as they stand in the plain body, with their marks (`> `, `- `, `1. `)."""

    shape: Shape
    lines: tuple[str, ...]


GAP = Block(Shape.GAP, ("",))


def blocks(text: str) -> list[Block]:
    """The lines of the text, each in one block, in their order."""
    shaped = groupby(_shaped(clean_lines(text)), key=itemgetter(0))
    return [Block(shape, tuple(line for _, line in lines)) for shape, lines in shaped]


def signature(text: str) -> list[Block]:
    """Under the separator that other programs know (RFC 3676, section 4.3), after a gap; nothing for no text."""
    lines = clean_lines(text.strip())
    return [GAP, Block(Shape.SIGNATURE, ("-- ", *lines))] if any(lines) else []


def plain(view: Iterable[Block]) -> str:
    return "\n".join(line for block in view for line in block.lines)


def clean_lines(text: str) -> list[str]:
    """Only printable characters; a tab is four spaces."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [without_controls(line.replace("\t", "    ")) for line in lines]


def _shaped(lines: Sequence[str]) -> Iterator[tuple[Shape, str]]:
    shape = Shape.GAP
    for line in lines:
        shape = _shape(line, shape)
        yield shape, line


def _shape(line: str, before: Shape) -> Shape:
    if not line.strip():
        return Shape.GAP
    if line.startswith(">"):
        return Shape.QUOTE
    if BULLET.match(line):
        return Shape.BULLETS
    if NUMBER.match(line):
        return Shape.NUMBERS
    if line.startswith("  ") and before in (Shape.BULLETS, Shape.NUMBERS):
        return before
    return Shape.PARAGRAPH
