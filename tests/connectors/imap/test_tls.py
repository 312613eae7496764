"""Passwords leave this machine only towards a server that has proved who it is."""

import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.imap.address import ImapAddress
from connectors.imap.settings import ImapSettings
from tests.config.certificates import make
from tests.connectors.imap.fetching import fetching, settings
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.imap import NoImapServer
from tests.servers.script import ImapScript
from tests.waiting import until


class Far(ImapAddress):
    """As if it were on another machine."""

    @property
    def is_here(self) -> bool:
        return False


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make(tmp_path_factory.mktemp("tls"), "imap", "localhost")


@pytest.fixture(scope="module")
def server(certificate: tuple[Path, Path]) -> Iterator[Dovecot]:
    try:
        with dovecot(certificate=str(certificate[0]), key=str(certificate[1])) as running:
            yield running
    except NoImapServer as reason:
        pytest.skip(str(reason))


def at(server: Dovecot, address: ImapAddress, trusted: Path | None = None) -> ImapSettings:
    authorities = ssl.create_default_context(cafile=str(trusted)) if trusted else None
    return settings(server.account(), address=address, authorities=authorities)


@pytest.mark.parametrize("tls", [True, False])
async def test_a_server_that_proves_who_it_is(server: Dovecot, certificate: tuple[Path, Path], tls: bool) -> None:
    address = ImapAddress("localhost", server.tls_port) if tls else Far("localhost", server.port, tls=False)
    async with fetching(at(server, address, certificate[0])) as box:
        await box.looked()
    assert not box.marks.reasons


@pytest.mark.parametrize("tls", [True, False])
async def test_a_certificate_that_nobody_vouches_for(server: Dovecot, tls: bool) -> None:
    address = ImapAddress("localhost", server.tls_port) if tls else Far("localhost", server.port, tls=False)
    async with fetching(at(server, address)) as box:
        await until(lambda: box.marks.reasons)
    assert "the certificate of localhost" in box.marks.reasons[0]
    assert "can't be trusted" in box.marks.reasons[0]


async def test_a_certificate_for_another_name(server: Dovecot, certificate: tuple[Path, Path]) -> None:
    async with fetching(at(server, ImapAddress("127.0.0.1", server.tls_port), certificate[0])) as box:
        await until(lambda: box.marks.reasons)
    assert "can't be trusted: IP address mismatch" in box.marks.reasons[0]


@pytest.mark.parametrize("greeting", [b"* OK script\r\n", b"* PREAUTH welcome\r\n"])
async def test_without_starttls_no_password_is_sent(greeting: bytes) -> None:
    """A PREAUTH greeting would do away with STARTTLS (RFC 9051, section 7.1.4)."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(ImapScript(script={"GREETING": greeting}))
        address = Far("127.0.0.1", server.port, tls=False)
        box = await stack.enter_async_context(fetching(settings(server.port, address=address)))
        await until(lambda: box.marks.reasons)
    assert server.commands
    assert not [line for line in server.commands if "LOGIN" in line or "AUTHENTICATE" in line]


def test_what_is_on_this_machine() -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        assert ImapAddress(host, 143, tls=False).is_here
    for host in ("192.0.2.1", "localhost.example.org", "mail.example.org", "0.0.0.0"):
        assert not ImapAddress(host, 143, tls=False).is_here
