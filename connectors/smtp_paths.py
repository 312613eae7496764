"""The addresses in MAIL and RCPT, read without the `email` package, which recurses on what a stranger sends."""

import re
from collections.abc import Collection

NULL = "<>"

_PATH = re.compile(r"""<(?P<path>(?:"(?:[^"\\\x00-\x1f]|\\[ -~])*"|[^\s<>"\x00-\x1f\x7f])*)>(?P<rest>.*)""", re.DOTALL)
_BARE = re.compile(r"""(?P<path>[^\s<>"\x00-\x1f\x7f]+)(?P<rest>(?:\s.*)?)""", re.DOTALL)
_SIZE = re.compile(r"\sSIZE=([0-9]{1,20})(?=\s|\Z)", re.IGNORECASE)


def parse_path(text: str) -> tuple[str, str] | None:
    """(address, parameters) of what follows `FROM:` or `TO:`; the null sender is NULL. None: not an address."""
    match = _PATH.fullmatch(text.strip()) or _BARE.fullmatch(text.strip())
    if match is None or not _is_unicode(text):
        return None
    return match["path"] or NULL, match["rest"]


def declared_size(text: str) -> int:
    """What SIZE= says (RFC 1870), or 0."""
    path = parse_path(text)
    match = _SIZE.search(path[1]) if path else None
    return int(match[1]) if match else 0


def our_address(path: str, domains: Collection[str]) -> str | None:
    """The recipient as we write it, or None when it is not ours.

    Any local part will do, but not one that asks to be passed on: a source route, `user%other`, `other!user` or an
    address in quotes.
    """
    if path.lower() == "postmaster":  # RFC 5321, section 4.5.1
        return f"postmaster@{min(domains)}"
    local, _, domain = path.rpartition("@")
    if not local or domain.lower() not in domains or re.search("[@%!]", local):
        return None
    return f"{local}@{domain.lower()}"


def sender_address(path: str) -> str:
    """Without a source route; nothing for the null sender."""
    if path == NULL:
        return ""
    return path.rpartition(":")[2] if path.startswith("@") else path


def _is_unicode(text: str) -> bool:
    """aiosmtpd hands over bytes that are not UTF-8 as lone surrogates."""
    return not re.search("[\ud800-\udfff]", text)
