"""What the sender wrote this time, and what was taken away. Nothing vanishes: each line is in exactly one of the two.

When in doubt a line is kept: quoted words in a reply do little harm, a customer's words that nobody reads do much.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from connectors.mail.trimming.attributions import attribution_ending_at
from connectors.mail.trimming.copied_headers import begins_header
from connectors.mail.trimming.marks import NO_MARKS, Marks
from connectors.mail.trimming.openings import openings
from connectors.mail.trimming.quotes import LONGEST, as_seen, is_barred, is_drawn, is_quoted, unquoted
from connectors.mail.trimming.signatures import armour, is_device, is_disclaimer, is_footer, is_link, signature_start

LINES = 20_000
DISCLAIMERS = 3
PARAGRAPH_LINES = 40

# Outlook's users write between the lines of an unmarked history, and say so above it.
_ANSWERS_BELOW = re.compile(
    r"\b(?:answer|answers|answered|reply|replies|replied|response|responses|comment|comments|commented|antwort\w{0,4}"
    r"|kommentare?|anmerkungen|réponses?|commentaires?|respuestas?|comentarios?|respostas?|comentários?|rispost[ae]"
    r"|commenti|svar|kommentarer|odpowiedzi|ответы|odpovědi)\b[^.]{0,40}?"
    r"\b(?:below|inline|in-line|in line|in red|in blue|in green|in bold|unten|in rot|in blau|ci-dessous|dans le texte"
    r"|en rouge|en bleu|abajo|en rojo|en azul|más abajo|abaixo|em vermelho|sotto|in rosso|hieronder|in het rood"
    r"|nedan|nedenfor|nedenunder|poniżej|ниже|níže)\b",
    re.IGNORECASE,
)


def trim(text: str, marks: Marks = NO_MARKS) -> tuple[str, str]:
    """(reply, elided)."""
    if text.count("\n") > LINES:
        return text.strip("\n"), ""
    seen = as_seen(text)
    page = _Page(seen, marks.above(len(seen)))
    page.cut_history()
    page.cut_the_end()
    if not page.kept_words():
        page.keep_what_is_no_history()
    lines = text.split("\n")
    return _block(lines, page.kept()), _block(lines, page.cut)


def _block(lines: Sequence[str], indexes: Iterable[int]) -> str:
    return "\n".join(lines[i] for i in sorted(indexes)).strip("\n")


@dataclass(slots=True)
class _Page:
    lines: Sequence[str]
    marks: Marks
    cut: set[int] = field(default_factory=set)
    openings: list[range] = field(default_factory=list)

    def cut_history(self) -> None:
        """Everything from the first opening on, unless the customer goes on writing after or between quotes."""
        self.openings = self._found_openings()
        for lines in armour(self.lines):
            self.cut.update(lines)
        for opening in self.openings:
            if opening.start in self.cut:
                continue
            before = self._has_words(range(opening.start))
            quote = self._quote_after(opening.stop)
            after = range(quote.stop, len(self.lines))
            if quote and self._has_words(after):
                self.cut.update(opening)
                if not before and not self._more_quotes(after):
                    self.cut.update(quote)
            elif not quote and self._answers_below(opening.start):
                return
            elif before or quote:
                self.cut.update(range(opening.start, len(self.lines)))
                return
            else:
                self.cut.update(opening)

    def cut_the_end(self) -> None:
        """Quotes, signatures, footers and drawn lines at the end of what is left."""
        self._cut_signatures()
        self._cut_disclaimers()
        for index in self._left_from_the_end():
            if not self._is_tail(index):
                return
            self.cut.add(index)

    def keep_what_is_no_history(self) -> None:
        """A mail of nothing but quotes or a signature is its own message, unless somebody else's words open it.

        Those of a forward without a word of its own are what it says.
        """
        first = next(openings(self.lines), None)
        if first and self._copies_headers(first):
            self.cut.difference_update(range(first.stop, len(self.lines)))
        elif first or self.openings:
            above = min(one.start for one in (*self.openings, first) if one)
            self.cut.difference_update(i for i in self.marks.signed if i < above)
        elif not any(attribution_ending_at([unquoted(line)], 0) == 0 for line in self.lines[:3]):
            self.cut.clear()

    def kept_words(self) -> bool:
        return self._has_words(range(len(self.lines)))

    def kept(self) -> Iterator[int]:
        return (i for i in range(len(self.lines)) if i not in self.cut)

    def _found_openings(self) -> list[range]:
        found = [*openings(self.lines, self.marks.quoted), *self.marks.openings]
        return sorted(found, key=lambda opening: opening.start)

    def _copies_headers(self, opening: range) -> bool:
        return sum(begins_header(self.lines[i]) for i in opening) > 1

    def _cut_signatures(self) -> None:
        self.cut.update(self.marks.signed)
        start = signature_start(self.lines, list(self.kept()))
        if start is not None:
            self.cut.update(range(start, len(self.lines)))

    def _cut_disclaimers(self) -> None:
        for _ in range(DISCLAIMERS):
            paragraph = self._last_paragraph()
            if not is_disclaimer([self.lines[i] for i in paragraph]):
                return
            self.cut.update(paragraph)

    def _last_paragraph(self) -> list[int]:
        found: list[int] = []
        for index in self._left_from_the_end():
            blank = not self.lines[index].strip()
            if (blank and found) or len(found) > PARAGRAPH_LINES:
                break
            if not blank:
                found.insert(0, index)
        return found

    def _left_from_the_end(self) -> Iterator[int]:
        return (i for i in range(len(self.lines) - 1, -1, -1) if i not in self.cut)

    def _is_tail(self, index: int) -> bool:
        line = self.lines[index]
        # Blank lines are drawn, too.
        if self._is_quoted(index) or is_drawn(line) or is_footer(line):
            return True
        return index > 0 and is_link(line) and is_footer(self.lines[index - 1])

    def _has_words(self, lines: range) -> bool:
        return any(self._is_word(i) for i in lines)

    def _is_word(self, index: int) -> bool:
        line = self.lines[index]
        return not (
            index in self.cut
            or index in self.marks.signed
            or self._is_quoted(index)
            or is_drawn(line)
            or is_device(line)
        )

    def _is_quoted(self, index: int) -> bool:
        return is_quoted(self.lines[index]) or index in self.marks.quoted

    def _quote_after(self, start: int) -> range:
        """The quoted lines from here on, blank ones among them included."""
        end = index = start
        while index < len(self.lines) and (self._is_quoted(index) or not self.lines[index].strip()):
            if self.lines[index].strip():
                end = index + 1
            index += 1
        if end > start:
            return range(start, end)
        return self._bars_after(start)

    def _bars_after(self, start: int) -> range:
        end = start
        while end < len(self.lines) and (is_barred(self.lines[end]) or (end == start and not self.lines[end].strip())):
            end += 1
        return range(start, end if end > start and is_barred(self.lines[end - 1]) else start)

    def _more_quotes(self, lines: range) -> bool:
        """Quotes with words after them: the customer answers point by point."""
        quoted = next((i for i in lines if self._is_quoted(i)), None)
        return quoted is not None and self._has_words(range(quoted, lines.stop))

    def _answers_below(self, stop: int) -> bool:
        return any(_ANSWERS_BELOW.search(self.lines[i][:LONGEST]) for i in range(stop) if i not in self.cut)
