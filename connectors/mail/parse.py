"""Bytes to a `Mail`. It reads what it can, says what it couldn't, and never raises."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Attachment, Forwarded, Kind, Verdict
from connectors.mail.bodies import bodies
from connectors.mail.form.addresses import Address, addresses
from connectors.mail.form.dates import sent_at
from connectors.mail.form.flowed import unbroken
from connectors.mail.form.headers import Headers
from connectors.mail.form.problems import Problems
from connectors.mail.form.structure import take_apart
from connectors.mail.form.words import raw_text
from connectors.mail.forwards import forwarded_in
from connectors.mail.returned.bounces import Bounce, bounce_of
from connectors.mail.senders.authentication import Believed, authenticated
from connectors.mail.senders.kinds import kind_of
from connectors.mail.senders.signs import original_author, signs_of
from connectors.mail.trimming.trim import trim

REFERENCES = 1000

_ID = re.compile(r"<([^<>]++)>")
_NOBODY = re.compile(r"<(?:>|mailer-daemon[@>])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it claims to be: plain values, without NUL or lone surrogates. Ids are without angle brackets.

    `delivered_to` are the addresses that Delivered-To and X-Original-To name. `invitation` is what a calendar part
    says, in words. `sent` is for show, in UTC. `written_over` is whom a list has replaced in From, unproved.
    `body_hash` is of everything after the mail's own headers, as it came.
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
    invitation: str = ""
    sent: datetime | None = None
    written_over: Address | None = None
    reply: str = ""
    elided: str = ""
    attachments: tuple[Attachment, ...] = ()
    forwarded: Forwarded | None = None
    bounce: Bounce | None = None
    signs: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    body_hash: str = ""
    partly: bool = False
    verdict: Verdict = Verdict.UNVERIFIED


def parse(
    raw: bytes, *, null_return_path: bool = False, believed: Sequence[Believed] = (), peer: str | None = None
) -> Mail:
    """`null_return_path`: the envelope said `MAIL FROM:<>`; without an envelope the Return-Path header says it.
    `believed` upstreams may say who sent it, if it was handed over by one of them (`peer`) or fetched from there."""
    problems = Problems()
    root = take_apart(raw, problems)
    mail = _headers_of(root.headers, problems)
    found = bodies(root, problems)
    null = null_return_path or bool(_NOBODY.match(raw_text(root.headers.raw("return-path"))))
    signs = (*signs_of(root.headers, mail.authors, null_return_path=null), *(("calendar",) if found.invitation else ()))
    sender = authenticated(root.headers, mail.authors, believed, peer)
    for problem in sender.problems:
        problems.note(problem)
    kind = kind_of(root, found.text, mail.authors, signs)
    reply, elided = (unbroken(words, found.flow) for words in trim(found.text, found.marks))
    return replace(
        mail,
        kind=kind,
        text=found.text,
        html=found.html,
        invitation=found.invitation,
        reply=reply,
        elided=elided,
        attachments=found.attachments,
        forwarded=forwarded_in(mail.subject, found, root) if kind is Kind.MESSAGE else None,
        bounce=bounce_of(root, found.text) if kind is Kind.BOUNCE else None,
        signs=tuple(dict.fromkeys((*signs, *sender.signs))),
        verdict=sender.verdict,
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
        sent=sent_at(headers.text("date")),
        written_over=next(iter(addresses(original_author(headers, authors))[0]), None),
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
