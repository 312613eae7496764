"""Reports on the delivery of a mail: whom it could not reach, why, and which mail it was.

The machine-readable form is RFC 3464; what has none is read as prose, which is a guess. Believe an address here only if
we wrote to it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.mail.form.addresses import addresses
from connectors.mail.form.charsets import one_line
from connectors.mail.form.problems import Problems
from connectors.mail.form.structure import Part, take_apart
from connectors.mail.returned import letters, ses

MOST = 1000
NEAR = 4000
NAMED = 100
REASON = 300

_ADDRESS = r"[^\s@<>()\[\],;:\"'|]{1,64}@[^\s@<>()\[\],;:\"'|]{1,253}"
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]\d)")
_GROUPS = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([A-Za-z-]{1,40})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*){0,20})$", re.MULTILINE)
# How programs name the recipient in prose, the surest first: lines of its own, then words around it.
_PROSE = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"^[ \t]*<({_ADDRESS})>",
        rf"^[ \t>]*(?:\S{{1,20}} )?<?({_ADDRESS})>?[ \t]*(?::|\.\.\.|$)",
        rf"rcpt to: ?<?({_ADDRESS})",
        rf"(?:\bto|recipients?|for|address|user)\b[^\n@<]{{0,30}}[<:'\" ]({_ADDRESS})",
        rf"<?({_ADDRESS})",
    )
)
_DELAYED = re.compile(
    r"\bdelay|warning: could not send|not yet (?:been )?deliver"
    r"|will (?:be retried|continue to (?:be )?(?:try|retr|made))|attempts will continue|has been postponed"
    r"|still (?:being )?(?:trying|tried)|verzögert"
    r"|retard|retras|遅延|延迟|延遲",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s++")


@dataclass(frozen=True, slots=True)
class Recipient:
    """`status` as 5.1.1, `action` as failed, delayed, delivered …; empty where the report doesn't say."""

    address: str
    status: str
    action: str
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """`mentioned` are all addresses in it that bear a tag (`support+tag@…`), for one of them may be ours, signed.
    `delayed` when it tells of a delay and of nothing that ended."""

    recipients: tuple[Recipient, ...] = ()
    original_message_id: str | None = None
    mentioned: tuple[str, ...] = ()
    delayed: bool = False

    @property
    def failed(self) -> bool:
        """It will not arrive; a report of a delay or of success says otherwise."""
        return any(r.action == "failed" or (not r.action and r.status.startswith("5")) for r in self.recipients)

    @property
    def reason(self) -> str:
        """One line for people: `ann@example.org: 5.1.1 user unknown`."""
        return "; ".join(_told(one) for one in self.recipients[:3])[:REASON]


def bounce_of(root: Part, text: str) -> Bounce:
    found = _recipients(root, text)
    unique = {recipient.address.lower(): recipient for recipient in reversed(found[:MOST])}
    return Bounce(
        tuple(reversed(unique.values())),
        letters.message_id(root) or _id_in_notice(text),
        tuple(dict.fromkeys(_tagged(root)))[:NAMED],
        _is_delayed(root, text, found),
    )


def _recipients(root: Part, text: str) -> list[Recipient]:
    ways = (_from_fields(root), _from_notice(text), _from_header(root, text), _from_prose(root, text),
            _from_the_returned_bounce(root), _from_the_returned_mail(root, text))  # fmt: skip
    return next((found for way in ways if (found := list(way))), [])


def _from_fields(root: Part) -> Iterator[Recipient]:
    for kind, text in letters.texts(root):
        if kind in ("message/rfc822", "text/html") or "-recipient" not in text.lower():
            continue
        for group in _GROUPS.split(text):
            fields = {name.lower(): value for name, value in reversed(_FIELD.findall(group))}
            who = fields.get("final-recipient") or fields.get("original-recipient")
            if who:
                diagnostic = fields.get("diagnostic-code", "")
                status = _status(fields.get("status", "")) or _status(diagnostic)
                words = one_line(diagnostic.partition(";")[2] or diagnostic)[:REASON]
                yield Recipient(_address(who), status, _first_word(fields.get("action", "")), words)


