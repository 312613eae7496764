"""The file of a desk on SQLite: who serves it, and what it takes of its disk."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of a disk: what a desk without special rights may still use, and how large it is."""

    free: int
    whole: int

    @property
    def percent(self) -> float:
        return 100 * self.free / self.whole if self.whole else 0.0


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    path: Path

    @classmethod
    def of(cls, url: str) -> "DatabaseFile | None":
        """None for a database on a server."""
        return cls(Path(url.partition(":///")[2])) if url.startswith("sqlite") else None

    def wal(self) -> int:
        """Bytes of the write-ahead log."""
        try:
            return self._beside("wal", "-").stat().st_size
        except OSError:
            return 0  # it is gone when nobody has the database open

    def room(self) -> Room:
        """Raises OSError when there is no such folder."""
        disk = os.statvfs(self.path.parent)
        return Room(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)

    def holder(self) -> str | None:
        """Who serves it, as it says itself in the lock file; None for nobody.

        To try the lock would be surer, and would turn away a desk that starts in that moment.
        """
        lock = self._beside("lock", ".")
        try:
            if not _is_locked(lock.stat().st_ino):
                return None
            return lock.read_text(encoding="utf-8", errors="replace").strip() or "another process"
        except OSError:
            return None

    def _beside(self, name: str, separator: str) -> Path:
        return self.path.with_name(f"{self.path.name}{separator}{name}")


def _is_locked(inode: int) -> bool:
    """Of a line of /proc/locks the second word is FLOCK and the sixth major:minor:inode (proc_locks(5)). The device
    is left out: on btrfs and overlayfs it is not the one that stat tells."""
    lines = (line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines())
    return any(words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(inode) for words in lines)
