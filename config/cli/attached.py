"""Files that somebody names to be sent along."""

import mimetypes
from collections.abc import Sequence
from pathlib import Path

from bot.model import File
from config.errors import WrongUse

MOST = 20
MOST_BYTES = 20_000_000
"""Of all of them. Most mail servers take 25 MB, and in a mail a file is a third larger."""

_ANY_TYPE = "application/octet-stream"


def attached(paths: Sequence[Path]) -> tuple[File, ...]:
    """With their bytes, in this order. Raises WrongUse."""
    if len(paths) > MOST:
        raise WrongUse(f"{len(paths)} files are too many: at most {MOST} can go with one reply")
    files: list[File] = []
    room = MOST_BYTES
    for path in paths:
        files.append(_read(path, room))
        room -= len(files[-1].data)
    return tuple(files)


def _read(path: Path, room: int) -> File:
    """Never more than there is room for, however much the file holds."""
    if not path.is_file():
        raise WrongUse(
            f"{path} can't be attached: {'it is no plain file' if path.exists() else 'there is no such file'}"
        )
    try:
        with path.open("rb") as opened:
            data = opened.read(room + 1)
    except OSError as error:
        raise WrongUse(f"{path} can't be attached: {error.strerror}") from error
    if len(data) > room:
        raise WrongUse(
            f"{path} can't be attached: with it the files have more than the {MOST_BYTES // 10**6} MB that a mail can "
            "carry; send a link instead"
        )
    return File(_name(path), _type(path), data)


def _name(path: Path) -> str:
    """Names are bytes and needn't be UTF-8."""
    return path.name.encode("utf-8", "replace").decode("utf-8")


def _type(path: Path) -> str:
    """As the name says; what is packed has the type of its packing, which is not told here."""
    found, packing = mimetypes.guess_type(path.name)
    return found if found and not packing else _ANY_TYPE
