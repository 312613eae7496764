"""How the mailboxes of the settings show themselves in mail, and by what way it leaves."""

import pytest

from config.channels import mail_out, place
from config.errors import WrongUse
from config.identities import identities
from config.settings import Settings
from connectors.mail.out import ByMailbox
from connectors.mail.writing.identities import MailIdentity
from connectors.outbox_folder import OutboxFolder
from connectors.relay import Relay
from tests.connectors.parcels import RING

USUAL = "support@desk.example"
HELP = {"address": "Help@shop.example", "name": "Shop", "signature": "The shop\nMon-Fri", "language": "de"}
SALES = {"address": "sales@shop.example", "quote": "never", "relay": "smtp://127.0.0.1:2526"}
FETCHED = {"address": "shop@mail.example", "url": "imaps://mail.example", "password": "x"}


def _settings(**sections: object) -> Settings:
    return Settings.model_validate({"desk": {"name": "Desk"}} | sections)


def test_without_mailboxes_the_desk_speaks_for_all() -> None:
    found = identities(_settings(), USUAL)
    assert found.default == MailIdentity(USUAL, "Desk")
    assert found.of("sales@desk.example") == MailIdentity("sales@desk.example", "Desk")
    assert identities(_settings(relay={"sender_name": "Us"}), USUAL).default.name == "Us"


def test_each_mailbox_has_its_own_name_and_the_first_speaks_for_what_is_unknown() -> None:
    found = identities(_settings(mailboxes={"help": HELP, "sales": SALES, "shop": FETCHED}), USUAL)
    shop = MailIdentity("Help@shop.example", "Shop", "The shop\nMon-Fri", "de")
    assert found.of("help@SHOP.example") == found.of("") == found.default == shop
    assert found.of("sales@shop.example") == MailIdentity("sales@shop.example", "Desk", quotes=False)
    assert found.of("shop@mail.example").polled
    assert found.of("x@desk.example").name == "Shop"


def test_an_unknown_address_is_never_one_that_is_fetched() -> None:
    found = identities(_settings(mailboxes={"shop": FETCHED}), USUAL)
    assert found.default.polled
    assert not found.of("x@desk.example").polled


def test_agents_are_called_from_where_their_answers_reach_us() -> None:
    assert place(_settings(mailboxes={"shop": FETCHED})).address["mailbox"] == "shop@mail.example"
    assert place(_settings(smtp={"domains": ["desk.example"]})).address["mailbox"] == USUAL


def test_a_mailbox_that_no_mail_can_come_from_is_named() -> None:
    with pytest.raises(WrongUse, match="grüße"):
        identities(_settings(mailboxes={"help": HELP | {"address": "grüße@shop.example"}}), USUAL)


def test_the_way_out_is_the_relay_or_files_or_a_mailboxs_own() -> None:
    assert isinstance(mail_out(_settings(), RING), OutboxFolder)
    usual = mail_out(_settings(relay={"url": "smtp://127.0.0.1:2525", "tls": "required"}), RING)
    assert isinstance(usual, Relay)
    assert usual.address.required
    own = mail_out(_settings(mailboxes={"help": HELP, "sales": SALES}), RING)
    assert isinstance(own, ByMailbox)
    assert isinstance(own.usual, OutboxFolder)
    assert list(own.own) == ["sales@shop.example"]


def test_one_relay_has_one_pace_however_many_use_it() -> None:
    paced = _settings(relay={"url": "smtp://127.0.0.1:2525", "pace": 30})
    first, second = mail_out(paced, RING), mail_out(paced, RING)
    assert isinstance(first, Relay)
    assert isinstance(second, Relay)
    assert first._pace is second._pace
