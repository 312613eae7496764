"""What the CSS of a mail says about an element: its own style, and the rules of style blocks.

Only what can hide words is read. A rule inside an at-rule is not, for it holds on some screens only, nor one for a
state (`:hover`): text that may be seen is text.
"""

import re
from collections.abc import Iterator, Mapping

UNKNOWN = "unknown"

RULES = 200
SHEET = 200_000
STYLE = 4000

_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_PIECE = re.compile(r"[{}]|[^{}]++")
# Names, classes, ids and attributes, of one element or of one inside another.
_ONE = r"(?:[a-z*][a-z0-9-]{0,20}|[.#][\w-]{1,80}|\[[\w-]{1,30}(?:[~|^$*]?=\"?[\w .-]{1,60}\"?)?\]){1,4}"
_SELECTOR = re.compile(rf"{_ONE}(?:(?: ?> ?| ){_ONE})?", re.IGNORECASE)
_LAST = re.compile(rf"(?<![\w.#\]:-]){_ONE}\Z", re.IGNORECASE)
_READ = re.compile(
    r"(?:display|visibility|opacity|font|font-size|color|background|background-color|(?:max-)?(?:height|width)|overflow"
    r"|overflow-[xy]|position|left|right|top|bottom|text-indent|clip|clip-path|transform|margin-left|margin-top)",
)

Style = Mapping[str, str]


def own_style(text: str) -> dict[str, str]:
    """The declarations of a style attribute that matter here, in lower case; `!important` stays at a value's end."""
    found: dict[str, str] = {}
    for declaration in _COMMENT.sub("", text[:STYLE].lower()).split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), " ".join(value.split())
        if value and _READ.fullmatch(name) and not _weaker(value, found.get(name, "")):
            found[name] = value
    return found


def merged(below: Style, above: Style) -> dict[str, str]:
    """`above` wins, but for what `below` says with `!important`."""
    return {**below, **{name: value for name, value in above.items() if not _weaker(value, below.get(name, ""))}}


def rules(sheet: str) -> list[tuple[str, dict[str, str]]]:
    """(selector, style) of the rules of a style block, the weaker first."""
    return sorted(_rules(sheet), key=lambda rule: _specificity(rule[0]))


def _rules(sheet: str) -> Iterator[tuple[str, dict[str, str]]]:
    count, depth, selectors = 0, 0, ""
    for match in _PIECE.finditer(_COMMENT.sub("", sheet[:SHEET])):
        piece = match[0]
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            selectors = piece.rpartition(";")[2].strip()  # behind an @import
        elif depth == 1 and (style := own_style(piece)):
            for selector in map(str.strip, selectors.split(",")[:RULES]):
                if count < RULES and (rule := _rule(selector, style)):
                    count += 1
                    yield rule


def _rule(selector: str, style: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Of a selector that isn't read, that the colours of all it could mean aren't known."""
    if _SELECTOR.fullmatch(selector):
        return selector, style
    unknown = {"color": UNKNOWN} if "color" in style else {}
    if "background" in style or "background-color" in style:
        unknown["background-color"] = UNKNOWN
    last = _LAST.search(selector[-200:])
    return (last[0], unknown) if last and unknown else None


def _specificity(selector: str) -> tuple[int, int, int]:
    """Ids, classes and attributes, elements (Selectors Level 3, section 9)."""
    names = len(re.findall(r"(?:^|[ >+~])[a-zA-Z]", selector))
    return selector.count("#"), selector.count(".") + selector.count("["), names


def _weaker(value: str, other: str) -> bool:
    return other.endswith("!important") and not value.endswith("!important")
