"""What time it is. Only leases, limits and dates ask; waits inside a process use the monotonic clock."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class HostClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """Reads an RFC 3339 instant from a file at each asking, so that a test can move time for a running desk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self.path.read_text(encoding="ascii").strip()).astimezone(UTC)


class SetClock:
    """Stands still until it is moved."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant
