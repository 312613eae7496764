"""Values as a mail's headers and its envelope may hold them, whatever comes in: one line, no marks of their own."""

import re
import unicodedata
from collections.abc import Iterable
from email.header import Header
from email.utils import formataddr

NAME_LIMIT = 60
# RFC 5321, section 4.5.3.1.1.
_LOCAL_LIMIT = 64

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ID = re.compile(r"[^\s<>\x00-\x1f\x7f]{1,250}")
_ADDRESS = re.compile(
    r"""(?=.{1,254}\Z)
    (?P<local>[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)
    @(?P<domain>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)


# ------------------------------------------------------------------ addresses


def wire_address(text: str) -> str | None:
    """A plain ASCII address with its domain in IDNA form, or None: quoted local parts are not sent to."""
    local, _, domain = text.strip().rpartition("@")
    if len(domain) > 255:  # the codec is slow on long labels
        return None
    try:
        address = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
    return address if _ADDRESS.fullmatch(address) else None


def envelope_address(text: str) -> str | None:
    """As `wire_address`, but the local part may hold other letters than ASCII's; then only a relay that offers SMTPUTF8
    (RFC 6531) takes it."""
    local, _, domain = text.strip().rpartition("@")
    if not all(map(_may_stand_in_local, local)) or len(local.encode("utf-8")) > _LOCAL_LIMIT:
        return wire_address(text)
    # What the letters are is for the other side to say; their place is checked as that of any letter.
    bare = wire_address("".join(c if c.isascii() else "x" for c in local) + f"@{domain}")
    return f"{local}@{bare.rpartition('@')[2]}" if bare else None


def _may_stand_in_local(letter: str) -> bool:
    """A server that folds compatibility forms must not find a mark of ours in it, such as U+FF20 for `@`."""
    return letter.isascii() or (letter.isprintable() and not unicodedata.normalize("NFKC", letter).isascii())


# ------------------------------------------------------------------ headers


def clean(text: str) -> str:
    """One line without control characters or lone surrogates, with single spaces."""
    return " ".join(without_controls(text, " ").split())


def without_controls(text: str, instead: str = "") -> str:
    return _CONTROL.sub(instead, text)


def header_mailbox(name: str, address: str) -> str:
    """`Name <address>`. An address that is not ASCII becomes an empty group with the address for its name (RFC 6857,
    section 3.1): people can read it, and the mail needs no SMTPUTF8 for its headers."""
    name = clean(name)[:NAME_LIMIT].strip()
    if not address.isascii():
        return f"{header_words(address, 'To')} :;"
    if _is_plain(name):
        return formataddr((name, address))
    return f"{header_words(name, 'From')}\r\n <{address}>"


def header_words(text: str, header: str) -> str:
    """Clean text, encoded (RFC 2047) unless it means the same as it is."""
    if _is_plain(text):
        return text
    return Header(text, "utf-8", maxlinelen=75, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def usable_ids(values: Iterable[object]) -> list[str]:
    """The Message-IDs that can stand in a header, without brackets and repeats, in their order."""
    bare = (str(value or "").strip().removeprefix("<").removesuffix(">") for value in values)
    return list(dict.fromkeys(one for one in bare if one.isascii() and _ID.fullmatch(one)))


def header_ids(ids: Iterable[str]) -> str:
    return "\r\n ".join(f"<{one}>" for one in ids)
