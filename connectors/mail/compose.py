"""A Parcel as mail: built anew from clean values, never from the bytes that came in.

Headers are written here and not by `email.policy.SMTP`, whose folding turns a Message-ID of more than 76 characters in
References or In-Reply-To into an encoded word (python/cpython#100792) and so breaks the customer's thread. The body
is the stdlib's.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from bot.keyring import KeyRing
from bot.model import FOR_AGENTS, Parcel, ParcelKind, Rendered
from connectors.mail.threads import ADDRESS, MESSAGE_ID, message_id, reply_address

LOOP_HEADER = "X-Firstline-Loop"

_SUBJECT_LIMIT = 200
_NAME_LIMIT = 60
_REFERENCES_LIMIT = 20
# RFC 5321 (4.5.3.1.1) allows a local part 64 octets; `+` and the token take 44 of them.
_LOCAL_LIMIT = 20

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_RE = re.compile(r"\A(?:re\s*:\s*)+", re.IGNORECASE)
_ID = re.compile(r"[^\s<>\x00-\x1f\x7f]{1,250}")
_ADDRESS = re.compile(
    r"""(?=.{1,254}\Z)
    (?P<local>[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)
    @(?P<domain>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)


def compose(parcel: Parcel, *, ring: KeyRing, sender_name: str, mailbox: str) -> Rendered:
    """The whole mail, CRLF and ASCII only; the same parcel always gives the same bytes.

    It comes from the address that the customer wrote to, or from `mailbox` when that is not usable. An automatic one
    says so and carries our loop header; an Agent's words carry no mark of a machine, or the other side's desk would
    not read them.
    """
    sender = wire_address(str(parcel.address.get("mailbox") or "")) or mailbox
    domain = sender.rpartition("@")[2]
    recipient = recipient_of(parcel)
    own_id = message_id(parcel.id, ring.sign(parcel.thread, MESSAGE_ID), domain)
    answered = _ids([parcel.address.get("message_id")])
    subject = _subject(parcel)
    headers = {
        "From": _mailbox(sender_name, sender),
        "To": recipient or "undisclosed-recipients:;",
        "Reply-To": _reply_to(sender, mailbox, ring.sign(parcel.thread, ADDRESS)),
        "Subject": _words(subject, "Subject"),
        "Date": format_datetime(parcel.created_at.astimezone(UTC)),
        "Message-ID": f"<{own_id}>",
        "In-Reply-To": _folded(answered),
        "References": _folded(_references(parcel, answered)),
    }
    if parcel.automatic:
        # RFC 3834 (section 5): what answers nobody is generated.
        kind = "auto-replied" if answered else "auto-generated"
        headers |= {"Auto-Submitted": kind, "X-Auto-Response-Suppress": "All", LOOP_HEADER: domain}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return Rendered(
        data=head.encode("ascii") + _body(parcel.text),
        reference=own_id,
        to=(recipient or clean(_to(parcel)),),
        subject=subject,
        reply_to=answered[0] if answered else None,
    )


def recipient_of(parcel: Parcel) -> str | None:
    """The one address that the parcel goes to, as SMTP writes it; None when it is not usable."""
    return wire_address(_to(parcel))


def wire_address(text: str) -> str | None:
    """A plain ASCII address with its domain in IDNA form, or None: quoted and non-ASCII local parts are not sent to."""
    local, _, domain = text.strip().rpartition("@")
    if len(domain) > 255:  # the codec is slow on long labels
        return None
    try:
        address = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
    return address if _ADDRESS.fullmatch(address) else None


def reply_subject(subject: str) -> str:
    """`Re: …`, once, on one clean line."""
    bare = _RE.sub("", clean(subject))[:_SUBJECT_LIMIT].strip()
    return f"Re: {bare or '(no subject)'}"


def clean(text: str) -> str:
    """One line without control characters or lone surrogates, with single spaces."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _subject(parcel: Parcel) -> str:
    """A customer is answered; Agents are told something new."""
    subject = str(parcel.address.get("subject") or "")
    answers = parcel.kind not in (*FOR_AGENTS, ParcelKind.NOTICE)
    return reply_subject(subject) if answers else clean(subject)[:_SUBJECT_LIMIT]


def _to(parcel: Parcel) -> str:
    to = parcel.address.get("to")
    return str((to.get("address") if isinstance(to, Mapping) else to) or "")


def _reply_to(sender: str, mailbox: str, token: str) -> str:
    local = sender.partition("@")[0].partition("+")[0]
    return reply_address(sender if len(local) <= _LOCAL_LIMIT else mailbox, token)


def _references(parcel: Parcel, answered: list[str]) -> list[str]:
    """The first, which names the thread for most programs, and the newest (RFC 5322, section 3.6.4)."""
    ids = [one for one in _ids(parcel.address.get("references") or ()) if one not in answered] + answered
    return ids if len(ids) <= _REFERENCES_LIMIT else ids[:1] + ids[1 - _REFERENCES_LIMIT :]


def _ids(values: Iterable[object]) -> list[str]:
    """Those that can stand in a header, without brackets and repeats, in their order."""
    bare = (str(value or "").strip().removeprefix("<").removesuffix(">") for value in values)
    return list(dict.fromkeys(one for one in bare if one.isascii() and _ID.fullmatch(one)))


def _folded(ids: Iterable[str]) -> str:
    return "\r\n ".join(f"<{one}>" for one in ids)


def _mailbox(name: str, address: str) -> str:
    name = clean(name)[:_NAME_LIMIT].strip()
    if _is_plain(name):
        return formataddr((name, address))
    return f"{_words(name, 'From')}\r\n <{address}>"


def _words(text: str, header: str) -> str:
    if _is_plain(text):
        return text
    return Header(text, "utf-8", maxlinelen=75, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    """Whether it means the same when it stands in a header as it is."""
    return text.isascii() and "=?" not in text


def _body(text: str) -> bytes:
    """The headers of the body, the empty line and the body."""
    part = EmailMessage(policy=SMTP)
    part.set_content(_text(text), charset="utf-8", cte="quoted-printable")
    return part.as_bytes()


def _text(text: str) -> str:
    """Only line ends, tabs and printable characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_CONTROL.sub("", line.replace("\t", "    ")) for line in lines)
