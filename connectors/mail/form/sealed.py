"""Mail whose words lie in another wrapping: signed or encrypted (S/MIME, OpenPGP), or in Outlook's own format."""

from collections.abc import Iterator

from connectors.mail.form.problems import Problems
from connectors.mail.form.structure import Part, take_apart

PIECES = 100_000

_CMS = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_PGP = "-----BEGIN PGP MESSAGE-----"

# Tags of BER (X.690) and the contents' types of CMS (RFC 5652, section 4, 5.1).
_SEQUENCE, _SET, _INTEGER, _OID, _EXPLICIT, _OCTETS, _PIECES = 0x30, 0x31, 0x02, 0x06, 0xA0, 0x04, 0x24
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")


def signed_mail(root: Part, problems: Problems) -> Part | None:
    """The mail inside an opaque S/MIME signature (RFC 8551, section 3.5.2), which itself is not checked."""
    for part in root.leaves():
        if part.type in _CMS and (content := signed_content(part.body())):
            problems.note("its words were inside an S/MIME signature, which was not checked")
            return take_apart(content, Problems())
    return None


def note_what_is_sealed(root: Part, text: str, problems: Problems) -> None:
    types = {part.type for part in root.leaves()}
    if _is_encrypted(root, types, text):
        problems.note("it is encrypted; it can't be read here")
    if types & set(_TNEF) or any(part.name.lower() == "winmail.dat" for part in root.leaves()):
        problems.note("some of its content is in a format of Outlook (winmail.dat)")


def _is_encrypted(root: Part, types: set[str], text: str) -> bool:
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.type == "multipart/encrypted":
            return True
        if part.type in _CMS and signed_content(part.body()) is None:
            return True
        waiting += part.parts
    return "application/pgp-encrypted" in types or text.lstrip().startswith(_PGP)


def signed_content(data: bytes) -> bytes | None:
    """What a CMS structure of signed data holds; None when it is anything else, or holds only a signature."""
    try:
        return _content(data)
    except (IndexError, ValueError):
        return None


def _content(data: bytes) -> bytes | None:
    at, _ = _enter(data, 0, _SEQUENCE)
    start, end = _enter(data, at, _OID)
    if data[start:end] != _SIGNED_DATA:
        return None
    at, _ = _enter(data, end or 0, _EXPLICIT)
    at, _ = _enter(data, at, _SEQUENCE)
    at = _after(data, at, _INTEGER)
    at = _after(data, at, _SET)
    at, _ = _enter(data, at, _SEQUENCE)
    at = _after(data, at, _OID)
    at, _ = _enter(data, at, _EXPLICIT)
    if data[at] == _PIECES:
        return b"".join(_pieces(data, *_enter(data, at, _PIECES)))
    start, end = _enter(data, at, _OCTETS)
    return data[start:end]


def _enter(data: bytes, at: int, tag: int) -> tuple[int, int | None]:
    """Where the content of the element at `at` begins and ends; an end of None is told by a mark there."""
    if data[at] != tag:
        raise ValueError("another tag")
    first = data[at + 1]
    if first < 0x80:
        return at + 2, at + 2 + first
    if first == 0x80:
        return at + 2, None
    size = first & 0x7F
    if size > 4:
        raise ValueError("too long")
    start = at + 2 + size
    return start, start + int.from_bytes(data[at + 2 : start], "big")


def _after(data: bytes, at: int, tag: int) -> int:
    _, end = _enter(data, at, tag)
    if end is None:
        raise ValueError("no length")
    return end


def _pieces(data: bytes, at: int, end: int | None) -> Iterator[bytes]:
    for _ in range(PIECES):
        if at == end or (end is None and data[at : at + 2] == b"\0\0"):
            return
        start, stop = _enter(data, at, _OCTETS)
        if stop is None:
            raise ValueError("no length")
        yield data[start:stop]
        at = stop
    raise ValueError("too many pieces")
