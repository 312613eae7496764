"""The key ring's file: one `id hex` a line, the newest last. Made at first use, readable by its owner alone."""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.keyring import KeyRing, KeysUnusable
from config.errors import NotDone

IDS = "abcdefghijklmnopqrstuvwxyz234567"

_LINE = re.compile(r"([a-z2-7]) ([0-9a-f]{64})")


def load_or_make(path: Path) -> KeyRing:
    """Raises KeysUnusable."""
    if not path.exists():
        _make(path)
    return load(path)


def load(path: Path) -> KeyRing:
    """Raises KeysUnusable, also when there is no file."""
    try:
        lines = path.read_text(encoding="ascii").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KeysUnusable(
            f"{path}: {_reason(error)}; restore it, replies to mail already sent depend on it"
        ) from error
    keys = {match[1]: bytes.fromhex(match[2]) for line in lines if (match := _LINE.fullmatch(line.strip()))}
    if not keys:
        raise KeysUnusable(f"{path}: holds no key; restore the file, or remove it to begin with a new key")
    return KeyRing(keys, newest=list(keys)[-1])


def rotate(path: Path) -> str:
    """Add a key that signs from now on; those before it still verify. Returns its id. Raises KeysUnusable, NotDone."""
    path = path.resolve()
    with _alone(path):
        ring = load(path)
        after = IDS.index(ring.newest) + 1
        free = [one for one in IDS[after:] + IDS[:after] if one not in ring.keys]
        if not free:
            oldest = next(iter(ring.keys))
            raise NotDone(f"{path}: all {len(IDS)} ids are taken; drop the oldest: `firstline keys drop {oldest}`")
        _replace(path, {**ring.keys, free[0]: secrets.token_bytes(32)})
        return free[0]


def drop(path: Path, key: str) -> None:
    """Forget a key that doesn't sign: what it signed is a stranger's from then on. Raises KeysUnusable, NotDone."""
    path = path.resolve()
    with _alone(path):
        ring = load(path)
        if key not in ring.keys:
            raise NotDone(f"{path}: there is no key {key!r}; it holds {', '.join(ring.keys)}")
        if key == ring.newest:
            raise NotDone(f"{path}: key {key} signs; `firstline keys rotate` first")
        _replace(path, {one: data for one, data in ring.keys.items() if one != key})


# ------------------------------------------------------------------ the file


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written whole under another name and linked: two desks starting at once agree on one file.
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        _write(fresh, {IDS[0]: secrets.token_bytes(32)})
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)


def _replace(path: Path, keys: Mapping[str, bytes]) -> None:
    """The old file or the new one, whatever happens, and its owner stays: often root rotates and the desk reads."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        _write(fresh, keys)
        before = path.stat()
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(fresh, before.st_uid, before.st_gid)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    _sync(path.parent)


def _write(fresh: Path, keys: Mapping[str, bytes]) -> None:
    fresh.touch(mode=0o600, exist_ok=False)
    with fresh.open("w", encoding="ascii") as file:
        file.writelines(f"{key} {data.hex()}\n" for key, data in keys.items())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two rotations at once would lose a key. The folder is locked, since the file itself is replaced."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise KeysUnusable(f"{path}: {_reason(error)}; name the file with DESK__KEYS") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not a file of keys"