def _from_notice(text: str) -> Iterator[Recipient]:
    notice = ses.notice_of(text)
    for address, status, action, diagnostic in notice.recipients if notice else ():
        yield Recipient(one_line(address), _status(status), _first_word(action), one_line(diagnostic)[:REASON])


def _from_header(root: Part, text: str) -> Iterator[Recipient]:
    prose = letters.mailers_own(text)
    for value in root.headers.every("x-failed-recipients"):
        for one in addresses(value)[0]:
            if one.address:
                yield _read_in_prose(prose, one.address)


def _from_prose(root: Part, text: str) -> Iterator[Recipient]:
    prose = letters.mailers_own(text)
    senders = {one.address.lower() for name in ("to", "from") for one in addresses(root.headers.raw(name))[0]}
    for sureness, pattern in enumerate(_PROSE):
        hits = [hit.strip(".") for hit in pattern.findall(prose)]
        # Prose also names the one it speaks to; a line of its own is about the recipient, even if it is the same.
        hits = hits if sureness < 2 else [hit for hit in hits if hit.lower() not in senders]
        if hits:
            yield from (_read_in_prose(prose, hit) for hit in list(dict.fromkeys(hits))[:NAMED])
            return


def _read_in_prose(prose: str, address: str) -> Recipient:
    at = max(prose.find(address), 0)
    behind = prose[at + len(address) : at + NEAR].lstrip(" \t>:.\n").partition("\n\n")[0]
    status = _status(prose[at : at + NEAR]) or _status(prose[:NEAR])
    return Recipient(address, status, "", one_line(behind[:REASON]))


def _from_the_returned_bounce(root: Part) -> Iterator[Recipient]:
    """A gateway that wraps a bounce into one of its own, and names nobody itself."""
    for part in letters.mails(root):
        inner = take_apart(part.body(letters.LOOK).lstrip(b"\r\n"), Problems())
        if any(one.type == "message/delivery-status" for one in inner.leaves()):
            yield from _from_fields(inner)


def _from_the_returned_mail(root: Part, text: str) -> Iterator[Recipient]:
    status = _status(letters.mailers_own(text)[:NEAR])
    for original in letters.originals(root):
        for one in addresses(original.raw("to"))[0]:
            yield Recipient(one.address, status, "")


def _id_in_notice(text: str) -> str | None:
    notice = ses.notice_of(text)
    return notice.message_id if notice else None


def _tagged(root: Part) -> Iterator[str]:
    """Addresses with a `+`, in the headers, the texts and the headers of what was returned."""
    pattern = re.compile(r"[^\s@<>()\[\],;:\"'|=+]{1,64}\+[^\s@<>()\[\],;:\"'|+]{1,64}@[\w.-]{1,253}")
    for name in ("to", "delivered-to", "x-original-to", "return-path"):
        for value in root.headers.every(name)[:20]:
            yield from pattern.findall(value.decode("ascii", "replace"))
    for _, text in letters.texts(root):
        yield from pattern.findall(text)


def _is_delayed(root: Part, text: str, found: Iterable[Recipient]) -> bool:
    """By what is said of each recipient; only where nothing is, by the words of the subject and the mailer."""
    actions = {one.action for one in found if one.action}
    if actions:
        return "failed" not in actions
    if any(one.status for one in found):
        return all(one.status.startswith(("2", "4")) or not one.status for one in found)
    return bool(_DELAYED.search(root.headers.text("subject")) or _DELAYED.search(letters.mailers_own(text)[:NEAR]))


def _told(one: Recipient) -> str:
    words = _STATUS.sub("", one.diagnostic, count=1)
    parts = (one.status, one.action if one.action != "failed" else "", _SPACES.sub(" ", words).strip(" -;:"))
    return f"{one.address}: " + (" ".join(filter(None, parts)) or "not delivered")


def _address(field: str) -> str:
    """Of `rfc822; ann@example.org`."""
    return one_line(field.rpartition(";")[2]).strip("<> ")


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else ""


def _first_word(text: str) -> str:
    return next(iter(text.lower().split()), "")
