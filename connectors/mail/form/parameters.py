"""Parameters of Content-Type and Content-Disposition: plain, quoted, and RFC 2231's pieces and charsets."""

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from connectors.mail.form.charsets import decode
from connectors.mail.form.words import raw_text, words

_PARAMETER = re.compile(r";[\s;]*+([^\s=;]++)\s*+=\s*+(\"(?:[^\"\\]++|\\.)*+\"?+|[^;]*+)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PIECE = re.compile(r"([^*]+)(?:\*([0-9]{1,4}))?(\*)?")

Pieces = dict[int, tuple[str, bool]]


def parameters(value: bytes) -> tuple[str, Mapping[str, str]]:
    """What stands before the first semicolon, in lower case, and the parameters by name in lower case."""
    text = raw_text(value)
    found: dict[str, Pieces] = {}
    for match in _PARAMETER.finditer(text):
        piece = _PIECE.fullmatch(match[1].lower())
        if piece:
            # -1: the plain `name=` stands before the pieces, and is used only when there are none.
            number = int(piece[2]) if piece[2] else 0 if piece[3] else -1
            found.setdefault(piece[1], {}).setdefault(number, (_unquoted(match[2]), bool(piece[3])))
    return text.partition(";")[0].strip().lower(), {name: _joined(pieces) for name, pieces in found.items()}


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value.strip()
    inner = value[1:-1] if len(value) > 1 and value.endswith('"') else value[1:]
    return _ESCAPED.sub(r"\1", inner)


def _joined(pieces: Pieces) -> str:
    if set(pieces) == {-1}:
        return words(pieces[-1][0])
    in_order = [pieces[number] for number in sorted(pieces) if number >= 0]
    charset = ""
    first, encoded = in_order[0]
    if encoded and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
        in_order[0] = (first, True)
    if not any(is_encoded for _, is_encoded in in_order):
        return words("".join(text for text, _ in in_order))
    return decode(b"".join(_bytes(*piece) for piece in in_order), charset)


def _bytes(text: str, encoded: bool) -> bytes:
    return unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
