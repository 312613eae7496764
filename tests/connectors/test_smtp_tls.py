"""SMTP in: STARTTLS."""

import asyncio
import shutil
import time
from pathlib import Path

import pytest

from connectors.smtp import CertificateUnusable, SmtpConnector
from tests.connectors.smtp_desk import BODY, CERTIFICATE, KEY, SUPPORT, TRUSTING, NoWayOut, desk, settings
from tests.fakes import PlainReader, SmtpClient
from tests.waiting import until


async def _upgrade(client: SmtpClient) -> SmtpClient:
    assert (await client.say("STARTTLS")).startswith("220")
    await client.writer.start_tls(TRUSTING, server_hostname="localhost")
    return client


async def test_a_mail_over_tls() -> None:
    body = BODY + b"x" * 300_000 + b"\r\n"
    async with desk(tls=True) as here, SmtpClient.to(here.endpoint) as client:
        assert "STARTTLS" in await client.greet()
        await _upgrade(client)
        offers = await client.say("EHLO again")
        assert "STARTTLS" not in offers
        assert "AUTH" not in offers
        assert (await client.say("STARTTLS")).startswith("503")
        assert (await client.mail(SUPPORT, body)).startswith("250 2.0.0")
        assert (await client.say("QUIT")).startswith("221")
    (arrival,) = here.keep.arrivals
    assert arrival.envelope["tls"] is True
    assert arrival.envelope["helo"] == "again"
    assert arrival.raw == body


async def test_clients_that_leave_in_the_handshake_leave_their_places() -> None:
    async with desk(tls=True, connections_per_client=1) as here:
        for last_words in b"", b"\x16\x03\x01\x02\x00":
            async with SmtpClient.to(here.endpoint) as client:
                await client.greet()
                assert (await client.say("STARTTLS")).startswith("220")
                client.send(last_words)
                await client.writer.drain()
            await until(lambda: not here.house.sessions)
        async with SmtpClient.to(here.endpoint) as client:
            assert "STARTTLS" in await client.greet()


async def test_a_deadline_holds_under_tls() -> None:
    async with desk(tls=True, idle=0.3) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await _upgrade(client)
        assert (await client.reply()).startswith("421 4.4.2")
        assert await client.closed()


async def test_draining_under_tls() -> None:
    async with desk(tls=True) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await _upgrade(client)
        await client.say("EHLO x")
        here.listening.cancel()
        assert (await client.reply()).startswith("421 4.3.2")
        client.writer.close()
        await asyncio.wait([here.listening], timeout=5)
        assert here.listening.done()


async def test_draining_ends_a_handshake_that_stalls() -> None:
    async with desk(tls=True, drain=0.2) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.say("STARTTLS")).startswith("220")
        house = here.house
        began = time.monotonic()
        here.listening.cancel()
        await asyncio.wait([here.listening], timeout=5)
        assert time.monotonic() - began < 1
        assert not house.sessions
        assert not [task for task in asyncio.all_tasks() if "_handle_client" in repr(task)]


async def test_a_certificate_may_be_changed(tmp_path: Path) -> None:
    async with desk() as here:
        async with SmtpClient.to(here.endpoint) as client:
            assert "STARTTLS" not in await client.greet()
            assert (await client.say("STARTTLS")).startswith("454")
        here.connector.set_certificate(CERTIFICATE, KEY)
        (tmp_path / "bad.pem").write_text("not a certificate")
        with pytest.raises(CertificateUnusable, match=r"bad\.pem"):
            here.connector.set_certificate(tmp_path / "bad.pem", KEY)
        async with SmtpClient.to(here.endpoint) as client:
            await client.greet()
            await _upgrade(client)
            assert (await client.say("EHLO x")).startswith("250")


def test_a_bad_certificate_is_refused_by_name(tmp_path: Path) -> None:
    def connector(certificate: Path, key: Path | None) -> SmtpConnector:
        return SmtpConnector(settings(certificate=certificate, key=key), reader=PlainReader(), out=NoWayOut())

    with pytest.raises(CertificateUnusable, match=r"nowhere\.pem.*No such file"):
        connector(tmp_path / "nowhere.pem", None)
    with pytest.raises(CertificateUnusable, match=r"cert\.pem"):
        connector(CERTIFICATE, CERTIFICATE)
    both = tmp_path / "both.pem"
    shutil.copyfile(CERTIFICATE, both)
    with both.open("a") as file:
        file.write(KEY.read_text())
    connector(both, None)
