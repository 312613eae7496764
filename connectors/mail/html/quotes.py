"""Which lines of a rendered HTML mail stand in a quote, introduce one, or are a signature, by the markup of its client.

While it is rendered a label stands for the first and the last letter of each such node: one character for one, so that
the layout is the same with it and without.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from connectors.mail.trimming.marks import Marks

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST = 200
ATTRIBUTION = 400
NODES = 200

# What stands around the whole of a reply's history: its attribution and a blockquote, or words alone.
_CONTAINERS = (
    "div.gmail_quote",
    "div.gmail_quote_container",
    "div.yahoo_quoted",
    "div.protonmail_quote",
    "div.zmail_extra",
    "div.tutanota_quote",
    "div.moz-forward-container",
    "div.ms-outlook-mobile-reference-message",
    "div#mail-editor-reference-message-container",
    "div#cm_replymail_content_wrap",
    "div#isReplyContent",
    "div[name=messageReplySection]",
    "div.missive_quote",
    "div.front-blockquote",
)
# What stands over it: everything below is history.
_INTRODUCTIONS = (
    "div.gmail_attr",
    "div.moz-cite-prefix",
    "table.moz-email-headers-table",
    "p#reply-intro",
    "div#divRplyFwdMsg",
    "div[id$=_divRplyFwdMsg]",
    "div[data-marker=__HEADERS__]",
    ".airmail_on",
    # Word, for Outlook on desktops, and Foxmail draw a line in one of these colours over the copied headers.
    "div[style*='border-top:solid #E1E1E1']",
    "div[style*='border-top:solid #B5C4DF']",
    "div[style*='border-top: solid #E1E1E1']",
    "div[style*='border-top: solid #B5C4DF']",
    "div[style*='border-top: 1pt solid rgb(225, 225, 225)']",
    "div[style*='border-top: 1pt solid rgb(181, 196, 223)']",
)
_SIGNATURES = (
    ".gmail_signature",
    "[data-smartmail=gmail_signature]",
    ".moz-signature",
    "#Signature",
    "#ms-outlook-mobile-signature",
    ".ms-outlook-mobile-signature",
    ".protonmail_signature_block",
    "#AppleMailSignature",
    "[name=messageSignatureSection]",
    "#composer_signature",
)
# Gmail's button for indenting makes blockquotes, too.
_INDENTED = re.compile(r"border(?:-width)?:(?:none|0|medium none)")

_LABELS = range(0xF0000, 0xFFFFE)
_LABEL = re.compile("[\U000f0000-\U000ffffd]")


@dataclass(slots=True)
class _Labelled:
    """The labels of a node and what it is; the same label twice where it has one letter only."""

    kind: str
    first: int
    last: int


@dataclass(slots=True)
class Labels:
    """What stands in a tree for letters of it, until `taken_out` of the text that was made of the tree."""

    letters: dict[int, str] = field(default_factory=dict)
    nodes: list[_Labelled] = field(default_factory=list)

    def put(self, kind: str, texts: "list[LexborNode]") -> None:
        """On the first and the last letter of these text nodes, none of which is blank."""
        if not texts or len(self.nodes) >= MOST:
            return
        if len(texts) == 1:
            first, last = self._instead(texts[0], first=True, last=True)
        else:
            first, _ = self._instead(texts[0], first=True)
            last, _ = self._instead(texts[-1], last=True)
        self.nodes.append(_Labelled(kind, first, last))

    def taken_out(self, text: str) -> tuple[str, Marks]:
        """The text as it would be without them, and what they say about its lines."""
        if not self.nodes:
            return text, Marks()
        lines = text.split("\n")
        places = {ord(match[0]): (at, match) for at, line in enumerate(lines) for match in _LABEL.finditer(line)}
        marked: dict[str, list[range]] = {"quote": [], "opening": [], "signature": []}
        for node in self.nodes:
            if node.first in places and node.last in places:
                marked[node.kind].append(_whole_lines(places[node.first], places[node.last], lines))
        return text.translate(self.letters), Marks(
            _numbers(marked["quote"]), tuple(one for one in marked["opening"] if one), _numbers(marked["signature"])
        )

    def _instead(self, node: "LexborNode", *, first: bool = False, last: bool = False) -> tuple[int, int]:
        letters = list(node.text_content or "")
        seen = [place for place, letter in enumerate(letters) if not letter.isspace()]
        places = dict.fromkeys(([seen[0]] if first else []) + ([seen[-1]] if last else []))
        labels = [self._label(letters, place) for place in places]
        node.replace_with("".join(letters))
        return labels[0], labels[-1]

    def _label(self, letters: list[str], place: int) -> int:
        label = _LABELS[len(self.letters)]
        # Where a label stands already, that node's end is known no more.
        self.letters[label] = self.letters.get(ord(letters[place]), letters[place])
        letters[place] = chr(label)
        return label


def label(tree: "LexborHTMLParser") -> Labels:
    """Changes the tree. Words that have such characters of their own are left alone."""
    labels = Labels()
    if tree.body is None or _LABEL.search(tree.html or ""):
        return labels
    done: set[int] = set()
    for selector, put in (
        (", ".join(_INTRODUCTIONS), _put_introduction),
        (", ".join(_CONTAINERS), _put_container),
        ("blockquote", _put_quote),
        (", ".join(_SIGNATURES), _put_signature),
    ):
        for node in tree.css(selector)[: MOST * 5]:
            if not done.intersection(_ancestry(node)) and put(labels, node):
                done.add(node.mem_id)
    return labels


def _put_introduction(labels: Labels, node: "LexborNode") -> bool:
    if _is_in_quote(node):
        return False
    labels.put("opening", list(_words(node)))
    return True


def _put_container(labels: Labels, node: "LexborNode") -> bool:
    """One with a blockquote is done in its parts, for answers may stand between them."""
    if _is_in_quote(node):
        return False
    introduced = node.css_first(", ".join(_INTRODUCTIONS)) is not None
    if node.css_first("blockquote") is None:
        labels.put("quote", [] if introduced else list(_words(node)))
        return True
    if not introduced:
        labels.put("opening", _attribution(node))
    return False


def _put_quote(labels: Labels, node: "LexborNode") -> bool:
    style = "".join((node.attributes.get("style") or "").lower().split())
    if _INDENTED.search(style) and not node.attributes.get("type") and not node.attributes.get("class"):
        return False
    labels.put("quote", list(_words(node)))
    return True


def _put_signature(labels: Labels, node: "LexborNode") -> bool:
    labels.put("signature", list(_words(node)))
    return True


def _is_in_quote(node: "LexborNode") -> bool:
    return any(one.tag == "blockquote" for one in _parents(node))


def _parents(node: "LexborNode") -> Iterator["LexborNode"]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _ancestry(node: "LexborNode") -> Iterator[int]:
    yield node.mem_id
    yield from (one.mem_id for one in _parents(node))


def _words(node: "LexborNode") -> Iterator["LexborNode"]:
    return (one for one in node.traverse(include_text=True) if one.is_text_node and (one.text_content or "").strip())


def _attribution(node: "LexborNode") -> list["LexborNode"]:
    """The words above its first quote; none when they are too many to introduce it."""
    found: list[LexborNode] = []
    length = 0
    for one in islice(node.traverse(include_text=True), NODES):
        if one.tag == "blockquote":
            return found
        text = (one.text_content or "") if one.is_text_node else ""
        length += len(text)
        if length > ATTRIBUTION:
            return []
        found += [one] if text.strip() else []
    return []


def _whole_lines(first: tuple[int, re.Match[str]], last: tuple[int, re.Match[str]], lines: list[str]) -> range:
    """Without a line that has other words, too, in front of the first letter or behind the last."""
    start, letter = first
    if lines[start][: letter.start()].strip():
        start += 1
    stop, letter = last
    if not lines[stop][letter.end() :].strip():
        stop += 1
    return range(start, max(start, stop))


def _numbers(ranges: Iterable[range]) -> frozenset[int]:
    return frozenset(number for one in ranges for number in one)
