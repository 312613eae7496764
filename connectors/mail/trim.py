"""What the sender wrote this time, and what was taken away. Nothing vanishes: each line is in exactly one of the two.

When in doubt a line is kept: quoted words in a reply do little harm, a customer's words that nobody reads do much.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.mail.attributions import attribution_ending_at, header_block, is_rule

_QUOTED = re.compile(r"\s{0,4}(?:[A-Z][A-Za-z]{0,11})?>")
_DRAWN = re.compile(r"[\s\-_=*#~+.ᐧ·•]*+")
_SIGNATURE = re.compile(r"--[ \u00a0]?\s*")
_UNDERSCORES = re.compile(r"\s{0,3}_{5,}\s*|\s{0,3}—{3,}\s*")
_DEVICE = re.compile(
    r"\W{0,3}(?:sent (?:from|via|with) (?:my |the )?\S|get outlook for |von meinem \S.{0,30} gesendet"
    r"|gesendet (?:von|mit) |envoyé (?:de|depuis|à partir de) |enviado (?:desde|do|de) (?:mi|meu|o|el) |inviato da "
    r"|verzonden (?:vanaf|met|via) |skickat från |sendt fra |lähetetty |odesláno z |wysłane z |отправлено (?:с|из) "
    r"|发自我的|從我的|从我的|iPhoneから送信)",
    re.IGNORECASE,
)
LINES = 20_000
OPENINGS = 50
SIGNATURE_LINES = 15
UNDERLINED_LINES = 8
DEVICE_LENGTH = 100


def trim(text: str) -> tuple[str, str]:
    """(reply, elided)."""
    if text.count("\n") > LINES:
        return text.strip("\n"), ""
    page = _Page(text.split("\n"))
    page.cut_history()
    page.cut_the_end()
    if not page.kept_words():
        page.keep_what_is_no_history()
    return page.reply(), page.elided()


@dataclass(slots=True)
class _Page:
    lines: Sequence[str]
    cut: set[int] = field(default_factory=set)
    # Where somebody else's words begin for sure: an attribution, a rule, copied headers.
    openings: list[range] = field(default_factory=list)

    def cut_history(self) -> None:
        """Everything from the first opening on, unless the customer goes on writing after or between quotes."""
        self.openings = _openings(self.lines)
        for opening in self.openings:
            if opening.start in self.cut:
                continue
            before = self._has_words(range(opening.start))
            quote = self._quote_after(opening.stop)
            after = range(quote.stop, len(self.lines))
            if quote and self._has_words(after):
                self._cut(opening)
                if not before and not self._more_quotes(after):
                    self._cut(quote)
            elif before or quote:
                self._cut(range(opening.start, len(self.lines)))
                return
            else:
                self._cut(opening)

    def cut_the_end(self) -> None:
        """Quotes, signatures and drawn lines at the end of what is left."""
        self._cut_signature()
        for index in range(len(self.lines) - 1, -1, -1):
            line = self.lines[index]
            if index in self.cut:
                continue
            # Blank lines are drawn, too.
            if not (_is_quoted(line) or _DRAWN.fullmatch(line) or _is_device(line)):
                return
            self.cut.add(index)

    def _cut_signature(self) -> None:
        words = [i for i, line in enumerate(self.lines) if i not in self.cut and line.strip() and not _is_quoted(line)]
        for below in range(min(SIGNATURE_LINES, len(words) - 2), -1, -1):
            line = self.lines[words[-1 - below]]
            if _SIGNATURE.fullmatch(line) or (below <= UNDERLINED_LINES and _UNDERSCORES.fullmatch(line)):
                self._cut(range(words[-1 - below], len(self.lines)))
                return

    def keep_what_is_no_history(self) -> None:
        """A mail of nothing but quotes or a signature is its own message, unless somebody else's words open it."""
        if not self.openings and not any(attribution_ending_at([_unquoted(line)], 0) == 0 for line in self.lines[:3]):
            self.cut.clear()

    def kept_words(self) -> bool:
        return self._has_words(range(len(self.lines)))

    def reply(self) -> str:
        return _block(line for i, line in enumerate(self.lines) if i not in self.cut)

    def elided(self) -> str:
        return _block(line for i, line in enumerate(self.lines) if i in self.cut)

    def _cut(self, lines: range) -> None:
        self.cut.update(lines)

    def _has_words(self, lines: range) -> bool:
        return any(
            i not in self.cut and not _is_quoted(self.lines[i]) and not _DRAWN.fullmatch(self.lines[i]) for i in lines
        )

    def _quote_after(self, start: int) -> range:
        """The quoted lines from here on, blank ones among them included."""
        end = index = start
        while index < len(self.lines) and (_is_quoted(self.lines[index]) or not self.lines[index].strip()):
            if self.lines[index].strip():
                end = index + 1
            index += 1
        return range(start, end)

    def _more_quotes(self, lines: range) -> bool:
        """Quotes with words after them: the customer answers point by point."""
        quoted = next((i for i in lines if _is_quoted(self.lines[i])), None)
        return quoted is not None and self._has_words(range(quoted, lines.stop))


def _openings(lines: Sequence[str]) -> list[range]:
    found: list[range] = []
    index = 0
    while index < len(lines) and len(found) < OPENINGS:
        opening = _opening_at(lines, index)
        if opening and found and opening.start < found[-1].stop:
            opening = range(found[-1].stop, opening.stop)
        if opening:
            found.append(opening)
        index = opening.stop if opening else index + 1
    return found


def _opening_at(lines: Sequence[str], index: int) -> range | None:
    line = lines[index]
    if not line.strip() or _is_quoted(line):
        return None
    if (start := attribution_ending_at(lines, index)) is not None:
        return range(start, index + 1)
    if is_rule(line):
        return range(index, _after_headers(lines, index + 1))
    if (end := header_block(lines, index)) is not None:
        return range(_above(lines, index), end)
    return None


def _after_headers(lines: Sequence[str], index: int) -> int:
    """Behind the copied headers that follow a rule; right behind the rule when none do."""
    at = index
    while at < len(lines) and not lines[at].strip():
        at += 1
    return (header_block(lines, at) or index) if at < len(lines) else index


def _above(lines: Sequence[str], index: int) -> int:
    """A drawn line over copied headers belongs to them."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _DRAWN.fullmatch(lines[above]) else index


def _is_quoted(line: str) -> bool:
    return bool(_QUOTED.match(line))


def _unquoted(line: str) -> str:
    return line.lstrip("> ")


def _is_device(line: str) -> bool:
    return len(line) <= DEVICE_LENGTH and bool(_DEVICE.match(line))


def _block(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip("\n")
