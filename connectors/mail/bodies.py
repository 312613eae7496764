"""Which parts are the words, which the files (RFC 8621, section 4.1.4), and what they say."""

import hashlib
from dataclasses import dataclass, field

from bot.model import Attachment
from connectors.mail.charsets import decode, lines, one_line
from connectors.mail.html import to_text
from connectors.mail.problems import Problems
from connectors.mail.structure import Part

TEXT = 2_000_000


@dataclass(frozen=True, slots=True)
class Bodies:
    text: str
    html: str | None
    attachments: tuple[Attachment, ...]


def bodies(root: Part, problems: Problems) -> Bodies:
    sorted_out = _Sorting()
    sorted_out.sort([root], "mixed", in_alternative=False)
    html = _html(sorted_out, problems)
    text = _text(sorted_out, html, problems)
    related = _related(root)
    files = tuple(
        _attachment(part, part.number in related) for part in root.leaves() if part.number not in sorted_out.words
    )
    return Bodies(_cut(text, problems), html, files)


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


def _text(found: _Sorting, html: str | None, problems: Problems) -> str:
    blocks = []
    for part in found.texts:
        text = _decoded(part)
        if part.type == "text/html":
            text = to_text(text, problems)
        if text.strip():
            blocks.append(text.strip("\n"))
    if not blocks and html:
        return to_text(html, problems)
    return "\n\n".join(blocks)


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
