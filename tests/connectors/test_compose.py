"""Mail out is built anew: whatever the values, one well-formed mail."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import getaddresses, parseaddr
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Parcel, Rendered
from connectors.mail.threads import ADDRESS, BOUNCE, MESSAGE_ID, Ours, tokens_in_addresses, tokens_in_message_ids
from connectors.mail.writing.compose import compose, reply_subject
from connectors.mail.writing.identities import Identities, MailIdentity
from connectors.mail.writing.wire import clean, envelope_address, wire_address
from tests.connectors.parcels import MAILBOX, RING, parcel, render

ALWAYS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID"]
ONLY_AUTOMATIC = ["Auto-Submitted", "X-Auto-Response-Suppress", "X-Firstline-Loop"]
BODY = ["Content-Type", "MIME-Version"]


def _parsed(rendered: Rendered) -> EmailMessage:
    return message_from_bytes(rendered.data, policy=default)


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_an_automatic_reply() -> None:
    rendered = render(parcel())
    mail = _parsed(rendered)
    assert mail["From"] == f"Desk <{MAILBOX}>"
    assert mail["To"] == "ann@cust.example"
    assert mail["Subject"] == rendered.subject == "Re: Where is my parcel?"
    assert mail["Date"].datetime == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert mail["In-Reply-To"] == "<q1@cust.example>"
    assert mail["References"].split() == ["<q0@cust.example>", "<q1@cust.example>"]
    assert mail["Message-ID"] == f"<{rendered.reference}>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Firstline-Loop"] == "desk.example"
    assert _text(mail) == "It is on its way.\n.\nDesk\n"
    assert rendered.to == ("ann@cust.example",)
    assert rendered.reply_to == "q1@cust.example"


def test_an_agents_words_carry_no_mark_of_a_machine() -> None:
    assert not set(_parsed(render(parcel(automatic=False))).keys()) & set(ONLY_AUTOMATIC)


def test_its_marks_lead_back_to_the_thread() -> None:
    rendered = render(parcel())
    mail = _parsed(rendered)
    assert _named_by(mail["Reply-To"]) == {ADDRESS: UUID(int=8)}
    ((purpose, token),) = tokens_in_message_ids([rendered.reference])
    assert purpose == MESSAGE_ID
    assert RING.verify(token, MESSAGE_ID) == UUID(int=8)
    assert UUID(int=7).hex in rendered.reference


def test_its_envelope_leads_back_to_the_delivery() -> None:
    rendered = render(parcel(id=UUID(int=77)))
    assert _named_by(rendered.sender) == {BOUNCE: UUID(int=77)}
    assert len(rendered.sender.partition("@")[0]) <= 64
    assert rendered.sender.encode() not in rendered.data


def test_an_automatic_word_has_a_sender_too_so_that_its_bounce_comes_home() -> None:
    assert render(parcel(automatic=True)).sender.startswith("support+")


def test_the_first_mail_of_a_thread_answers_nothing() -> None:
    rendered = render(parcel({"message_id": "", "references": [], "subject": ""}))
    assert rendered.reply_to is None
    assert "In-Reply-To" not in _parsed(rendered)
    assert "References" not in _parsed(rendered)
    assert rendered.subject == "Re: (no subject)"


def test_references_are_capped_but_keep_the_first() -> None:
    many = [f"{number}{'x' * 90}@cust.example" for number in range(50)]
    kept = _parsed(render(parcel({"references": [*many, many[3], "q1@cust.example"]})))["References"].split()
    assert len(kept) == 20
    assert kept[0] == f"<{many[0]}>"
    assert kept[1:] == [f"<{one}>" for one in many[-18:]] + ["<q1@cust.example>"]


@pytest.mark.parametrize(
    "mailbox", ["", "no address", '"a b"@desk.example', "grüße@desk.example", "a\r\nBcc: x@y.example@desk.example"]
)
def test_a_mailbox_that_is_not_usable_gives_way_to_the_desks(mailbox: str) -> None:
    mail = _parsed(render(parcel({"mailbox": mailbox})))
    assert mail["From"].addresses[0].addr_spec == MAILBOX
    assert "Bcc" not in mail


def test_a_long_mailbox_answers_at_the_short_one() -> None:
    mailbox = "customers-of-the-whole-world@desk.example"
    mail = _parsed(render(parcel({"mailbox": mailbox})))
    assert mail["From"].addresses[0].addr_spec == mailbox
    assert mail["Reply-To"].startswith("support+")
    assert len(mail["Reply-To"].partition("@")[0]) <= 64


def test_a_recipient_that_is_no_address_is_rendered_all_the_same() -> None:
    rendered = render(parcel({"to": {"address": "ann@cust.example\r\nBcc: x@y.example"}}))
    assert _parsed(rendered)["To"] == "undisclosed-recipients:;"
    assert rendered.to == ("ann@cust.example Bcc: x@y.example",)


def test_copies_are_named_in_the_head() -> None:
    copies = [{"name": "Bob, Esq.", "address": "bob@cust.example"}, {"name": "Zoë", "address": "zoe@cust.example"}]
    rendered = render(parcel({"cc": [*copies, {"name": "Eve", "address": "no address"}]}))
    cc = message_from_bytes(rendered.data, policy=compat32)["Cc"]
    people = [(str(make_header(decode_header(name))), address) for name, address in getaddresses([cc])]
    assert people == [("Bob, Esq.", "bob@cust.example"), ("Zoë", "zoe@cust.example")]
    assert rendered.to == ("ann@cust.example", "bob@cust.example", "zoe@cust.example")


def test_an_address_of_other_letters_is_named_in_words() -> None:
    rendered = render(parcel({"to": {"address": "grüße@bücher.example"}}))
    to = _parsed(rendered)["To"]
    assert [(group.display_name, group.addresses) for group in to.groups] == [("grüße@xn--bcher-kva.example", ())]
    assert rendered.to == ("grüße@xn--bcher-kva.example",)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("grüße@cust.example", "grüße@cust.example"),
        ("用户+tag@cust.example", "用户+tag@cust.example"),
        ("ä b@cust.example", None),
        ("ä\u00a0b@cust.example", None),
        ("ä\u2028@cust.example", None),
        ("ä\u202e@cust.example", None),
        ("ä>@cust.example", None),
        ("ä\r\nRCPT TO:<eve@evil.example>@cust.example", None),
        ("ann＠evil.example@cust.example", None),
        ("ä" * 33 + "@cust.example", None),
        ("ä..b@cust.example", None),
        ("ä@", None),
    ],
)
def test_addresses_that_an_envelope_may_have(text: str, address: str | None) -> None:
    assert envelope_address(text) == address


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("ann@cust.example", "ann@cust.example"),
        (" ann+tag@CUST.example ", "ann+tag@CUST.example"),
        ("o'neil=x@cust.example", "o'neil=x@cust.example"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@localhost", "ann@localhost"),
        ("änn@cust.example", None),
        ("ann", None),
        ("@cust.example", None),
        ("ann@", None),
        ("ann@cust.example,bob@cust.example", None),
        ("ann@b@cust.example", None),
        ("ann@cust.example> SIZE=1", None),
        ("ann\n@cust.example", None),
        ("ann@cust.example\n", "ann@cust.example"),
        ("ann@-cust.example", None),
        ("ann@cust..example", None),
        ("a" * 250 + "@cust.example", None),
        ("ann@" + "ä" * 100_000, None),
        ("\udcff@cust.example", None),
    ],
)
def test_addresses_on_the_wire(text: str, wire: str | None) -> None:
    assert wire_address(text) == wire


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Hello", "Re: Hello"),
        ("Re: Hello", "Re: Hello"),
        ("RE: re :Re: Hello", "Re: Hello"),
        ("Refund", "Re: Refund"),
        ("Hello\r\nBcc: x@y.example", "Re: Hello Bcc: x@y.example"),
        ("", "Re: (no subject)"),
        ("Re:", "Re: (no subject)"),
    ],
)
def test_subjects(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply


def test_what_looks_encoded_arrives_as_it_is() -> None:
    rendered = compose(parcel({"subject": "=?utf-8?q?x?="}), ring=RING, identities=_named("=?utf-8?q?y?="))
    assert _parsed(rendered)["Subject"] == "Re: =?utf-8?q?x?="
    assert _sender(rendered)[0] == "=?utf-8?q?y?="


def _named_by(address: str) -> dict[str, UUID]:
    """What the token in an address of ours names, by its purpose."""
    found = tokens_in_addresses([address], Ours(frozenset({"desk.example"})))
    return {purpose: named for purpose, token in found if (named := RING.verify(token, purpose))}


# ------------------------------------------------------------------ whatever the values

ANY = st.text(st.characters(), max_size=100)
NASTY = st.sampled_from(
    ["\r\n", "\r", "\n", "\0", "=?utf-8?q?x?=", "\u2028", "\ud800", "\x85", "\r\n\r\n", "Bcc: x@y.example", "<", ">"]
)
TEXT = st.lists(ANY | NASTY, max_size=4).map("".join)


@settings(max_examples=150)
@given(
    text=TEXT, subject=TEXT, name=TEXT, to=TEXT | st.just("ann@cust.example"), mailbox=TEXT | st.just(MAILBOX),
    ids=st.lists(TEXT, max_size=4), automatic=st.booleans(), hours=st.integers(-12, 14),
)  # fmt: skip
def test_always_one_well_formed_mail(
    text: str, subject: str, name: str, to: str, mailbox: str, ids: list[str], automatic: bool, hours: int
) -> None:
    made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=hours)))
    address: dict[str, Any] = {
        "to": {"address": to}, "mailbox": mailbox, "subject": subject, "message_id": ids[0] if ids else None,
        "references": ids,
    }  # fmt: skip
    one = parcel(address, text=text, automatic=automatic, created_at=made)
    rendered = compose(one, ring=RING, identities=_named(name))
    assert rendered == compose(one, ring=RING, identities=_named(name))
    _assert_wire_form(rendered.data)

    mail = _parsed(rendered)
    assert mail.defects == []
    optional = ["In-Reply-To", "References"] if rendered.reply_to else ["References"] if "References" in mail else []
    assert sorted(mail.keys()) == sorted(ALWAYS + optional + (ONLY_AUTOMATIC if automatic else []) + BODY)
    assert mail["Subject"] == rendered.subject == reply_subject(subject)
    assert _sender(rendered) == (clean(name)[:60].strip(), mail["From"].addresses[0].addr_spec)
    assert len(mail["From"].addresses) == 1
    assert mail["Date"].datetime == made
    assert mail["Message-ID"] == f"<{rendered.reference}>"
    assert _text(mail).rstrip("\n") == _expected(one).rstrip("\n")


def _named(name: str) -> Identities:
    return Identities(MailIdentity(MAILBOX, name))


def _sender(rendered: Rendered) -> tuple[str, str]:
    """Decoded by the older half of the stdlib: the newer puts spaces between encoded words (Python 3.11)."""
    name, address = parseaddr(str(message_from_bytes(rendered.data, policy=compat32)["From"]))
    return str(make_header(decode_header(name))), address


def _assert_wire_form(data: bytes) -> None:
    assert data.isascii()
    assert b"\0" not in data
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert data.endswith(b"\r\n")


def _expected(one: Parcel) -> str:
    lines = re.split(r"\r\n|\r|\n", one.text.replace("\t", "    "))
    return "\n".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "", line) for line in lines)
