"""SMTP in: what well-behaved clients meet."""

import asyncio
import hashlib
import json
import logging
import time
from uuid import UUID

import pytest

from config.logging import Json
from connectors.smtp import SmtpConnector
from tests.connectors.smtp_desk import BODY, OURS, SUPPORT, NoWayOut, desk, settings
from tests.fakes import PlainReader, RecordingKeep, SmtpClient
from tests.waiting import until


async def test_a_mail_is_kept_whole_with_its_envelope() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        offers = await client.greet("mx.cust.example")
        body = b"Subject: x\r\n\r\n..dot\r\n\xff\x00 bare\nlf bare\rcr\r\n"
        answer = await client.mail(SUPPORT.upper(), body, "Ann@cust.example")
    (arrival,) = here.keep.arrivals
    assert answer == f"250 2.0.0 {arrival.id}"
    assert arrival.channel == "smtp"
    assert arrival.raw == body.replace(b"..dot", b".dot")
    assert arrival.envelope == {
        "from": "Ann@cust.example",
        "to": [f"SUPPORT@{OURS}"],
        "peer": "127.0.0.1",
        "helo": "mx.cust.example",
        "tls": False,
    }
    assert "SIZE 25000000" in offers
    assert "SMTPUTF8" in offers
    assert "PIPELINING" in offers
    assert "AUTH" not in offers
    assert "STARTTLS" not in offers
    assert "CHUNKING" not in offers


async def test_the_key_is_of_sender_sorted_recipients_and_bytes() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        for order in (f"b@{OURS}", f"a@{OURS}"), (f"a@{OURS}", f"b@{OURS}", f"a@{OURS}"):
            await client.say("MAIL FROM:<ann@cust.example>")
            for recipient in order:
                await client.say(f"RCPT TO:<{recipient}>")
            await client.say("DATA")
            client.send(BODY + b".\r\n")
            await client.reply()
    (arrival,) = here.keep.arrivals
    envelope = json.dumps(["ann@cust.example", [f"a@{OURS}", f"b@{OURS}"]]).encode()
    assert arrival.transport_key == hashlib.sha256(envelope + b"\n" + BODY).hexdigest()
    assert arrival.envelope["to"] == [f"b@{OURS}", f"a@{OURS}"]


async def test_the_same_mail_again_is_acknowledged_with_the_first_id() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        first = await client.mail(SUPPORT, BODY)
        again = await client.mail(SUPPORT, BODY)
        other = await client.mail(SUPPORT, BODY, "bob@cust.example")
    assert first == again != other
    assert [UUID(first.split()[-1]), UUID(other.split()[-1])] == [one.id for one in here.keep.arrivals]


async def test_nothing_is_acknowledged_before_it_is_kept() -> None:
    keep = RecordingKeep()
    keep.open.clear()
    async with desk(keep) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(BODY + b".\r\n")
        answer = asyncio.create_task(client.reply())
        await until(lambda: keep.waiting == 1)
        assert not answer.done()
        keep.open.set()
        assert (await answer).startswith("250 2.0.0 ")


async def test_a_store_that_never_answers_is_passing_trouble() -> None:
    keep = RecordingKeep()
    keep.open.clear()
    async with desk(keep, keep=0.05) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.mail(SUPPORT, BODY)).startswith("451 4.3.0")
        assert keep.waiting == 0


async def test_null_sender_postmaster_and_foreign_domains() -> None:
    async with desk() as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        assert (await client.say("MAIL FROM:<>")).startswith("250")
        assert (await client.say("RCPT TO:<ann@cust.example>")).startswith("550 5.7.1")
        assert (await client.say(f"RCPT TO:<ann@sub.{OURS}>")).startswith("550 5.7.1")
        assert (await client.say("RCPT TO:<Postmaster>")).startswith("250")
        assert (await client.say("RCPT TO:<postmaster@Other.Example>")).startswith("250")
        await client.say("DATA")
        client.send(BODY + b".\r\n")
        await client.reply()
    assert here.keep.arrivals[0].envelope["from"] == ""
    assert here.keep.arrivals[0].envelope["to"] == [f"postmaster@{OURS}", "postmaster@other.example"]


async def test_a_port_in_use_is_an_os_error_that_names_it() -> None:
    async with desk() as here:
        host, port = here.endpoint or ("", 0)
        second = SmtpConnector(
            type(here.connector.settings)(frozenset({OURS}), host=host, port=port), reader=PlainReader(), out=NoWayOut()
        )
        with pytest.raises(OSError, match="address already in use") as caught:
            await second.listen(RecordingKeep())
        assert caught.value.errno == 98
        assert not second.ready.is_set()


async def test_what_is_logged_holds_no_address_and_no_word(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with desk(RecordingKeep(RuntimeError("canary-error"))) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet("canary-helo")
        body = b"canary-body-one canary-body-two\r\n"
        for _ in range(2):
            await client.mail(f"canary-to@{OURS}", body, "canary-from@cust.example")
        await client.say("canary-command and canary-argument")
        await client.say("MAIL FROM:<canary-second@cust.example>")
    lines = [Json().format(record) for record in caplog.records]
    assert any("could not be kept" in line and "RuntimeError" in line for line in lines)
    assert "canary" not in "".join(lines).lower()
    # aiosmtpd's own words are worse: it must not speak at all.
    assert "mail.log" not in {record.name for record in caplog.records}


# ------------------------------------------------------------------ draining


async def test_draining_finishes_mails_and_sends_others_home() -> None:
    keep = RecordingKeep()
    keep.open.clear()
    async with desk(keep) as here, SmtpClient.to(here.endpoint) as busy, SmtpClient.to(here.endpoint) as idle:
        await busy.greet()
        await busy.begin(SUPPORT)
        busy.send(BODY + b".\r\n")
        await idle.greet()
        await idle.say("MAIL FROM:<ann@cust.example>")
        await until(lambda: keep.waiting == 1)
        here.listening.cancel()
        assert (await idle.say("RCPT TO:<x@y>")).startswith("421 4.3.2")
        assert await idle.closed()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*(here.endpoint or ("", 0)))
        assert not here.listening.done()
        keep.open.set()
        assert (await busy.reply()).startswith("250 2.0.0")
        assert (await busy.reply()).startswith("421 4.3.2")
        await asyncio.wait([here.listening], timeout=5)
        assert here.listening.cancelled()
    assert here.raws == [BODY]


async def test_draining_ends_in_time_whatever_a_client_does() -> None:
    async with desk(drain=0.2) as here, SmtpClient.to(here.endpoint) as client:
        await client.greet()
        await client.begin(SUPPORT)
        client.send(b"never finished")
        began = time.monotonic()
        here.listening.cancel()
        await asyncio.wait([here.listening], timeout=5)
        assert here.listening.done()
        assert 0.15 < time.monotonic() - began < 3
        assert await client.closed()
    assert here.raws == []


async def test_it_listens_again_after_it_was_drained() -> None:
    connector = SmtpConnector(settings(), reader=PlainReader(), out=NoWayOut())
    for _ in range(2):
        keep = RecordingKeep()
        task = asyncio.create_task(connector.listen(keep))
        await connector.ready.wait()
        async with SmtpClient.to(connector.endpoint) as client:
            await client.greet()
            assert (await client.mail(SUPPORT, BODY)).startswith("250")
        task.cancel()
        await asyncio.wait([task])
        assert not connector.ready.is_set()
