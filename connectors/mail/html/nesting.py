"""Whether HTML can be parsed in reasonable time, asked before any parser sees it.

Two things make a small page a large tree. What is nested deep takes quadratic time (45,000 levels: 2 s). And formatting
that is left open is opened again in every later paragraph, as HTML's rules for misnested tags demand: 180 tags and
5,000 paragraphs, 40 kB, make 900,000 elements and 370 MB. So open elements are followed roughly, never too few.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

DEEPEST = 200
COPIES = 200_000
STEPS = 2_000_000

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)([^<>]{0,200})")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# They have no end, or one that is left out: they don't say how deep the HTML is.
_FLAT = _names(
    "area base bgsound br col embed frame hr img input keygen link meta param source track wbr"
    " p li td th tr dd dt option tbody thead tfoot colgroup"
)
_FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
# No end tag reaches beyond them (HTML, section 13.2.4.2: "has an element in scope").
_SCOPES = _names("table caption html template marquee object applet button")
_SAME = 3


def is_bounded(html: str) -> bool:
    walk = _Walk()
    return all(walk.takes(match[1] == "/", match[2].lower(), match[3]) for match in _TAG.finditer(html))


@dataclass(slots=True)
class _Walk:
    """`open` are the elements without an end so far; `active` the formatting that comes back until its own end tag,
    with the number of scopes around each."""

    open: list[str] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    scopes: int = 0
    active: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    same: Counter[tuple[str, str]] = field(default_factory=Counter)
    activated: int = 0
    copies: int = 0
    steps: int = 0
    flat: frozenset[str] = _FLAT

    def takes(self, closing: bool, name: str, attributes: str) -> bool:
        """Whether it is still bounded with this tag."""
        if name in ("svg", "math"):
            self.flat = frozenset()  # inside these everything nests
        if name in _FORMATTING:
            self._format(closing, name, attributes)
        else:
            self.copies += self.activated
            if name not in self.flat:
                self._close(name) if closing else self._open(name)
        return len(self.open) + self.activated <= DEEPEST and self.copies <= COPIES and self.steps <= STEPS

    def _format(self, closing: bool, name: str, attributes: str) -> None:
        opened = self.active.setdefault(name, [])
        if closing:
            if opened and opened[-1][1] >= self.scopes:
                self.same[name, opened.pop()[0]] -= 1
                self.activated -= 1
        elif self.same[name, attributes] < _SAME:
            # Of the same tag no more than three are kept ("Noah's Ark clause").
            opened.append((attributes, self.scopes))
            self.same[name, attributes] += 1
            self.activated += 1

    def _open(self, name: str) -> None:
        self.open.append(name)
        self.count[name] += 1
        self.scopes += name in _SCOPES

    def _close(self, name: str) -> None:
        if not self.count[name]:
            return
        for at in range(len(self.open) - 1, -1, -1):
            self.steps += 1
            if self.open[at] == name:
                self._drop(self.open[at:])
                del self.open[at:]
                return
            if self.open[at] in _SCOPES:
                return

    def _drop(self, names: list[str]) -> None:
        for name in names:
            self.count[name] -= 1
            self.scopes -= name in _SCOPES
