"""A PostgreSQL that can be crashed and started again on the same port."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.databases import Cluster, NoServer, Server, postgresql


class CrashableCluster(Cluster):
    def crash(self) -> None:
        """What `pg_ctl stop -m immediate` does: no checkpoint, every connection cut."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        self.stop()

    def _ready(self) -> bool:
        """By asking it: whoever waits for it as we do fills its log with FATAL."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text(errors="replace")
        try:
            psycopg.connect(
                host="127.0.0.1", port=self.port, user="postgres", password=self.password, connect_timeout=5
            ).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def crashable_postgresql() -> Iterator[tuple[Server, CrashableCluster | None]]:
    """A server, and its cluster when it is our own and may be crashed. Raises NoServer."""
    if os.environ.get("FIRSTLINE_TEST_DATABASE"):
        with postgresql() as server:
            yield server, None
        return
    with tempfile.TemporaryDirectory(prefix="firstline-crash-pg-") as folder:
        try:
            cluster = CrashableCluster(Path(folder))
        except (OSError, subprocess.SubprocessError) as problem:
            raise NoServer(f"PostgreSQL can't be set up: {problem}") from problem
        try:
            yield Server(cluster.start()), cluster
        finally:
            cluster.stop()
