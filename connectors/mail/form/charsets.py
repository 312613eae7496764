"""Bytes to text that any database or channel can take, whatever charset was declared."""

import codecs
import re

SAMPLE = 32 * 1024
GUESSABLE = 64

# What mail says and what it means: the same names as browsers use (encoding.spec.whatwg.org), and a few of old mailers.
_MEANT = {
    "ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "x-mac-cyrillic": "mac-cyrillic",
    "macintosh": "mac-roman",
}
# Codecs that are no charsets, or take quadratic time.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "oem", "mbcs"}

_UNFIT = re.compile("[\0\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?")
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029]")


def decode(data: bytes, charset: str = "") -> str:
    """As declared, else as UTF-8, else as the bytes look, else as Windows-1252. Never raises."""
    declared = _codec(charset)
    for codec in dict.fromkeys((declared, "utf-8")):
        if codec and (text := _strictly(data, codec)) is not None:
            return fit(text)
    return fit(_mostly_utf8(data) or _guessed(data) or data.decode("cp1252", "replace"))


def fit(text: str) -> str:
    """Without NUL (PostgreSQL refuses it) and lone surrogates (UTF-8 has none)."""
    return _UNFIT.sub(lambda unfit: "" if unfit[0] == "\0" else "\ufffd", text)


def lines(text: str) -> str:
    """With LF as the only line end."""
    return _LINE_ENDS.sub("\n", text)


def one_line(text: str) -> str:
    """Every run of white space, line ends and other control characters becomes one space."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _codec(charset: str) -> str | None:
    name = charset.strip().strip("\"'").lower()
    try:
        codec = codecs.lookup(_MEANT.get(name, name)).name if name else None
    except (LookupError, ValueError):
        return None
    return None if codec in _REFUSED else codec


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        # LookupError: a codec such as rot13 that isn't between bytes and text.
        return None


def _mostly_utf8(data: bytes) -> str | None:
    """UTF-8 with a few broken places, as in a mail that was cut; None when it is rather something else."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = len(data) - len(text)
    return text if broken <= 3 < good or broken * 20 < good else None


def _guessed(data: bytes) -> str | None:
    if len(data) < GUESSABLE:
        return None  # a word or two look like anything
    # Imported when needed: most mail says truly what it is, and an idle reader should be small.
    from charset_normalizer import from_bytes

    best = from_bytes(data[:SAMPLE]).best()
    return data.decode(best.encoding, "replace") if best is not None else None
