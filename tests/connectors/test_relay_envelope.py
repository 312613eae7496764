"""Who gets a mail, and what a relay says it can't take before it is sent any."""

import dataclasses

import pytest

from bot.connector import DeliveryFailed
from bot.model import Parcel
from connectors.mail.out import ByMailbox, envelope
from connectors.relay import Relay, RelayAddress, RelayPatience
from tests.connectors.parcels import parcel, ready, render
from tests.fakes import FakeRelay

BOB = {"name": "Bob", "address": "bob@cust.example"}
EVE = {"name": "Eve", "address": "eve@other.example"}
GRETA = {"name": "Greta", "address": "grüße@bücher.example"}
GRETA_ON_THE_WIRE = "grüße@xn--bcher-kva.example"
UTF8 = ("SMTPUTF8", "8BITMIME")


def _relay(fake: FakeRelay) -> Relay:
    address = RelayAddress.parse(f"smtp://127.0.0.1:{fake.port}")
    return Relay(address, render, hostname="desk.example", patience=RelayPatience(5, 5, 5))


def _to(*copies: object, **to: object) -> Parcel:
    return ready(parcel({"cc": list(copies)} | to))


# ------------------------------------------------------------------ copies


async def test_copies_go_to_everybody_in_one_mail() -> None:
    async with FakeRelay() as fake:
        receipt = await _relay(fake).deliver(_to(BOB, EVE))
    assert fake.mails[0].recipients == ("ann@cust.example", "bob@cust.example", "eve@other.example")
    assert receipt.refused == ()
    assert len(fake.mails) == 1


async def test_a_refused_copy_stops_nobody_else_and_is_told() -> None:
    async with FakeRelay({"RCPT bob@cust.example": "550 5.1.1 no such box"}) as fake:
        receipt = await _relay(fake).deliver(_to(BOB, EVE))
    assert fake.mails[0].recipients == ("ann@cust.example", "eve@other.example")
    assert receipt.refused == ("bob@cust.example: 550 5.1.1 no such box",)


async def test_a_copy_that_is_put_off_is_refused_too_or_all_would_get_theirs_twice() -> None:
    async with FakeRelay({"RCPT bob@cust.example": "450 4.2.1 full"}) as fake:
        receipt = await _relay(fake).deliver(_to(BOB))
    assert fake.mails[0].recipients == ("ann@cust.example",)
    assert receipt.refused == ("bob@cust.example: 450 4.2.1 full",)


async def test_a_relay_that_hangs_up_at_a_copy_gets_no_mail() -> None:
    async with FakeRelay({"RCPT bob@cust.example": "421 closing"}) as fake:
        with pytest.raises(DeliveryFailed) as caught:
            await _relay(fake).deliver(_to(BOB))
    assert caught.value.unreachable
    assert fake.mails == []


async def test_the_refused_main_recipient_is_a_failure_whoever_else_is_copied() -> None:
    async with FakeRelay({"RCPT ann@cust.example": "550 5.1.1 no such box"}) as fake:
        with pytest.raises(DeliveryFailed, match=r"5\.1\.1") as caught:
            await _relay(fake).deliver(_to(BOB))
    assert caught.value.permanent
    assert fake.mails == []


def test_copies_are_few_and_each_is_somebody_else() -> None:
    many = [{"name": "", "address": f"c{number}@cust.example"} for number in range(30)]
    found = envelope(_to(BOB, BOB, {"address": "ann@cust.example"}, {"address": "no address"}, None, 7, *many)).copies
    assert found == ("bob@cust.example", *(f"c{number}@cust.example" for number in range(19)))


@pytest.mark.parametrize("listed", [None, "bob@cust.example", {"address": "bob@cust.example"}, 7])
def test_what_is_no_list_of_copies_is_none(listed: object) -> None:
    assert envelope(ready(parcel({"cc": listed}))).copies == ()


