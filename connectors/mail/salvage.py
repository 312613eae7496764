"""The least reading of a mail, for one that the real reader could not survive.

It runs where the desk runs, so it looks at the beginning only, takes no part apart and shares no code with the reader
that failed, but for its rules about signs, and goes without them if they fail too.
"""

import hashlib
import re

from connectors.mail.form.addresses import Address
from connectors.mail.form.headers import Headers
from connectors.mail.parse import Mail
from connectors.mail.senders.signs import signs_of

HEAD = 64 * 1024
TEXT = 4000
HEADERS = 500

_LINE = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*([^\r\n]{0,2000})", re.MULTILINE)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_AUTHOR = re.compile(r"[^\s@<>\"(),:;]{1,64}@[^\s@<>\"(),:;]{1,255}")
_UNFIT = re.compile("[\0-\x08\x0b-\x1f\x7f]")


def salvage(raw: bytes, reason: str) -> Mail:
    """Sender, subject, Message-ID and the first words, as they stand. Never raises."""
    head, _, rest = _halves(raw)
    fields = tuple((match[1].lower().decode(), match[2]) for match in _LINE.finditer(head))[:HEADERS]
    headers = Headers(fields)
    author = _AUTHOR.search(_text(headers.raw("from")))
    authors = (Address("", author[0]),) if author else ()
    text = _text(rest[:TEXT]).strip()
    return Mail(
        message_id=_text(headers.raw("message-id")).strip("<> ") or None,
        authors=authors,
        subject=" ".join(_text(headers.raw("subject")).split()),
        text=text,
        reply=text,
        signs=_signs(headers, authors),
        problems=(f"it could not be read: {reason}", "only its beginning is shown, as it came"),
        body_hash=hashlib.sha256(rest).hexdigest(),
        partly=True,
    )


def _halves(raw: bytes) -> tuple[bytes, bytes, bytes]:
    blank = _BLANK_LINE.search(raw, 0, HEAD)
    if not blank:
        return raw[:HEAD], b"", raw[HEAD:]
    return raw[: blank.start()], blank[0], raw[blank.end() :]


def _signs(headers: Headers, authors: tuple[Address, ...]) -> tuple[str, ...]:
    try:
        return signs_of(headers, authors, null_return_path=headers.raw("return-path").strip() == b"<>")
    except Exception:
        # Whatever broke the reader may be here, too. "unread" keeps it from being answered.
        return ("unread",)


def _text(data: bytes) -> str:
    return _UNFIT.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")
