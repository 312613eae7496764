"""Words in HTML that no reader would see, taken out of its tree.

They are how strangers speak past people to programs, and how newsletters fill previews. Where it isn't sure that words
are hidden they stay: a customer's word that nobody reads does more harm.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.mail.form.problems import Problems
from connectors.mail.html.colours import BLACK, WHITE, Colour, alike, colour, is_transparent
from connectors.mail.html.styles import Style, merged, own_style, rules

UNSEEN = ("script", "style", "head", "title", "template", "noscript", "noembed", "noframes", "iframe", "object",
          "audio", "video", "canvas")  # fmt: skip

SHEETS = 20
# Each rule looks at each element, at those around it where it names two, and touches those that it is about.
WORK = 10_000_000
INSIDE = 30
TOUCHED = 20

_LENGTH = re.compile(r"(-?\d{0,6}(?:\.\d{1,4})?)(px|pt|em|rem|%|vw|vh|ex|)(?: ?!important)?")
_FONT_SIZE = re.compile(r"(?:^|\s)(-?\d{0,6}(?:\.\d{1,4})?(?:px|pt|em|rem|%)|0)(?:[/\s]|$)")
_NO_CLIP = re.compile(r"rect\( ?(?:0(?:px)?|1px)(?:[ ,]{1,2}(?:0(?:px)?|1px)){3} ?\)")
_NO_PATH = re.compile(r"inset\( ?(?:5\d|[6-9]\d|100)(?:\.\d{1,3})?% ?\)|circle\( ?0")
_OUTSIDE = {"px": -400.0, "pt": -300.0, "em": -30.0, "rem": -30.0, "%": -99.0, "vw": -99.0, "vh": -99.0}


@dataclass(frozen=True, slots=True)
class _Ink:
    """How words are drawn at a place: what an element hands down to those inside. A colour of None isn't known; none is
    `judged` where rules about them may have been missed."""

    colour: Colour | None = BLACK
    ground: Colour | None = WHITE
    clear: bool = False
    invisible: bool = False
    tiny: bool = False
    judged: bool = True

    @property
    def hides(self) -> bool:
        if self.clear or self.invisible or self.tiny:
            return True
        if not self.judged or self.colour is None or self.ground is None:
            return False
        return alike(self.colour, self.ground)


def remove_hidden(tree: LexborHTMLParser, problems: Problems) -> None:
    """Notes it when there were words among what it took out. Scripts and the like go, too, and count for nothing."""
    sheets, read = _rules_of(tree)
    tree.strip_tags(list(UNSEEN))
    if tree.root is None:
        return
    if not read:
        problems.note("its style sheets were not read whole; hidden words may be among the others")
    doomed = list(_hidden(tree.root, sheets, _Ink(judged=read)))
    if any(_has_words(node) for node in doomed):
        problems.note("hidden words were left out")
    for node in doomed:
        node.decompose()


def _rules_of(tree: LexborHTMLParser) -> tuple[dict[int, dict[str, str]], bool]:
    """What style blocks say of each element, by its `mem_id`, and whether all of them could be read."""
    found: dict[int, dict[str, str]] = {}
    all_rules = rules("\n".join(sheet.text(deep=True) for sheet in tree.css("style")[:SHEETS]))
    if not all_rules:
        return found, True
    elements, work = len(tree.css("*")), 0
    for selector, style in all_rules:
        work += elements * (INSIDE if " " in selector or ">" in selector else 1)
        if work > WORK:
            return found, False
        nodes = tree.css(selector)
        work += TOUCHED * len(nodes)
        for node in nodes:
            found[node.mem_id] = merged(found.get(node.mem_id, {}), style)
    return found, True


def _hidden(root: LexborNode, sheets: dict[int, dict[str, str]], paper: _Ink) -> Iterator[LexborNode]:
    waiting = [(root, paper)]
    while waiting:
        parent, ink = waiting.pop()
        unseen = ink.hides
        for node in parent.iter(include_text=True):
            if node.tag == "-text":
                if unseen:
                    yield node
                continue
            attributes = node.attributes
            style = sheets.get(node.mem_id, {})
            if own := attributes.get("style"):
                style = merged(style, own_style(own))
            if "hidden" in attributes or _is_unseen(style):
                yield node
            else:
                waiting.append((node, _handed_down(ink, node, style, attributes) if style or attributes else ink))


def _has_words(node: LexborNode) -> bool:
    text = (node.text_content or "") if node.tag == "-text" else node.text(deep=True)
    return any(character.isalnum() for character in text)


# ------------------------------------------------------------------ a box that is not to be seen, with all inside it


def _is_unseen(style: Style) -> bool:
    if not style:
        return False
    if style.get("display", "").startswith("none") or _is_zero(style.get("opacity", "")):
        return True
    return _is_without_size(style) or _is_outside(style) or _is_clipped(style)


def _is_without_size(style: Style) -> bool:
    """Without `overflow: hidden` what is in a box of no size spills out of it, to be seen."""
    if not any(style.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y")):
        return False
    return any(_at_most(style.get(name, ""), 1) for name in ("height", "max-height", "width", "max-width"))


def _is_outside(style: Style) -> bool:
    if _beyond(style.get("text-indent", "")) or _beyond(style.get("margin-left", "")):
        return True
    placed = style.get("position", "").startswith(("absolute", "fixed"))
    return placed and any(_beyond(style.get(side, "")) for side in ("left", "right", "top", "bottom"))


def _is_clipped(style: Style) -> bool:
    placed = style.get("position", "").startswith(("absolute", "fixed"))
    if placed and _NO_CLIP.match(style.get("clip", "")):
        return True
    return bool(_NO_PATH.match(style.get("clip-path", ""))) or style.get("transform", "").startswith("scale(0)")


# ------------------------------------------------------------------ ink, which elements inside may change again


def _handed_down(ink: _Ink, node: LexborNode, style: Style, attributes: dict[str, str | None]) -> _Ink:
    ink = _with_size(ink, style)
    if "visibility" in style:
        ink = replace(ink, invisible=style["visibility"].startswith(("hidden", "collapse")))
    ink = _with_ground(ink, style, attributes)
    return _with_colour(ink, node, style, attributes)


def _with_size(ink: _Ink, style: Style) -> _Ink:
    size = style.get("font-size", "")
    if not size and (match := _FONT_SIZE.search(style.get("font", ""))):
        size = match[1]
    number, unit = _length(size)
    if number is None:
        return replace(ink, tiny=False) if size in ("small", "medium", "large", "x-small", "x-large") else ink
    relative = unit in ("em", "%")
    # Of nothing, a multiple is nothing.
    return replace(ink, tiny=(ink.tiny and relative) or number <= (0.05 if unit in ("em", "rem") else 1))


def _with_ground(ink: _Ink, style: Style, attributes: dict[str, str | None]) -> _Ink:
    if attributes.get("background"):
        return replace(ink, ground=None)
    value = style.get("background-color") or style.get("background") or attributes.get("bgcolor") or ""
    if "(" in value and not value.startswith("rgb"):
        return replace(ink, ground=None)  # a picture, a gradient
    if not value or is_transparent(value) or value.split()[0] in ("none", "inherit", "initial", "unset"):
        return ink
    return replace(ink, ground=colour(value) or colour(value.split()[0]))


def _with_colour(ink: _Ink, node: LexborNode, style: Style, attributes: dict[str, str | None]) -> _Ink:
    value = (
        style.get("color") or attributes.get("color") or (attributes.get("text") if node.tag == "body" else "") or ""
    )
    if value and not value.startswith("inherit"):
        return replace(ink, colour=colour(value), clear=is_transparent(value))
    if node.tag == "a" and "href" in attributes:
        return replace(ink, colour=None, clear=False)  # blue, if nobody says otherwise
    return ink


# ------------------------------------------------------------------ lengths


def _length(value: str) -> tuple[float | None, str]:
    match = _LENGTH.fullmatch(value)
    if not match or match[1] in ("", "-", "."):
        return None, ""
    return float(match[1]), match[2]


def _is_zero(value: str) -> bool:
    number, _ = _length(value)
    return number is not None and number < 0.05


def _at_most(value: str, pixels: float) -> bool:
    number, unit = _length(value)
    return number is not None and number <= (pixels if unit in ("px", "") else 0)


def _beyond(value: str) -> bool:
    number, unit = _length(value)
    return number is not None and number <= _OUTSIDE.get(unit, -400.0)
