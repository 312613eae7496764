"""HTML to the text that its reader would see."""

import re
from html import unescape

from connectors.mail.charsets import fit, lines
from connectors.mail.problems import Problems

MOST = 1_000_000
DEEPEST = 200
TAGS = 20_000

# Where a tag begins, even one that a parser would find odd.
_BEGIN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)[^<>]*+>|<[!?][^<>]*+>")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# They have no end, or one that is left out: they don't say how deep the HTML is.
_FLAT = _names("area base br col embed hr img input link meta p li td th tr dd dt option source wbr param")
_UNSEEN = ("script", "style", "head", "title", "template", "noscript")
_BLOCKS = _names("p div br tr li table h1 h2 h3 h4 h5 h6 blockquote pre ul ol hr")
_HIDING = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|(?:font-size|opacity|(?:^|;)(?:max-)?height):0(?![.\d])"
)
_BLANKS = re.compile(r"\n{3,}")


def to_text(html: str, problems: Problems) -> str:
    """What can be seen of it. Words that are hidden are left out, and that is noted."""
    if len(html) > MOST:
        html = html[:MOST]
        problems.cut("the HTML was too long; its end was not read")
    if _too_deep(html):
        problems.note("the HTML was nested too deep; its layout was not read")
        return _tidy(_without_tags(html))
    text, hidden = _rendered(html)
    if hidden:
        problems.note("hidden words were left out")
    return _tidy(text)


def _too_deep(html: str) -> bool:
    """Parsers take quadratic time for what is nested (45,000 deep: 2 s), so this is asked before any of them."""
    depth = 0
    flat = _FLAT
    for match in _BEGIN.finditer(html):
        name = match[2].lower()
        if name in ("svg", "math"):
            flat = frozenset()  # inside these everything nests
        if name not in flat:
            depth = max(0, depth + (-1 if match[1] else 1))
            if depth > DEEPEST:
                return True
    return False


def _rendered(html: str) -> tuple[str, bool]:
    # Imported when needed: most mail has a plain text, and an idle reader should be small.
    from inscriptis import get_text
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    hidden = False
    for node in tree.css(", ".join(_UNSEEN)):
        node.decompose()
    for node in tree.css("[hidden], [style]"):
        attributes = node.attributes
        style = "".join((attributes.get("style") or "").lower().split())
        if "hidden" in attributes or _HIDING.search(style):
            hidden = hidden or bool(node.text(deep=True).strip())
            node.decompose()
    seen = tree.body.text(deep=True, separator=" ") if tree.body else ""
    left = tree.html or ""
    if left.count("<") > 2 * TAGS:
        return _without_tags(left), hidden
    text = get_text(left) if seen.strip() else ""
    # It gives up silently on some trees: then the words without layout are better than none.
    return (text if _weight(text) * 10 >= _weight(seen) * 9 else seen), hidden


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
