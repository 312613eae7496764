"""A Parcel as mail: built anew from clean values, never from the bytes that came in.

Headers are written here and not by `email.policy.SMTP`, whose folding turns a Message-ID of more than 76 characters in
References or In-Reply-To into an encoded word (python/cpython#100792) and so breaks the customer's thread. The body
is the stdlib's.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime

from bot.keyring import KeyRing
from bot.knowledge.language import language
from bot.model import FOR_AGENTS, Parcel, ParcelKind, Rendered
from connectors.mail.threads import ADDRESS, BOUNCE, LOOP_HEADER, MESSAGE_ID, message_id, reply_address
from connectors.mail.writing.identities import Identities, MailIdentity
from connectors.mail.writing.letter import letter
from connectors.mail.writing.quoting import quoted
from connectors.mail.writing.recipients import copies_of, named, recipient_of
from connectors.mail.writing.view import Block, blocks, signature
from connectors.mail.writing.wire import clean, header_ids, header_mailbox, header_words, usable_ids

_SUBJECT_LIMIT = 200
_REFERENCES_LIMIT = 20
# RFC 5321 (4.5.3.1.1) allows a local part 64 octets; `+` and the token take 44 of them.
_LOCAL_LIMIT = 20

_RE = re.compile(r"\A(?:re\s*:\s*)+", re.IGNORECASE)


def compose(parcel: Parcel, *, ring: KeyRing, identities: Identities) -> Rendered:
    """The whole mail, CRLF and ASCII only; the same parcel always gives the same bytes.

    It comes from the mailbox that the customer wrote to, or from the default one when that is not usable. An automatic
    one says so and carries our loop header; an Agent's words carry no mark of a machine, or the other side's desk would
    not read them.
    """
    identity = identities.of(str(parcel.address.get("mailbox") or ""))
    domain = identity.address.rpartition("@")[2]
    own_id = message_id(parcel.id, ring.sign(parcel.thread, MESSAGE_ID), domain)
    answered = usable_ids([parcel.address.get("message_id")])
    headers = {
        "From": header_mailbox(identity.name, identity.address),
        **_recipients(parcel),
        "Reply-To": _tagged(identity, identities.default, ring.sign(parcel.thread, ADDRESS)),
        "Subject": header_words(_subject(parcel), "Subject"),
        "Date": format_datetime(parcel.created_at.astimezone(UTC)),
        "Message-ID": f"<{own_id}>",
        "In-Reply-To": header_ids(answered),
        "References": header_ids(_references(parcel, answered)),
        **(_marks_of_a_machine(domain, answers=bool(answered)) if parcel.automatic else {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    body = letter(_view(parcel, identity), _language(parcel, identity), parcel.files, parcel.id.hex)
    return Rendered(
        data=head.encode("ascii") + body,
        reference=own_id,
        to=named(parcel),
        subject=_subject(parcel),
        reply_to=answered[0] if answered else None,
        sender=_bounces_to(parcel, identity, identities.default, ring),
    )


def reply_subject(subject: str) -> str:
    """`Re: …`, once, on one clean line."""
    bare = _RE.sub("", clean(subject))[:_SUBJECT_LIMIT].strip()
    return f"Re: {bare or '(no subject)'}"


# ------------------------------------------------------------------ headers


def _recipients(parcel: Parcel) -> Mapping[str, str]:
    to = recipient_of(parcel)
    copies = (header_mailbox(name, address) for address, name in copies_of(parcel).items())
    return {"To": header_mailbox("", to) if to else "undisclosed-recipients:;", "Cc": ",\r\n ".join(copies)}


def _subject(parcel: Parcel) -> str:
    """A customer is answered; Agents are told something new."""
    subject = str(parcel.address.get("subject") or "")
    return clean(subject)[:_SUBJECT_LIMIT] if _is_for_agents(parcel) else reply_subject(subject)


def _is_for_agents(parcel: Parcel) -> bool:
    return parcel.kind in (*FOR_AGENTS, ParcelKind.NOTICE)


def _tagged(identity: MailIdentity, default: MailIdentity, token: str) -> str:
    """The mailbox with the token. One whose name is too long is answered at the default one or, where we would not get
    that mail, without a token: Message-IDs lead back too."""
    local = identity.address.partition("@")[0].partition("+")[0]
    if len(local) <= _LOCAL_LIMIT:
        return reply_address(identity.address, token)
    return identity.address if identity.polled else reply_address(default.address, token)


def _bounces_to(parcel: Parcel, identity: MailIdentity, default: MailIdentity, ring: KeyRing) -> str:
    """The envelope's sender, which names this Delivery. Not at a provider's: not all of them let somebody send as an
    address with a tag, even where mail to one arrives; then the bounce is known by the Message-ID in it."""
    return identity.address if identity.polled else _tagged(identity, default, ring.sign(parcel.id, BOUNCE))


def _references(parcel: Parcel, answered: list[str]) -> list[str]:
    """The first, which names the thread for most programs, and the newest (RFC 5322, section 3.6.4)."""
    ids = [one for one in usable_ids(parcel.address.get("references") or ()) if one not in answered] + answered
    return ids if len(ids) <= _REFERENCES_LIMIT else ids[:1] + ids[1 - _REFERENCES_LIMIT :]


def _marks_of_a_machine(domain: str, *, answers: bool) -> Mapping[str, str]:
    """RFC 3834 (section 5): what answers nobody is generated."""
    kind = "auto-replied" if answers else "auto-generated"
    return {"Auto-Submitted": kind, "X-Auto-Response-Suppress": "All", LOOP_HEADER: domain}


# ------------------------------------------------------------------ words


def _view(parcel: Parcel, identity: MailIdentity) -> list[Block]:
    """What is said, the signature under it, and what an Agent answers. Nothing automatic quotes: whoever forges a
    sender would have us carry their words to somebody else."""
    view = blocks(parcel.text)
    if not _is_for_agents(parcel):
        view += signature(identity.signature)
    if parcel.kind is ParcelKind.AGENT and not parcel.automatic and parcel.quoted and identity.quotes:
        view += quoted(parcel.quoted, language(parcel.quoted.text) or _language(parcel, identity))
    return view


def _language(parcel: Parcel, identity: MailIdentity) -> str:
    """An automatic text is in a known one; an Agent's shows it or is in that of the mailbox."""
    if parcel.automatic:
        return parcel.language
    return language(parcel.text) or identity.language or parcel.language
