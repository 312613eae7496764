"""Articles cut into citable passages of plain text, so that what is quoted is what the customer reads."""

import re
from collections.abc import Iterator

from bot.model import Article

WORDS = 160
OVERLAP = 40

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_]|\d)")
_TABLE_RULE = re.compile(r"\|?[\s:|-]+\|?")


def passages(article: Article) -> list[tuple[str, str]]:
    """(heading, text) of each passage; none of an internal Article, so that nobody can find or cite it.

    The article's tags join the heading: they are there to be found by.
    """
    if article.internal:
        return []
    tags = ", ".join(article.tags)
    return [
        (" · ".join(filter(None, (heading, tags))), text)
        for heading, blocks in _sections(article.body)
        for text in _pack(blocks)
    ]


def _sections(body: str) -> Iterator[tuple[str, list[str]]]:
    heading, lines = "", list[str]()
    for line in body.splitlines():
        match = _HEADING.fullmatch(line.strip())
        if not match:
            lines.append(line)
            continue
        yield heading, _blocks(lines)
        heading, lines = plain(match[1]), []
    yield heading, _blocks(lines)


def _blocks(lines: list[str]) -> list[str]:
    """Paragraphs as plain text, one line for each line of a list or table."""
    blocks = []
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        kept = [_row(line.strip()) for line in block.splitlines() if line.strip() and not _is_rule(line.strip())]
        if kept:
            blocks.append("\n".join(kept))
    return blocks


def _is_rule(line: str) -> bool:
    return bool(_TABLE_RULE.fullmatch(line)) and "-" in line


def _row(line: str) -> str:
    if line.startswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip("|").split("|"))
    return plain(line)


def plain(text: str) -> str:
    """Without the marks of markdown; a link keeps its address in brackets."""
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r"\1 (\2)", text)
    text = re.sub(r"<(https?://[^>\s]+)>", r"\1", text)
    text = re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])", r"\1", text)
    return text.replace("`", "").strip()


def _pack(blocks: list[str]) -> Iterator[str]:
    """Blocks joined to about WORDS words; each passage begins with the last blocks of the one before."""
    held: list[str] = []
    fresh = False
    for block in (part for whole in blocks for part in _short(whole)):
        if fresh and _count(held) + _count([block]) > WORDS:
            yield "\n\n".join(held)
            held = _tail(held)
        held.append(block)
        fresh = True
    if fresh:
        yield "\n\n".join(held)


def _short(block: str) -> Iterator[str]:
    """The block itself, or sentences and at last words of one that is longer than a passage."""
    if _count([block]) <= WORDS:
        yield block
        return
    held: list[str] = []
    for sentence in _SENTENCE.split(block):
        words = sentence.split()
        for start in range(0, len(words), WORDS):
            piece = words[start : start + WORDS]
            if held and len(held) + len(piece) > WORDS:
                yield " ".join(held)
                held = []
            held += piece
    yield " ".join(held)


def _tail(blocks: list[str]) -> list[str]:
    tail: list[str] = []
    for block in reversed(blocks):
        if _count([block, *tail]) > OVERLAP:
            break
        tail.insert(0, block)
    return tail


def _count(blocks: list[str]) -> int:
    return sum(len(block.split()) for block in blocks)