def test_what_was_rendered_before_senders_were_stored_keeps_its_first_sender() -> None:
    one = dataclasses.replace(ready(), sender="")
    assert envelope(one).sender.startswith("support+")
    assert f"Reply-To: {envelope(one).sender}\r\n".encode() in (one.rendered or b"")


# ------------------------------------------------------------------ what a relay can't take


async def test_an_address_of_other_letters_goes_to_a_relay_that_takes_them() -> None:
    async with FakeRelay(offers=UTF8) as fake:
        await _relay(fake).deliver(_to(to=GRETA))
    assert fake.mails[0].recipients == (GRETA_ON_THE_WIRE,)
    assert fake.mails[0].raw.isascii()
    assert next(one for one in fake.commands if one.startswith("MAIL")).endswith(" SMTPUTF8")


async def test_other_letters_are_not_announced_without_need() -> None:
    async with FakeRelay(offers=UTF8) as fake:
        await _relay(fake).deliver(_to(BOB))
    assert not any("SMTPUTF8" in one for one in fake.commands)


async def test_an_address_that_the_relay_has_no_letters_for_is_refused_for_good() -> None:
    async with FakeRelay() as fake:
        with pytest.raises(DeliveryFailed, match="SMTPUTF8") as caught:
            await _relay(fake).deliver(_to(to=GRETA))
    assert caught.value.permanent
    assert not any(one.startswith("MAIL") for one in fake.commands)


async def test_a_copy_that_the_relay_has_no_letters_for_is_lost_alone() -> None:
    async with FakeRelay() as fake:
        receipt = await _relay(fake).deliver(_to(GRETA, BOB))
    assert fake.mails[0].recipients == ("ann@cust.example", "bob@cust.example")
    (line,) = receipt.refused
    assert line.startswith(f"{GRETA_ON_THE_WIRE}: ")
    assert "SMTPUTF8" in line


async def test_a_mail_that_is_too_large_for_the_relay_is_refused_before_it_is_sent() -> None:
    one = ready()
    size = len(one.rendered or b"")
    async with FakeRelay(offers=(f"SIZE {size - 1}",)) as fake:
        with pytest.raises(DeliveryFailed, match=f"{size} bytes") as caught:
            await _relay(fake).deliver(one)
        assert caught.value.permanent
        assert not any(one.startswith("MAIL") for one in fake.commands)


@pytest.mark.parametrize("limit", ["SIZE {}", "SIZE 0", "SIZE", "SIZE what", "SIZE " + "9" * 5000])
async def test_a_mail_that_fits_is_announced_with_its_size(limit: str) -> None:
    one = ready()
    size = len(one.rendered or b"")
    async with FakeRelay(offers=(limit.format(size),)) as fake:
        await _relay(fake).deliver(one)
    assert len(fake.mails) == 1
    assert any(one.endswith(f"SIZE={size}") for one in fake.commands)


# ------------------------------------------------------------------ several ways out


async def test_a_mailbox_with_a_relay_of_its_own_uses_that_one() -> None:
    async with FakeRelay() as usual, FakeRelay() as own:
        out = ByMailbox(_relay(usual), {"billing@desk.example": _relay(own)})
        await out.deliver(_to(mailbox="Billing@desk.example"))
        await out.deliver(_to(mailbox="support@desk.example"))
    assert [len(usual.mails), len(own.mails)] == [1, 1]
    assert b"\r\nreply-to: billing+" in own.mails[0].raw.lower()


async def test_a_relay_of_one_mailbox_that_is_away_pauses_nobody_else() -> None:
    async with FakeRelay({"greeting": "421 busy"}) as usual, FakeRelay({"greeting": "421 busy"}) as own:
        out = ByMailbox(_relay(usual), {"billing@desk.example": _relay(own)})
        with pytest.raises(DeliveryFailed) as caught:
            await out.deliver(_to(mailbox="billing@desk.example"))
        assert not caught.value.unreachable
        assert not caught.value.permanent
        with pytest.raises(DeliveryFailed) as caught:
            await out.deliver(_to())
        assert caught.value.unreachable
