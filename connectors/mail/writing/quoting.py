"""The customer's words under an Agent's, as people's mail programs put them there."""

from datetime import UTC

import prompts
from bot.model import Quoted
from connectors.mail.writing.view import GAP, Block, Shape, clean_lines
from connectors.mail.writing.wire import NAME_LIMIT, clean

MOST_LINES = 100
MOST_LETTERS = 10_000

LEFT_OUT = "[…]"


def quoted(words: Quoted, language: str) -> list[Block]:
    """After a gap who said them and when, in the language, and each of their last lines marked; nothing for none."""
    lines = clean_lines(words.text.strip())
    if not any(lines):
        return []
    return [
        GAP,
        Block(Shape.PARAGRAPH, (_attribution(words, language),)),
        Block(Shape.QUOTE, tuple(map(_marked, _last(lines)))),
    ]


def _attribution(words: Quoted, language: str) -> str:
    said_at = words.said_at.astimezone(UTC)
    who = clean(words.name)[:NAME_LIMIT].strip()
    return prompts.load("attribution", language, who=who, on=f"{said_at:%Y-%m-%d}", at=f"{said_at:%H:%M}").text.strip()


def _last(lines: list[str]) -> list[str]:
    """The end of what was said is what an answer is about."""
    kept, room = [], MOST_LETTERS
    for line in reversed(lines[-MOST_LINES:]):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return [*([LEFT_OUT] if len(kept) < len(lines) else []), *reversed(kept)]


def _marked(line: str) -> str:
    return f">{line}" if line.startswith(">") else f"> {line}".rstrip()
