"""Mail out by a relay: what is known after each way of failing."""

import asyncio
import re
import ssl
import time

import pytest

from bot.connector import DeliveryFailed
from bot.failpoints import FailpointReached, arm
from bot.model import Receipt
from connectors.mail.out import MailOut
from connectors.mail.threads import BOUNCE, reply_address
from connectors.relay import Relay, RelayAddress, RelayPatience
from tests.connectors.parcels import MAILBOX, RING, parcel, ready, render
from tests.connectors.smtp_desk import CERTIFICATE, KEY
from tests.fakes import CUT, HANG, FakeRelay

SHORT = RelayPatience(connect=0.3, command=0.3, final=0.3)


def _relay(fake: FakeRelay, url: str = "smtp://127.0.0.1:{}", patience: RelayPatience = SHORT) -> Relay:
    trusted = ssl.create_default_context(cafile=str(CERTIFICATE)) if "@" in url or "smtps" in url else None
    address = RelayAddress.parse(url.format(fake.port))
    return Relay(address, render, hostname="desk.example", patience=patience, authorities=trusted)


def _server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    return context


async def test_the_stored_bytes_go_out_as_they_are() -> None:
    one = ready()
    async with FakeRelay() as fake:
        receipt = await _relay(fake).deliver(one)
    assert receipt == Receipt(one.reference or "")
    (sent,) = fake.mails
    assert sent.raw == one.rendered
    assert sent.recipients == ("ann@cust.example",)
    assert sent.sender == one.sender == reply_address(MAILBOX, RING.sign(one.id, BOUNCE))
    assert fake.commands[0] == "EHLO desk.example"
    assert b"\r\n.\r\n" in sent.raw


async def test_a_large_mail_goes_out_whole() -> None:
    one = ready(parcel(text=".line\n" * 300_000))
    async with FakeRelay() as fake:
        await _relay(fake, patience=RelayPatience(5, 5, 5)).deliver(one)
    assert fake.mails[0].raw == one.rendered


async def test_it_can_never_tell_later() -> None:
    async with FakeRelay() as fake:
        way_out: MailOut = _relay(fake)
        assert await way_out.settle(ready()) is None


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ({"greeting": "421 busy"}, "unreachable"),
        ({"greeting": "554 go away"}, "unreachable"),
        ({"greeting": "what?"}, "unreachable"),
        ({"greeting": CUT}, "unreachable"),
        ({"greeting": HANG}, "unreachable"),
        ({"EHLO": "421 busy"}, "unreachable"),
        ({"EHLO": CUT}, "unreachable"),
        ({"MAIL": "421 busy"}, "unreachable"),
        ({"MAIL": "530 5.7.0 log in first"}, "unreachable"),
        ({"MAIL": "451 later"}, "temporary"),
        ({"MAIL": "550 never"}, "permanent"),
        ({"RCPT": "421 busy"}, "unreachable"),
        ({"RCPT": "450 4.2.1 full"}, "temporary"),
        ({"RCPT": "550 5.1.1 unknown"}, "permanent"),
        ({"RCPT": CUT}, "temporary"),
        ({"RCPT": HANG}, "temporary"),
        ({"DATA": "451 later"}, "temporary"),
        ({"DATA": "554 never"}, "permanent"),
        ({"DATA": CUT}, "temporary"),
        ({"DATA": HANG}, "temporary"),
        ({"dot": "451 later"}, "temporary"),
        ({"dot": "421 busy"}, "unreachable"),
        ({"dot": "554 spam"}, "permanent"),
        ({"dot": CUT}, "unknown"),
        ({"dot": HANG}, "unknown"),
        ({"dot": "what?"}, "unknown"),
        ({"dot": "354 again"}, "unknown"),
    ],
    ids=str,
)
async def test_each_way_of_failing(script: dict[str, str], kind: str) -> None:
    async with FakeRelay(script) as fake:
        with pytest.raises(DeliveryFailed) as caught:
            await _relay(fake).deliver(ready())
        assert _kind(caught.value) == kind
        assert len(fake.mails) == ("dot" in script)
        assert re.search(rf"127\.0\.0\.1:{fake.port}", caught.value.reason)


