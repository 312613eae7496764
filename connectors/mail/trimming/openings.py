"""Where somebody else's words begin for sure: an attribution, a divider, copied headers."""

from collections.abc import Collection, Iterator, Sequence

from connectors.mail.trimming.attributions import attribution_ending_at
from connectors.mail.trimming.copied_headers import begins_header, copied_headers
from connectors.mail.trimming.dividers import announces_forward, is_divider, names_original
from connectors.mail.trimming.quotes import is_barred, is_drawn, is_quoted, unquoted

MOST = 50
NEAR = 4


def openings(lines: Sequence[str], quoted: Collection[int] = ()) -> Iterator[range]:
    """The lines of each, in order, none overlapping; `quoted` are the lines that are known to be quoted."""
    index = end = count = 0
    while index < len(lines) and count < MOST:
        opening = _opening_at(lines, index, quoted)
        if opening:
            yield range(max(opening.start, end), opening.stop)
            end, count = opening.stop, count + 1
        index = opening.stop if opening else index + 1


def _opening_at(lines: Sequence[str], index: int, quoted: Collection[int]) -> range | None:
    line = lines[index]
    if not line.strip() or is_quoted(line) or index in quoted:
        return None
    if (start := attribution_ending_at(lines, index, quote=_quote_follows(lines, index, quoted))) is not None:
        return range(start, index + 1)
    if is_divider(line):
        return range(index, _after_headers(lines, index + 1))
    if (announces_forward(line) or names_original(line)) and (below := next_words(lines, index + 1)) is not None:
        if headers := copied_headers(lines, below, divided=True):
            return range(index, headers.stop)
        if is_quoted(lines[below]) and begins_header(unquoted(lines[below])):
            return range(index, index + 1)
    if headers := copied_headers(lines, index):
        return range(_above(lines, index), headers.stop)
    return None


def _quote_follows(lines: Sequence[str], index: int, quoted: Collection[int]) -> bool:
    below = next_words(lines, index + 1)
    if below is None:
        return False
    return below in quoted or is_quoted(lines[below]) or is_barred(lines[below])


def _after_headers(lines: Sequence[str], index: int) -> int:
    """Behind the copied headers, or Proton's attribution, that follow a divider; right behind it when none do."""
    at = next_words(lines, index)
    if at is None:
        return index
    if headers := copied_headers(lines, at, divided=True):
        return headers.stop
    ends = (end for end in range(at, min(at + NEAR, len(lines))) if attribution_ending_at(lines, end) == at)
    return next(ends, index - 1) + 1


def next_words(lines: Sequence[str], index: int) -> int | None:
    """The first line that isn't blank, from `index` on; None when none is near."""
    return next((at for at in range(index, min(index + NEAR, len(lines))) if lines[at].strip()), None)


def _above(lines: Sequence[str], index: int) -> int:
    """A drawn line over copied headers belongs to them."""
    above = index - 1
    while above >= max(0, index - NEAR) and not lines[above].strip():
        above -= 1
    return above if above >= 0 and lines[above].strip() and is_drawn(lines[above]) else index
