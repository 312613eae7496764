"""What to call a file that came with a mail: its sender named it, badly or not at all."""

import mimetypes
import re
from collections.abc import Iterable
from dataclasses import replace

from bot.model import Attachment
from connectors.mail.form.charsets import one_line
from connectors.mail.form.invisible import visible

LONGEST = 120

# What a file system, a shell or Windows reads as more than a name.
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_KNOWN = {
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "application/ms-tnef": ".dat",
    "application/octet-stream": ".bin",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pgp-signature": ".asc",
    "image/jpeg": ".jpg",
    "image/heic": ".heic",
    "text/calendar": ".ics",
    "text/plain": ".txt",
}


def with_safe_names(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Each with a name of its own, without a path, that no file system reads as anything else."""
    made: list[Attachment] = []
    taken: set[str] = set()
    for one in attachments:
        name = _unlike(taken, safe_name(one.name, one.type) or f"part-{one.part}{_ending(one.type)}")
        taken.add(name.lower())
        made.append(replace(one, name=name))
    return tuple(made)


def safe_name(name: str, kind: str) -> str:
    """ "" when nothing is left of it. A long name keeps its ending, a name without one gets that of its type."""
    name = one_line(visible(name)).replace("\\", "/").rpartition("/")[2]
    name = _UNSAFE.sub("_", name).strip(". ")
    if not name:
        return ""
    if _DEVICES.match(name):
        name = f"_{name}"
    stem, dot, ending = name.rpartition(".")
    if not dot or not 0 < len(ending) <= 10:
        return name[:LONGEST] + ("" if dot else _ending(kind))
    return f"{stem[: LONGEST - len(ending) - 1]}.{ending}"


def _ending(kind: str) -> str:
    return _KNOWN.get(kind) or mimetypes.guess_extension(kind) or ".bin"


def _unlike(taken: set[str], name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    number, unlike = 2, name
    while unlike.lower() in taken:
        unlike = f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
        number += 1
    return unlike