def _kind(failed: DeliveryFailed) -> str:
    kinds = [name for name in ("permanent", "unknown", "unreachable") if getattr(failed, name)]
    assert len(kinds) <= 1
    return kinds[0] if kinds else "temporary"


@pytest.mark.parametrize("fault", [CUT, HANG, "452 4.3.1 full", "552 5.3.4 too large"])
async def test_a_fault_before_the_final_dot_is_never_in_doubt(fault: str) -> None:
    """The mail is larger than what the network holds, so that the dot has not left when the fault comes."""
    one = ready(parcel(text="x" * 20_000_000))
    async with FakeRelay({"body": fault}) as fake:
        with pytest.raises(DeliveryFailed) as caught:
            await _relay(fake).deliver(one)
    assert _kind(caught.value) == ("permanent" if fault.startswith("5") else "temporary")
    assert fake.mails == []


async def test_a_relay_that_is_not_there() -> None:
    async with FakeRelay() as fake:
        port = fake.port
    fake.port = port
    with pytest.raises(DeliveryFailed) as caught:
        await _relay(fake).deliver(ready())
    assert caught.value.unreachable
    nowhere = Relay(RelayAddress.parse("smtp://nowhere.invalid:25"), render, hostname="x", patience=SHORT)
    with pytest.raises(DeliveryFailed) as caught:
        await nowhere.deliver(ready())
    assert caught.value.unreachable


@pytest.mark.parametrize("to", ["nobody", "a@b.example\r\nRCPT TO:<c@d.example>", "ä nn@cust.example", ""])
async def test_a_bad_address_is_refused_before_anything_is_sent(to: str) -> None:
    async with FakeRelay() as fake:
        with pytest.raises(DeliveryFailed) as caught:
            await _relay(fake).deliver(ready(parcel({"to": {"address": to}})))
        assert caught.value.permanent
        assert fake.connections == 0


async def test_starttls_is_used_when_offered_whatever_the_certificate() -> None:
    async with FakeRelay(tls=_server_tls()) as fake:
        await _relay(fake, patience=RelayPatience(5, 5, 5)).deliver(ready())
    assert fake.mails[0].tls
    assert [one.split()[0] for one in fake.commands[:4]] == ["EHLO", "STARTTLS", "EHLO", "MAIL"]


async def test_where_tls_is_required_nothing_is_sent_without() -> None:
    async with FakeRelay() as fake:
        address = RelayAddress.parse(f"smtp://127.0.0.1:{fake.port}", required=True)
        with pytest.raises(DeliveryFailed, match="TLS") as caught:
            await Relay(address, render, hostname="x", patience=SHORT).deliver(ready())
    assert caught.value.unreachable
    assert [one.split()[0] for one in fake.commands] == ["EHLO"]


async def test_where_tls_is_required_the_certificate_must_be_valid() -> None:
    async with FakeRelay(tls=_server_tls()) as fake:
        address = RelayAddress.parse(f"smtp://localhost:{fake.port}", required=True)
        with pytest.raises(DeliveryFailed) as caught:
            await Relay(address, render, hostname="x", patience=RelayPatience(5, 5, 5)).deliver(ready())
        assert caught.value.unreachable
        trusted = ssl.create_default_context(cafile=str(CERTIFICATE))
        known = Relay(address, render, hostname="x", patience=RelayPatience(5, 5, 5), authorities=trusted)
        await known.deliver(ready())
    assert [mail.tls for mail in fake.mails] == [True]


async def test_tls_from_the_first_byte() -> None:
    async with FakeRelay(tls=_server_tls(), implicit=True) as fake:
        await _relay(fake, "smtps://localhost:{}", RelayPatience(5, 5, 5)).deliver(ready())
        address = RelayAddress.parse(f"smtps://localhost:{fake.port}")
        with pytest.raises(DeliveryFailed) as caught:
            await Relay(address, render, hostname="x", patience=RelayPatience(5, 5, 5)).deliver(ready())
    assert caught.value.unreachable
    assert len(fake.mails) == 1
    assert fake.mails[0].tls


