"""HTML to the text that its reader would see."""

import re
from html import unescape

from connectors.mail.form.charsets import fit, lines
from connectors.mail.form.problems import Problems
from connectors.mail.html.nesting import is_bounded
from connectors.mail.html.quotes import Labels, label
from connectors.mail.trimming.marks import NO_MARKS, Marks

MOST = 1_000_000
TAGS = 20_000

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)[^<>]*+>|<[!?][^<>]*+>")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNSEEN = ("script", "style", "head", "title", "template", "noscript")
_BLOCKS = _names("p div br tr li table h1 h2 h3 h4 h5 h6 blockquote pre ul ol hr")
_BLANKS = re.compile(r"\n{3,}")


def to_text(html: str, problems: Problems) -> tuple[str, Marks]:
    """What can be seen of it, and what its markup says about the lines.

    Words that are hidden are left out, and that is noted.
    """
    if len(html) > MOST:
        html = html[:MOST]
        problems.cut("the HTML was too long; its end was not read")
    if not is_bounded(html):
        # Not even what is hidden in it can be told.
        problems.cut("the HTML was nested too deep; its layout was not read")
        return _tidy(_without_tags(html)), NO_MARKS
    text, labels = _rendered(html, problems)
    return labels.taken_out(_tidy(text))


def _rendered(html: str, problems: Problems) -> tuple[str, Labels]:
    # Imported when needed: most mail has a plain text, and an idle reader should be small.
    from inscriptis import get_text
    from selectolax.lexbor import LexborHTMLParser

    from connectors.mail.html.hidden import remove_hidden

    tree = LexborHTMLParser(html)
    remove_hidden(tree, problems)
    labels = label(tree)
    seen = tree.body.text(deep=True, separator=" ") if tree.body else ""
    left = tree.html or ""
    if left.count("<") > 2 * TAGS:
        return _without_tags(left), labels
    text = get_text(left) if seen.strip() else ""
    # It gives up silently on some trees: then the words without layout are better than none.
    return (text if _weight(text) * 10 >= _weight(seen) * 9 else seen), labels


def _weight(text: str) -> int:
    return sum(map(len, text.split()))


def _without_tags(html: str) -> str:
    pieces: list[str] = []
    unseen, end = "", 0
    for match in _TAG.finditer(html):
        if not unseen:
            pieces.append(html[end : match.start()])
        end = match.end()
        name = (match[2] or "").lower()
        if unseen:
            unseen = "" if match[1] and name == unseen else unseen
        elif name in _UNSEEN and not match[1]:
            unseen = name
        elif name in _BLOCKS:
            pieces.append("\n")
    return unescape("".join(pieces) + ("" if unseen else html[end:]))


def _tidy(text: str) -> str:
    text = "\n".join(line.rstrip() for line in lines(fit(text)).split("\n"))
    return _BLANKS.sub("\n\n", text).strip("\n")
