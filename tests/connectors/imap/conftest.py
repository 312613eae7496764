"""Real IMAP servers: one of each for the whole session, an empty account on it for each test."""

from collections.abc import Iterator

import pytest

from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.imap import Account, NoImapServer
from tests.servers.pymap_server import Pymap, pymap


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    try:
        with dovecot() as server:
            yield server
    except NoImapServer as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def pymap_server() -> Iterator[Pymap]:
    try:
        with pymap() as server:
            yield server
    except NoImapServer as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["dovecot", "pymap"])
def account(request: pytest.FixtureRequest) -> Account:
    """The test runs on both."""
    server: Dovecot | Pymap = request.getfixturevalue(f"{request.param}_server")
    return server.account()


@pytest.fixture
def own_dovecot() -> Iterator[Dovecot]:
    """One that the test may stop and kill."""
    try:
        with dovecot() as server:
            yield server
    except NoImapServer as reason:
        pytest.skip(str(reason))
