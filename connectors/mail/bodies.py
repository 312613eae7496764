"""Which parts are the words, which the files (RFC 8621, section 4.1.4), and what they say."""

import hashlib
from dataclasses import dataclass, field, replace

from bot.model import Attachment
from connectors.mail.form import calendar
from connectors.mail.form.charsets import decode, lines, one_line
from connectors.mail.form.flowed import FIXED, Flow
from connectors.mail.form.invisible import only_visible
from connectors.mail.form.problems import Problems
from connectors.mail.form.sealed import note_what_is_sealed, signed_mail
from connectors.mail.form.structure import Part
from connectors.mail.html.text import to_text
from connectors.mail.trimming.marks import NO_MARKS, Marks, joined

TEXT = 2_000_000


@dataclass(frozen=True, slots=True)
class Bodies:
    """`marks` are about the lines of `text`, where HTML gave them, and `flow` says how they were broken.

    `invitation` is what a calendar part says; when there are no other words, it is the text, too.
    """

    text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    marks: Marks = NO_MARKS
    flow: Flow = FIXED
    invitation: str = ""


def bodies(root: Part, problems: Problems) -> Bodies:
    words, read = _words(root, problems)
    if not words.text.strip() and (inner := signed_mail(root, problems)):
        words, inside = _words(inner, problems)
        if any(part.number not in inside for part in inner.leaves()):
            problems.note("files inside the signature are only in the original")
    note_what_is_sealed(root, words.text, problems)
    invitation = calendar.summary(root)
    related = _related(root)
    return replace(
        words,
        text=only_visible(_cut(words.text if words.text.strip() else invitation, problems), problems),
        attachments=tuple(
            _attachment(part, part.number in related) for part in root.leaves() if part.number not in read
        ),
        invitation=invitation,
    )


def _words(root: Part, problems: Problems) -> tuple[Bodies, set[int]]:
    """The bodies without the files, and the numbers of the parts that they are."""
    found = _Sorting()
    found.sort([root], "mixed", in_alternative=False)
    html = _html(found, problems)
    text, marks = _text(found, html, problems)
    return Bodies(text, html, (), marks, _flow(found.texts)), found.words


@dataclass(slots=True)
class _Sorting:
    """The walk of RFC 8621. A list of bodies is None where only the other kind goes on."""

    texts: list[Part] = field(default_factory=list)
    htmls: list[Part] = field(default_factory=list)
    words: set[int] = field(default_factory=set)

    def sort(
        self, parts: list[Part], multipart: str, *, in_alternative: bool, text: bool = True, html: bool = True
    ) -> None:
        texts, htmls = len(self.texts), len(self.htmls)
        for index, part in enumerate(parts):
            if part.is_multipart:
                kind = part.type.partition("/")[2]
                inside = in_alternative or kind == "alternative"
                self.sort(part.parts, kind, in_alternative=inside, text=text, html=html)
            elif _is_word(part, index, multipart):
                if multipart == "alternative":
                    self._add(part, text=text and part.type == "text/plain", html=html and part.type == "text/html")
                    continue
                if in_alternative:
                    text, html = text and part.type != "text/html", html and part.type != "text/plain"
                self._add(part, text=text, html=html)
        if multipart == "alternative" and text and html:
            self._stand_in(texts, htmls)

    def _add(self, part: Part, *, text: bool, html: bool) -> None:
        if text:
            self.texts.append(part)
        if html:
            self.htmls.append(part)
        if text or html:
            self.words.add(part.number)

    def _stand_in(self, texts: int, htmls: int) -> None:
        """An alternative with only one of the two kinds serves as both."""
        if len(self.texts) == texts:
            self.texts += self.htmls[htmls:]
        elif len(self.htmls) == htmls:
            self.htmls += self.texts[texts:]


def _is_word(part: Part, index: int, multipart: str) -> bool:
    if part.disposition == "attachment" or part.type not in ("text/plain", "text/html"):
        return False
    return index == 0 or (multipart != "related" and not part.name)


def _html(found: _Sorting, problems: Problems) -> str | None:
    pages = [_decoded(part) for part in found.htmls if part.type == "text/html"]
    return _cut("\n".join(pages), problems) if pages else None


def _text(found: _Sorting, html: str | None, problems: Problems) -> tuple[str, Marks]:
    blocks, all_marks, below = [], [], 0
    for part in found.texts:
        text, marks = _decoded(part), NO_MARKS
        if part.type == "text/html":
            text, marks = to_text(text, problems)
        if text.strip():
            blocks.append(text.strip("\n"))
            all_marks.append(marks.moved(below))
            below += blocks[-1].count("\n") + 2
    if not blocks and html:
        return to_text(html, problems)
    return "\n\n".join(blocks), joined(all_marks)


def _flow(parts: list[Part]) -> Flow:
    """Of several texts only what holds for all of them: they are one text from here on."""
    flowed = [part for part in parts if part.parameters.get("format", "").lower() == "flowed"]
    if not parts or len(flowed) < len(parts):
        return FIXED
    return Flow(True, all(part.parameters.get("delsp", "").lower() == "yes" for part in flowed))


def _decoded(part: Part) -> str:
    return lines(decode(part.body(), part.charset))


def _cut(text: str, problems: Problems) -> str:
    if len(text) > TEXT:
        problems.cut(f"a text is longer than {TEXT} characters; its end is only in the original")
    return text[:TEXT]


def _related(root: Part) -> set[int]:
    """The numbers of all parts that stand directly in a multipart/related."""
    waiting, found = [root], set()
    while waiting:
        part = waiting.pop()
        if part.type == "multipart/related":
            found |= {inside.number for inside in part.parts}
        waiting += part.parts
    return found


def _attachment(part: Part, related: bool) -> Attachment:
    data = part.body()
    return Attachment(
        part=part.number,
        name=one_line(part.name),
        type=part.type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        inline=part.disposition == "inline" or (not part.disposition and related and bool(part.cid)),
        cid=part.cid,
    )
