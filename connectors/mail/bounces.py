"""Reports on the delivery of a mail: whom it could not reach, and which mail it was.

The machine-readable form is RFC 3464; what has none is read as prose, which is a guess. Believe an address here only if
we wrote to it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.mail import headers
from connectors.mail.addresses import addresses
from connectors.mail.charsets import decode, lines, one_line
from connectors.mail.problems import Problems
from connectors.mail.structure import Part

MOST = 1000
LOOK = 64 * 1024
NEAR = 4000
NAMED = 100

_ADDRESS = r"[^\s@<>()\[\],;:\"'|]{1,64}@[^\s@<>()\[\],;:\"'|]{1,253}"
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]\d)")
_GROUPS = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([A-Za-z-]{1,40})[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_ORIGINAL = re.compile(
    r"[ >]{0,4}(?:-{2,}.{0,80}(?:original|copy|header|returned|unsent)"
    r"|.{0,60}(?:below this line|original message (?:follows|header)|copy of (?:the|your) message)"
    r"|(?:received|return-path|message-id):)",
    re.IGNORECASE,
)
# How programs name the recipient in prose, the surest first: lines of its own, then words around it.
_PROSE = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"^[ \t]*<({_ADDRESS})>",
        rf"^[ \t]*(?:\S{{1,20}} )?<?({_ADDRESS})>?[ \t]*(?::|\.\.\.|$)",
        rf"rcpt to: ?<?({_ADDRESS})",
        rf"(?:\bto|recipients?|for|address|user)\b[^\n@<]{{0,30}}[<:'\" ]({_ADDRESS})",
        rf"<?({_ADDRESS})",
    )
)
_MESSAGE_ID = re.compile(r"^[ >]*message-id:\s{0,3}<?([^\s<>]+@[^\s<>]+)>?", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recipient:
    """`status` as 5.1.1, `action` as failed, delayed, delivered …; empty where the report doesn't say."""

    address: str
    status: str
    action: str


@dataclass(frozen=True, slots=True)
class Bounce:
    recipients: tuple[Recipient, ...] = ()
    original_message_id: str | None = None

    @property
    def failed(self) -> bool:
        """It will not arrive; a report of a delay or of success says otherwise."""
        return any(r.action == "failed" or (not r.action and r.status.startswith("5")) for r in self.recipients)


def bounce_of(root: Part, text: str) -> Bounce:
    found = list(_from_fields(root)) or list(_from_header(root, text)) or list(_from_prose(root, text))
    unique = {recipient.address.lower(): recipient for recipient in reversed(found[:MOST])}
    return Bounce(tuple(reversed(unique.values())), _original_message_id(root))


def _texts(root: Part) -> Iterator[tuple[str, str]]:
    """(type, text) of each part that may say something, only its beginning."""
    for part in root.leaves():
        if part.type.startswith(("text/", "message/")):
            yield part.type, lines(decode(part.body(LOOK), part.charset))


def _from_fields(root: Part) -> Iterator[Recipient]:
    for kind, text in _texts(root):
        if kind in ("message/rfc822", "text/html") or "-recipient" not in text.lower():
            continue
        for group in _GROUPS.split(text):
            fields = {name.lower(): value for name, value in reversed(_FIELD.findall(group))}
            who = fields.get("final-recipient") or fields.get("original-recipient")
            if who:
                status = _status(fields.get("status", "")) or _status(fields.get("diagnostic-code", ""))
                yield Recipient(_address(who), status, _first_word(fields.get("action", "")))


def _from_header(root: Part, text: str) -> Iterator[Recipient]:
    for value in root.headers.every("x-failed-recipients"):
        for one in addresses(value)[0]:
            if one.address:
                yield Recipient(one.address, _status_near(_prose(text), one.address), "")


def _from_prose(root: Part, text: str) -> Iterator[Recipient]:
    prose = _prose(text)
    senders = {one.address.lower() for name in ("to", "from") for one in addresses(root.headers.raw(name))[0]}
    for sureness, pattern in enumerate(_PROSE):
        hits = [hit.strip(".") for hit in pattern.findall(prose)]
        # Prose also names the one it speaks to; a line of its own is about the recipient, even if it is the same.
        hits = hits if sureness < 2 else [hit for hit in hits if hit.lower() not in senders]
        if hits:
            yield from (Recipient(hit, _status_near(prose, hit), "") for hit in list(dict.fromkeys(hits))[:NAMED])
            return
    for original in _originals(root):
        for one in addresses(original.raw("to"))[0]:
            yield Recipient(one.address, _status(prose[:NEAR]), "")


def _prose(text: str) -> str:
    """What the mailer says itself, before it returns the mail."""
    lines_of_text = text[:LOOK].split("\n")
    end = next((i for i, line in enumerate(lines_of_text) if i and _ORIGINAL.match(line)), len(lines_of_text))
    return "\n".join(lines_of_text[:end])


def _status_near(prose: str, address: str) -> str:
    at = max(prose.find(address), 0)
    return _status(prose[at : at + NEAR]) or _status(prose[:NEAR])


def _original_message_id(root: Part) -> str | None:
    for original in _originals(root):
        found = re.search(r"<([^<>]++)>", original.text("message-id"))
        if found:
            return "".join(found[1].split())
    for kind, text in _texts(root):
        if kind != "text/html" and (found := _MESSAGE_ID.search(text)):
            return one_line(found[1])
    return None


def _originals(root: Part) -> Iterable[headers.Headers]:
    """The headers of the mail that is returned."""
    for part in root.leaves():
        if part.number and part.type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            yield headers.split(part.body(headers.BLOCK).lstrip(b"\r\n"), 0, Problems())[0]


def _address(field: str) -> str:
    """Of `rfc822; ann@example.org`."""
    return one_line(field.rpartition(";")[2]).strip("<> ")


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else ""


def _first_word(text: str) -> str:
    return next(iter(text.lower().split()), "")
