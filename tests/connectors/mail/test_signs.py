import pytest

from connectors.mail.form.addresses import Address
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter


@pytest.mark.parametrize(
    ("head", "sign"),
    [
        ("Auto-Submitted: auto-generated\n", "auto-submitted"),
        ("Auto-Submitted: auto-replied (vacation)\n", "auto-submitted"),
        ("Precedence: bulk\n", "precedence"),
        ("List-Id: <news.example.org>\n", "list"),
        ("List-Unsubscribe: <mailto:x@example.org>\n", "list"),
        ("X-Google-Group-Id: 12345\n", "list"),
        ("X-Original-From: Bo <bo@example.org>\n", "rewritten-from"),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n", "autoreply"),
        ("X-Autoreply: yes\n", "autoreply"),
        ("X-Autorespond: 1\n", "autoreply"),
        ("X-Auto-Response-Suppress: All\n", "auto-response-suppress"),
        ("X-Firstline-Loop: desk.example.org\n", "own-loop-header"),
        ("Return-Path: <>\n", "null-return-path"),
        ("Received: x\n" * 51, "received-50"),
        ("From: Bo <bo@example.org>\n", "several-from"),
    ],
)
def test_each_mark_of_a_machine_has_its_name(head: str, sign: str) -> None:
    assert parse(letter(head)).signs == (sign,)


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: no\n",
        "X-Auto-Response-Suppress: None\n",
        "Precedence: urgent\n",
        "X-Spam-Flag: NO\n",
        "X-Mailer: Outlook\n",
        "X-Forwarded-To: help@example.org\n",
    ],
)
def test_a_persons_mail_has_none(head: str) -> None:
    assert parse(letter(head)).signs == ()


@pytest.mark.parametrize("local", ["no-reply", "noreply", "do-not-reply", "donotreply+x", "bounces"])
def test_addresses_nobody_reads(local: str) -> None:
    assert parse(letter(sender=f"From: {local}@example.org\n")).signs == ("no-reply",)


def test_an_envelope_without_a_sender_is_a_sign() -> None:
    assert parse(letter(), null_return_path=True).signs == ("null-return-path",)


def test_the_author_that_a_list_has_written_over_is_named() -> None:
    via = "From: Bo via Support <support@example.org>\n"
    mail = parse(letter("List-Id: <support.example.org>\nReply-To: Bo <bo@example.com>\n", sender=via))
    assert mail.signs == ("list", "rewritten-from")
    assert mail.written_over == Address("Bo", "bo@example.com")


def test_a_name_with_via_alone_is_a_name() -> None:
    assert parse(letter("Reply-To: x@example.com\n", sender="From: Bo via Roma <bo@example.org>\n")).signs == ()
