"""Bytes to a `Mail`. It reads what it can, says what it couldn't, and never raises."""

import hashlib
import re
from dataclasses import dataclass, replace

from bot.model import Attachment, Kind
from connectors.mail.addresses import Address, addresses
from connectors.mail.bodies import bodies
from connectors.mail.bounces import Bounce, bounce_of
from connectors.mail.headers import Headers
from connectors.mail.problems import Problems
from connectors.mail.signs import kind_of, signs_of
from connectors.mail.structure import take_apart
from connectors.mail.trim import trim
from connectors.mail.words import raw_text

REFERENCES = 1000

_ID = re.compile(r"<([^<>]++)>")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it claims to be: plain values, without NUL or lone surrogates. Ids are without angle brackets.

    `delivered_to` are the addresses that Delivered-To and X-Original-To name. `body_hash` is of everything after the
    mail's own headers, as it came.
    """

    kind: Kind = Kind.MESSAGE
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    authors: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    html: str | None = None
    reply: str = ""
    elided: str = ""
    attachments: tuple[Attachment, ...] = ()
    bounce: Bounce | None = None
    signs: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    body_hash: str = ""
    partly: bool = False


def parse(raw: bytes, *, null_return_path: bool = False) -> Mail:
    """`null_return_path`: the envelope said `MAIL FROM:<>`; without an envelope the Return-Path header says it."""
    problems = Problems()
    root = take_apart(raw, problems)
    mail = _headers_of(root.headers, problems)
    found = bodies(root, problems)
    null = null_return_path or raw_text(root.headers.raw("return-path")) == "<>"
    signs = signs_of(root.headers, mail.authors, null_return_path=null)
    kind = kind_of(root, found.text, mail.authors, signs)
    reply, elided = trim(found.text)
    return replace(
        mail,
        kind=kind,
        text=found.text,
        html=found.html,
        reply=reply,
        elided=elided,
        attachments=found.attachments,
        bounce=bounce_of(root, found.text) if kind is Kind.BOUNCE else None,
        signs=signs,
        problems=tuple(problems.texts),
        body_hash=hashlib.sha256(root.raw).hexdigest(),
        partly=problems.partly,
    )


def _headers_of(headers: Headers, problems: Problems) -> Mail:
    authors = _all(headers, "from", problems)
    if not any(one.address for one in authors):
        problems.note("it names no author")
    return Mail(
        message_id=next(iter(ids(headers.raw("message-id"))), None),
        in_reply_to=next(iter(ids(headers.raw("in-reply-to"))), None),
        references=tuple(ids(b" ".join(headers.every("references")))[-REFERENCES:]),
        authors=authors,
        reply_to=_all(headers, "reply-to", problems),
        to=_all(headers, "to", problems),
        cc=_all(headers, "cc", problems),
        delivered_to=tuple(
            one.address
            for name in ("delivered-to", "x-original-to")
            for value in headers.every(name)[:20]
            for one in addresses(value)[0]
            if one.address
        ),
        subject=headers.text("subject"),
    )


def _all(headers: Headers, name: str, problems: Problems) -> tuple[Address, ...]:
    found: list[Address] = []
    for value in headers.every(name):
        some, more = addresses(value)
        found += some
        if more:
            problems.cut(f"{name.title()} has too many addresses; the rest was not read")
    return tuple(found)


def ids(value: bytes) -> list[str]:
    """Message-IDs in the order of the header: in angle brackets, or, where there are none, word by word."""
    text = raw_text(value)
    found = ["".join(one.split()) for one in _ID.findall(text)]
    if not found:
        found = [word.strip('<>,;"') for word in text.split()]
    return [one for one in found if one]
