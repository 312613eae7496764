"""Blocks as simple HTML. Nothing in the words is taken for markup; nothing is loaded from anywhere."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from urllib.parse import urlsplit

from connectors.mail.writing.view import BULLET, NUMBER, Block, Shape

_LINK = re.compile(r"(?<!\w)https?://[^\s<>\"]++", re.IGNORECASE)
_LONGEST_LINK = 2000
_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_MARK = re.compile(r"> ?")
# All but the last of several spaces, and one at the beginning: HTML shows them as one.
_SPACES = re.compile(r"^ | (?= )")


def html(view: Iterable[Block], language: str) -> str:
    """A whole document; `language` is a code such as de."""
    body = "\n".join(_block(block) for block in view if block.shape is not Shape.GAP)
    head = '<head><meta charset="utf-8"></head>'
    code = language if _CODE.fullmatch(language) else "und"
    return f'<!DOCTYPE html>\n<html lang="{code}">\n{head}\n<body>\n{body}\n</body>\n</html>'


def _block(block: Block) -> str:
    match block.shape:
        case Shape.BULLETS:
            return _listed("ul", _items(block.lines, BULLET))
        case Shape.NUMBERS:
            return _listed("ol", _items(block.lines, NUMBER))
        case Shape.QUOTE:
            # Somebody else's words: what is a link in them is for the reader's program to say.
            lines = (escape(_SPACES.sub("\u00a0", _MARK.sub("", line, count=1))) for line in block.lines)
            return f'<blockquote type="cite" dir="auto">{_joined(lines)}</blockquote>'
        case Shape.SIGNATURE:
            return f'<div class="signature" dir="auto">{_joined(map(_linked, block.lines))}</div>'
        case _:
            return f'<p dir="auto">{_joined(map(_linked, block.lines))}</p>'


def _listed(tag: str, items: Iterable[str]) -> str:
    return "\n".join([f"<{tag}>", *items, f"</{tag}>"])


def _items(lines: Sequence[str], mark: re.Pattern[str]) -> Iterator[str]:
    """A line without a mark goes on with the item above it; a number is the one that was written."""
    starts = [index for index, line in enumerate(lines) if mark.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        found = mark.match(lines[start])
        value = f' value="{int(found[1])}"' if found and mark is NUMBER else ""
        words = [mark.sub("", lines[start], count=1), *(line.strip() for line in lines[start + 1 : end])]
        yield f'<li dir="auto"{value}>{_joined(map(_linked, words))}</li>'


def _joined(lines: Iterable[str]) -> str:
    return "<br>\n".join(lines)


def _linked(line: str) -> str:
    """The line with its links under exactly their own words."""
    line, shown, end = _SPACES.sub("\u00a0", line), [], 0
    for found in _LINK.finditer(line):
        link = _without_punctuation(found[0])
        if _is_honest(link):
            shown += [escape(line[end : found.start()]), f'<a href="{escape(link)}">{escape(link)}</a>']
            end = found.start() + len(link)
    return "".join([*shown, escape(line[end:])])


def _without_punctuation(link: str) -> str:
    """What ends the sentence is not the link's; a closing bracket is, when it was opened in it."""
    unopened = "".join(closing for opening, closing in ("()", "[]", "{}") if opening not in link)
    return link.rstrip(".,;:!?'" + unopened)


def _is_honest(link: str) -> bool:
    """It leads where a reader sees it lead: no letters that look like others, no host hidden behind a login."""
    if len(link) > _LONGEST_LINK or not link.isascii() or not link.isprintable():
        return False
    try:
        host = urlsplit(link)
    except ValueError:
        return False
    return bool(host.hostname) and not {"@", "\\"} & set(host.netloc)
