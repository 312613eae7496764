"""Encoded words (RFC 2047) in header values."""

import re
from binascii import a2b_qp

from connectors.mail.form.charsets import decode, fit, one_line
from connectors.mail.form.invisible import visible
from connectors.mail.form.transfer import from_base64

_WORD = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")


def header_text(value: bytes) -> str:
    """A header's value as people should see it: decoded and on one line."""
    return words(raw_text(value))


def raw_text(value: bytes) -> str:
    """The value as it stands, unfolded, with raw 8-bit bytes decoded."""
    value = value.translate(None, b"\r\n").strip()
    try:
        return fit(value.decode())
    except UnicodeDecodeError:
        # Too short for guessing.
        return fit(value.decode("cp1252", "replace"))


def words(text: str) -> str:
    """Decode the encoded words; white space between two of them doesn't count, and neither does what can't be seen."""
    pieces: list[str] = []
    run: tuple[str, bytes] | None = None
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        end = match.end()
        charset, data = match[1].lower(), _data(match[2], match[3])
        if run and not between.strip():
            # Some mailers cut a character in two: words of one charset are decoded together.
            if run[0] == charset:
                run = (charset, run[1] + data)
                continue
            between = ""
        pieces += [_decoded(run), between]
        run = (charset, data)
    pieces += [_decoded(run), text[end:]]
    return one_line(visible("".join(pieces)))


def _data(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(data)
    return a2b_qp(data, header=True)


def _decoded(run: tuple[str, bytes] | None) -> str:
    return decode(run[1], run[0]) if run else ""
