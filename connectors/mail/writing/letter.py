"""The body of a mail with the headers that describe it: the same view and files always give the same bytes."""

import re
from collections.abc import Sequence
from email.message import MIMEPart
from email.policy import SMTP

from bot.model import File
from connectors.mail.writing.html_view import html
from connectors.mail.writing.view import Block, plain
from connectors.mail.writing.wire import clean

# A text this long is a log or a list, and HTML would only double it.
LONGEST_IN_HTML = 200_000

_NAME_LIMIT = 120
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
# RFC 2046 (section 5.2.1) allows these no base64.
_COMPOSITE = ("multipart/", "message/")
_ANY_TYPE = "application/octet-stream"


def letter(view: Sequence[Block], language: str, files: Sequence[File], mark: str) -> bytes:
    """Headers of the body, an empty line and the body, in CRLF and ASCII. `mark` makes the boundaries of this mail."""
    part = _bodies(view, language, mark)
    if files:
        whole = MIMEPart(policy=SMTP)
        whole.make_mixed(boundary=_boundary(mark, "files"))
        whole.attach(part)
        for file in files:
            whole.attach(_attached(file))
        part = whole
    return b"MIME-Version: 1.0\r\n" + part.as_bytes()


def safe_name(name: str) -> str:
    """The last part of a path, on one line, not hidden and read as it is written; `file` when nothing is left."""
    # The stdlib takes what looks like an encoded word for one, and decodes whatever is in it.
    last = re.split(r"[/\\]", clean(name))[-1].replace("=?", "=_")
    shown = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return shown[-_NAME_LIMIT:].strip(" .") or "file"


def safe_type(type_: str) -> str:
    """Of a single file: a type of several parts would have to be one, so it goes as bytes."""
    type_ = type_.lower()
    return type_ if _TYPE.fullmatch(type_) and not type_.startswith(_COMPOSITE) else _ANY_TYPE


def _bodies(view: Sequence[Block], language: str, mark: str) -> MIMEPart:
    words = plain(view)
    if len(words) > LONGEST_IN_HTML:
        return _text(words, "plain")
    part = MIMEPart(policy=SMTP)
    part.make_alternative(boundary=_boundary(mark, "bodies"))
    part.attach(_text(words, "plain"))
    part.attach(_text(html(view, language), "html"))
    return part


def _text(words: str, subtype: str) -> MIMEPart:
    part = MIMEPart(policy=SMTP)
    part.set_content(words, subtype=subtype, charset="utf-8", cte="quoted-printable")
    return part


def _attached(file: File) -> MIMEPart:
    """In base64 whatever it is, so that it arrives byte for byte."""
    part = MIMEPart(policy=SMTP)
    maintype, _, subtype = safe_type(file.type).partition("/")
    part.set_content(
        file.data, maintype, subtype, cte="base64", disposition="attachment", filename=safe_name(file.name)
    )
    return part


def _boundary(mark: str, what: str) -> str:
    """`=_` stands in no text in quoted-printable or base64 (RFC 2045, section 6.7)."""
    return f"=_{what}.{mark}"
