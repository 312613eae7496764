"""The key ring's file: one `id hex` a line, the newest last. Made at first use, readable by its owner alone."""

import os
import re
import secrets
from pathlib import Path

from bot.keyring import KeyRing, KeysUnusable

_LINE = re.compile(r"([a-z2-7]) ([0-9a-f]{64})")


def load_or_make(path: Path) -> KeyRing:
    if not path.exists():
        _make(path)
    try:
        lines = path.read_text(encoding="ascii").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KeysUnusable(f"{path}: {error}; restore the file, tokens in mail already sent depend on it") from error
    keys = {match[1]: bytes.fromhex(match[2]) for line in lines if (match := _LINE.fullmatch(line.strip()))}
    if not keys:
        raise KeysUnusable(f"{path}: holds no key; restore the file, or remove it to begin with a new key")
    return KeyRing(keys, newest=list(keys)[-1])


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written whole under another name and linked: two desks starting at once agree on one file.
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600, exist_ok=False)
    with fresh.open("w", encoding="ascii") as file:
        file.write(f"a {secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
