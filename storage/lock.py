"""One `serve` per SQLite file: who holds the lock on FILE.lock runs it."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


class DatabaseLocked(Exception):
    """Another desk is running on this database."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold FILE.lock for the file at `path`; whoever dies lets go of it. Raises DatabaseLocked, saying who holds it."""
    lock = path.with_name(f"{path.name}.lock")
    # Opened without truncating it: what stands there may be the holder's.
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, path)
        # Padded, so that what a reader sees is never one holder's beginning with another's end.
        os.pwrite(descriptor, _ourselves().ljust(200).encode() + b"\n", 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
        raise DatabaseLocked(
            f"{path} is being served by {holder}: stop it first; several desks on one database need PostgreSQL"
        ) from None


def _ourselves() -> str:
    return f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
