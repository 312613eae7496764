"""The mail that a forward passes on: attached as it came, or copied into the text under its headers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Forwarded, Identity
from connectors.mail.bodies import Bodies, bodies
from connectors.mail.form.addresses import addresses
from connectors.mail.form.charsets import one_line
from connectors.mail.form.problems import Problems
from connectors.mail.form.structure import Part, take_apart
from connectors.mail.trimming.copied_headers import CopiedHeaders, copied_headers
from connectors.mail.trimming.dividers import announces_forward, is_forward
from connectors.mail.trimming.openings import next_words, openings
from connectors.mail.trimming.quotes import as_seen, is_quoted
from connectors.mail.trimming.trim import LINES, trim

ATTACHED = 2_000_000
ALMOST_EMPTY = 40
NEAR_TOP = 2000
ADDRESS = 320
VALUE = 1000

# What clients put before the subject of a forward: en, de, fr, es, it, pt, nl, sv, da and no, fi, pl, tr, ro, zh, ja.
_FORWARD = re.compile(
    r"\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|wg|tr|rv|reenv|i|enc|res?env|doorst|vb|vs|vl|pd|i̇lt|ilt|redir|转发|轉寄|転送)"
    r"\s*[:：]",
    re.IGNORECASE,
)
# A Finnish VS: is an answer, a Danish or Norwegian one a forward.
_FINNISH = re.compile(r"[\s>*_]{0,8}(?:lähettäjä|vastaanottaja)\b", re.IGNORECASE)
_FINNISH_ANSWER = re.compile(r"\s*vs\s*:", re.IGNORECASE)
# Outlook writes an address twice, or in its own brackets.
_MAILTO_TWICE = re.compile(r"<mailto:[^<>]*+>")
_MAILTO = re.compile(r"\[mailto:([^\[\]<>]*+)\]")


def forwarded_in(subject: str, found: Bodies, root: Part) -> Forwarded | None:
    """The mail that this one passes on directly, of which an inner one may be a part; None when it is no forward.

    Its author is None when no address can be read. Nothing in it is proved.
    """
    forwards = bool(_FORWARD.match(subject[:VALUE]))
    finnish_answer = bool(_FINNISH_ANSWER.match(subject[:VALUE]))
    inline = _copied(found.text, forwards=forwards, finnish_answer=finnish_answer)
    return inline or _attached(found.text, root, forwards=forwards)


@dataclass(frozen=True, slots=True)
class _Place:
    """Copied headers, and the lines that they are counted in: unquoted, where the whole of it was quoted."""

    lines: Sequence[str]
    headers: CopiedHeaders


def _copied(text: str, *, forwards: bool, finnish_answer: bool) -> Forwarded | None:
    place = _place(text.split("\n")[:LINES], forwards=forwards, finnish_answer=finnish_answer)
    if not place:
        return None
    values = place.headers.values
    return Forwarded(
        author=_author(values["from"]),
        subject=one_line(values.get("subject", ""))[:VALUE],
        text=trim("\n".join(place.lines[place.headers.stop :]))[0].strip(),
        sent=one_line(values.get("date", ""))[:VALUE],
    )


def _place(lines: Sequence[str], *, forwards: bool, finnish_answer: bool) -> _Place | None:
    """In the first opening only: what is further below was passed on before, or stands in the history of an answer."""
    seen = as_seen("\n".join(lines))
    opening = next(iter(openings(seen[:NEAR_TOP])), None)
    if opening is None:
        return None
    divided = is_forward(seen[opening.start]) or announces_forward(seen[opening.start])
    if not divided and (not forwards or (finnish_answer and any(_FINNISH.match(seen[i]) for i in opening))):
        return None
    below = next_words(seen, opening.start + 1)
    if divided and below is not None and is_quoted(seen[below]):
        lines = _without_quotes(lines[below:])
        seen, opening = as_seen("\n".join(lines)), range(1)
    for at in opening:
        headers = copied_headers(seen, at, divided=divided or at > opening.start)
        if headers and "from" in headers.values:
            return _Place(lines, headers)
    return None


def _without_quotes(lines: Sequence[str]) -> list[str]:
    """One level less, as far as they are quoted."""
    end = next((i for i, line in enumerate(lines) if line.strip() and not is_quoted(line)), len(lines))
    return [re.sub(r"^\s{0,4}> ?", "", line) for line in lines[:end]]


def _attached(text: str, root: Part, *, forwards: bool) -> Forwarded | None:
    """One whole mail as an attachment, where the subject or the want of words says that it is what this is about."""
    if not forwards and len(text.strip()) > ALMOST_EMPTY:
        return None
    mails = [part for part in root.leaves() if part.type == "message/rfc822"]
    if len(mails) != 1:
        return None
    inner = take_apart(mails[0].body(ATTACHED), Problems())
    headers = inner.headers
    found = bodies(inner, Problems())
    return Forwarded(
        author=_identity(headers.raw("from")),
        subject=headers.text("subject")[:VALUE],
        text=trim(found.text, found.marks)[0].strip(),
        sent=headers.text("date")[:VALUE],
    )


def _author(value: str) -> Identity | None:
    return _identity(_MAILTO.sub(r"<\1>", _MAILTO_TWICE.sub("", value[:VALUE])).encode("utf-8", "replace"))


def _identity(value: bytes) -> Identity | None:
    one = next((one for one in addresses(value)[0] if one.address), None)
    local, _, domain = one.address.rpartition("@") if one else ("", "", "")
    if one is None or not local or not domain or len(one.address) > ADDRESS:
        return None
    return Identity("mail", one.address.lower(), one.name)
