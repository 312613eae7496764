"""A mail taken apart into its MIME parts.

Our own boundary walk, for its bounds: the standard library's recurses per level and holds each line as an object (25 MB
of short lines: 5 s, 1 GB). This one is flat, looks for boundaries only, and copies nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors.mail.form import headers
from connectors.mail.form.headers import Headers
from connectors.mail.form.parameters import parameters
from connectors.mail.form.problems import Problems
from connectors.mail.form.transfer import undo

DEPTH = 100
PARTS = 1000

_TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,100})\s*/\s*([\w!#$&^.+-]{1,100})")
_FIRST_BOUNDARY = re.compile(rb"\s*+--([^\s]{1,200})[ \t]*+\r?\n")


@dataclass(slots=True)
class Part:
    """One part. `number` counts all parts of the mail in the order of the bytes, from 0, the mail itself."""

    number: int
    headers: Headers
    type: str
    charset: str
    boundary: str
    report_type: str
    disposition: str
    name: str
    raw: memoryview
    parameters: Mapping[str, str] = field(default_factory=dict)
    parts: list["Part"] = field(default_factory=list)

    @property
    def cid(self) -> str:
        return "".join(self.headers.text("content-id").split()).strip("<>")

    @property
    def is_multipart(self) -> bool:
        return self.type.startswith("multipart/")

    def body(self, at_most: int | None = None) -> bytes:
        """Decoded from its transfer encoding; of a long one, on demand, about the first `at_most` bytes."""
        raw = self.raw if at_most is None else self.raw[: at_most * 2]
        return undo(self.headers.token("content-transfer-encoding"), bytes(raw))[:at_most]

    def leaves(self) -> Iterator["Part"]:
        """Every part that is no multipart, in order."""
        open_parts = [self]
        while open_parts:
            part = open_parts.pop()
            if not part.is_multipart:
                yield part
            open_parts += reversed(part.parts)


def take_apart(raw: bytes, problems: Problems) -> Part:
    """The mail as its outermost part. Never raises."""
    walk = _Walk(_without_wrapping(raw), problems)
    walk.run()
    return walk.root


def _without_wrapping(raw: bytes) -> bytes:
    """Without a byte order mark, blank lines in front and an mbox line; with LF where it knows only CR."""
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    raw = raw.lstrip(b"\r\n")
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    return raw


@dataclass(slots=True)
class _Open:
    """A multipart whose end has not been seen. No delimiter of it counts from `until` on, where an outer one stands."""

    part: Part
    delimiter: re.Pattern[bytes]
    until: int
    next: re.Match[bytes] | None

    def look(self, raw: bytes, at: int) -> re.Match[bytes] | None:
        """Its first delimiter from `at` on, where the line end in front may be the blank line under empty headers."""
        if self.next and self.next.start() < at - 1:
            self.next = self.delimiter.search(raw, at - 1, self.until)
        return self.next


class _Walk:
    def __init__(self, raw: bytes, problems: Problems) -> None:
        self.raw = raw
        self.view = memoryview(raw)
        self.problems = problems
        self.count = 0
        self.open: list[_Open] = []
        self.root = self._part(0)

    def run(self) -> None:
        """From delimiter to delimiter; each ends the part before it and, unless it is a closing one, begins another."""
        leaf: Part | None = None if self.open else self.root
        at = len(self.raw) - len(self.root.raw)
        while found := self._next_delimiter(at):
            level, match = found
            closing = match[1] is not None
            self._end([leaf] if leaf else [], match.start())
            self._end([one.part for one in self.open[level + 1 :]], match.start())
            del self.open[level if closing else level + 1 :]
            at, leaf = match.end(), None
            if closing:
                continue
            if self.count >= PARTS:
                self.problems.cut(f"it has more than {PARTS} parts; the rest was not read")
                break
            parent = self.open[-1].part
            depth = len(self.open)
            part = self._part(min(at + 1, len(self.raw)), digest=parent.type == "multipart/digest")
            parent.parts.append(part)
            leaf = part if len(self.open) == depth else None
            at = len(self.raw) - len(part.raw)
        if self.open:
            self.problems.note("a multipart has no end")
        self._turn_empty_multiparts_into_text()

    def _part(self, start: int, *, digest: bool = False) -> Part:
        """The part whose headers begin at `start`. Its body reaches to the end of the mail until its end is found."""
        # Only the mail itself must have headers.
        head, body = headers.split(self.raw, start, self.problems if start == 0 else Problems())
        part = _described(self.count, head, self.view[body:], default="message/rfc822" if digest else "text/plain")
        self.count += 1
        if part.is_multipart:
            self._enter(part, body)
        return part

    def _enter(self, part: Part, body: int) -> None:
        if len(self.open) >= DEPTH:
            self.problems.cut(f"it is nested more than {DEPTH} deep; what lies deeper was not read")
            part.type = "application/octet-stream"
            return
        boundary = part.boundary.encode("utf-8", "replace")
        if not boundary:
            self.problems.note("a multipart names no boundary")
            guess = _FIRST_BOUNDARY.match(self.raw, body)
            if not guess:
                part.type = "text/plain"
                return
            boundary = guess[1]
        # The line end after a delimiter is not taken, for the next delimiter may need it. The literal beginning makes
        # the search fast.
        delimiter = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*+\r?(?=\n|\Z)")
        until = len(self.raw)
        if self.open:
            outer = self.open[-1].look(self.raw, body)
            until = outer.start() if outer else self.open[-1].until
        self.open.append(_Open(part, delimiter, until, delimiter.search(self.raw, max(body - 1, 0), until)))

    def _next_delimiter(self, at: int) -> tuple[int, re.Match[bytes]] | None:
        """The first delimiter of any open multipart, the innermost if two agree. Each looks at each byte once."""
        best: tuple[int, re.Match[bytes]] | None = None
        for level in range(len(self.open) - 1, -1, -1):
            found = self.open[level].look(self.raw, at)
            if found and (best is None or found.start() < best[1].start()):
                best = (level, found)
        return best

    def _end(self, parts: list[Part], end: int) -> None:
        """The line end before a delimiter belongs to the delimiter."""
        end -= self.raw[end - 1 : end] == b"\r"
        for part in parts:
            start = len(self.raw) - len(part.raw)
            part.raw = self.view[start : max(start, end)]

    def _turn_empty_multiparts_into_text(self) -> None:
        """A multipart in which no part was found: its words are still words."""
        waiting = [self.root]
        while waiting:
            part = waiting.pop()
            if part.is_multipart and not part.parts:
                part.type = "text/plain"
                self.problems.note("a multipart has no parts")
            waiting += part.parts


def _described(number: int, head: Headers, rest: memoryview, default: str) -> Part:
    content_type, parameter = parameters(head.raw("content-type"))
    disposition, of_disposition = parameters(head.raw("content-disposition"))
    kind = _TYPE.match(content_type)
    return Part(
        number=number,
        headers=head,
        type=f"{kind[1]}/{kind[2]}" if kind else default,
        charset=parameter.get("charset", ""),
        boundary=parameter.get("boundary", ""),
        report_type=parameter.get("report-type", "").lower(),
        disposition=disposition,
        name=of_disposition.get("filename") or parameter.get("name", ""),
        raw=rest,
        parameters=parameter,
    )
