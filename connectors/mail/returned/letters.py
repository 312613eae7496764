"""The mail that a bounce returns: its headers, where a bounce has them, and where the mailer's own words end."""

import re
from collections.abc import Iterator

from connectors.mail.form import headers
from connectors.mail.form.charsets import decode, lines, one_line
from connectors.mail.form.headers import Headers
from connectors.mail.form.problems import Problems
from connectors.mail.form.structure import Part
from connectors.mail.form.words import raw_text

LOOK = 64 * 1024
PARTS = 50

_TYPES = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/partial")
_MARK = re.compile(
    r"[ >]{0,4}(?:-{2,}.{0,80}(?:original|copy|header|returned|unsent)"
    r"|.{0,60}(?:below this line|original (?:message|mail) (?:follows|header|as follows)|copy of (?:the|your) message)"
    r"|(?:received|return-path|message-id):)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"<([^<>]++)>")
_QUOTED_ID = re.compile(
    r"^[ >\t]*(?:x-)?(?:original-)?message[- ]?id[ \t]*:\s{0,3}<?([^\s<>]+@[^\s<>]+)>?", re.IGNORECASE | re.MULTILINE
)


def texts(root: Part) -> Iterator[tuple[str, str]]:
    """(type, text) of each part that may say something, only its beginning."""
    for count, part in enumerate(root.leaves()):
        if count >= PARTS:
            return
        if part.type.startswith(("text/", "message/")):
            yield part.type, lines(decode(part.body(LOOK), part.charset))


def mailers_own(text: str) -> str:
    """What the mailer says itself, before it returns the mail."""
    rows = text[:LOOK].split("\n")
    return "\n".join(rows[: _end_of_own(rows)])


def is_returned(root: Part, text: str) -> bool:
    """Whether a mail comes back with it, as a part of its own or below a line that announces it."""
    if any(part.number and part.type in _TYPES for part in root.leaves()):
        return True
    rows = text[:LOOK].split("\n")
    return _end_of_own(rows) < len(rows)


def _end_of_own(rows: list[str]) -> int:
    return next((i for i, row in enumerate(rows) if i and _MARK.match(row)), len(rows))


def mails(root: Part) -> Iterator[Part]:
    """The parts that are the returned mail or its headers."""
    return (part for part in root.leaves() if part.number and part.type in _TYPES)


def originals(root: Part) -> Iterator[Headers]:
    """The headers of the mail that is returned."""
    for part in mails(root):
        yield headers.split(part.body(headers.BLOCK).lstrip(b"\r\n"), 0, Problems())[0]


def message_id(root: Part) -> str | None:
    """Of the returned mail: by its headers, by a line of the report, by what the report itself says it answers."""
    for original in originals(root):
        if found := _BRACKETED.search(original.text("message-id")):
            return "".join(found[1].split())
    for kind, text in texts(root):
        if kind != "text/html" and (match := _QUOTED_ID.search(text)):
            return one_line(match[1])
    for name in ("x-original-message-id", "original-message-id", "in-reply-to", "references"):
        if found := _last(root.headers, name):
            return "".join(found[1].split())
    return None


def _last(head: Headers, name: str) -> re.Match[str] | None:
    """References end with the mail that is answered."""
    return next(reversed(list(_BRACKETED.finditer(raw_text(head.raw(name))))), None)