async def test_a_login_over_tls() -> None:
    async with FakeRelay(tls=_server_tls(), offers=("AUTH PLAIN",)) as fake:
        await _relay(fake, "smtp://us%40er:pass%2Fword@localhost:{}", RelayPatience(5, 5, 5)).deliver(ready())
    assert any(one.startswith("AUTH PLAIN") for one in fake.commands)
    assert len(fake.mails) == 1


async def test_a_password_is_never_sent_without_tls_or_to_somebody_else() -> None:
    async with FakeRelay(offers=("AUTH PLAIN LOGIN",)) as fake:
        with pytest.raises(DeliveryFailed, match="TLS") as caught:
            await _relay(fake, "smtp://user:secret@127.0.0.1:{}").deliver(ready())
        assert caught.value.unreachable
    async with FakeRelay(tls=_server_tls(), offers=("AUTH PLAIN",)) as impostor:
        address = RelayAddress.parse(f"smtp://user:secret@127.0.0.1:{impostor.port}")
        with pytest.raises(DeliveryFailed) as caught:
            await Relay(address, render, hostname="x", patience=RelayPatience(5, 5, 5)).deliver(ready())
        assert caught.value.unreachable
    assert not any(one.startswith("AUTH") for one in fake.commands + impostor.commands)


async def test_a_refused_login_pauses_the_channel() -> None:
    async with FakeRelay({"AUTH": "535 5.7.8 wrong"}, tls=_server_tls(), offers=("AUTH PLAIN",)) as fake:
        with pytest.raises(DeliveryFailed, match="535") as caught:
            await _relay(fake, "smtp://user:secret@localhost:{}", RelayPatience(5, 5, 5)).deliver(ready())
        assert caught.value.unreachable
        assert "secret" not in caught.value.reason


async def test_cancelled_in_the_middle_leaves_no_connection() -> None:
    async with FakeRelay({"dot": HANG}) as fake:
        task = asyncio.create_task(_relay(fake, patience=RelayPatience(5, 5, 5)).deliver(ready()))
        began = time.monotonic()
        while not fake.mails:
            assert time.monotonic() - began < 5
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(("point", "sent"), [("relay.send.before", 0), ("relay.send.after", 1)])
async def test_a_fault_on_either_side(point: str, sent: int) -> None:
    arm(f"{point}:fail@1")
    try:
        async with FakeRelay() as fake:
            with pytest.raises(FailpointReached):
                await _relay(fake).deliver(ready())
    finally:
        arm(None)
    assert len(fake.mails) == sent


async def test_a_parcel_that_was_never_rendered_is_a_mistake_of_ours() -> None:
    async with FakeRelay() as fake:
        with pytest.raises(ValueError, match="must be rendered"):
            await _relay(fake).deliver(parcel())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("smtp://relay.example:2525", RelayAddress("relay.example", 2525)),
        ("smtp://relay.example", RelayAddress("relay.example", 25)),
        ("smtps://relay.example/", RelayAddress("relay.example", 465, tls=True)),
        ("smtp://u:p%40@relay.example", RelayAddress("relay.example", 587, user="u", password="p@")),
        ("smtp://[::1]:25", RelayAddress("::1", 25)),
    ],
)
def test_relay_addresses(url: str, address: RelayAddress) -> None:
    assert RelayAddress.parse(url) == address
    assert "p@" not in repr(RelayAddress.parse(url))


@pytest.mark.parametrize(
    "url", ["", "relay:25", "http://relay", "smtp://", "smtp://relay:x", "smtp://relay:99999", "smtp://u@relay",
            "smtp://relay/path", "smtp://[::1", "smtp://secret:secret@:25"]
)  # fmt: skip
def test_what_is_no_relay_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://") as caught:
        RelayAddress.parse(url)
    assert "secret" not in str(caught.value)
