"""Where figures are taken: a folder on a disk, and databases that wait for it."""

import os
import secrets
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.desk import Desk
from tests import databases

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Place:
    """Use it as `with Place(folder) as place`. A PostgreSQL is started when it is first asked for, and ends with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held = ExitStack()
        self._server: databases.Server | None = None

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    @contextmanager
    def desk(self, database: str, *words: str, **settings: str) -> Iterator[Desk]:
        """One that has not been started, in a folder and with a database of its own. Nothing of it stays."""
        folder = self.folder / f"desk-{secrets.token_hex(4)}"
        with self._url(database, folder) as url:
            desk = Desk(folder, {"DATABASE__URL": url} | settings, words)
            try:
                if database == POSTGRESQL:
                    desk.run("migrate")
                yield desk
            finally:
                desk.end()

    @contextmanager
    def _url(self, database: str, folder: Path) -> Iterator[str]:
        if database == SQLITE:
            yield f"sqlite:///{folder / 'firstline.db'}"
            return
        if self._server is None:
            # The tests' server doesn't wait for the disk, and one that keeps mail has to.
            databases.OPTIONS.update(fsync="on", full_page_writes="on")
            self._server = self._held.enter_context(databases.postgresql())
        with self._server.database() as url:
            yield url

    def sync_seconds(self) -> float:
        """What one small write takes until it is on the disk: most of what a commit waits for."""
        with (self.folder / "sync").open("wb", buffering=0) as file:
            return statistics.median(_synced(file.fileno()) for _ in range(50))


def _synced(descriptor: int) -> float:
    began = time.monotonic()
    os.write(descriptor, b"x" * 4096)
    os.fdatasync(descriptor)
    return time.monotonic() - began


def progress(words: str) -> None:
    print(f"bench: {words}", file=sys.stderr, flush=True)
