"""Content-Transfer-Encoding, undone. What is broken is read as far as it goes."""

import re
from binascii import a2b_base64, a2b_qp

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOISE = bytes(set(range(256)) - set(_ALPHABET))
_PADDING = re.compile(rb"=++")


def undo(encoding: str, body: bytes) -> bytes:
    """The bytes of a body; of an unknown encoding, as they stand."""
    if encoding == "base64":
        return from_base64(body)
    if encoding == "quoted-printable":
        return a2b_qp(body)
    return body


def from_base64(data: bytes) -> bytes:
    """Ignores what isn't base64; goes on after padding, because some mailers encode piece by piece."""
    data = data.translate(None, _NOISE).rstrip(b"=")
    pieces = _PADDING.split(data, maxsplit=100) if b"=" in data else [data]
    return b"".join(_piece(piece) for piece in pieces)


def _piece(data: bytes) -> bytes:
    if len(data) % 4 == 1:
        data = data[:-1]
    return a2b_base64(data + b"=" * (-len(data) % 4))
