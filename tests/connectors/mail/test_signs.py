import pytest

from bot.model import Kind
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter, multipart, part

DAEMON = "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\n"


@pytest.mark.parametrize(
    ("head", "sign"),
    [
        ("Auto-Submitted: auto-generated\n", "auto-submitted"),
        ("Auto-Submitted: auto-replied (vacation)\n", "auto-submitted"),
        ("Precedence: bulk\n", "precedence"),
        ("List-Id: <news.example.org>\n", "list"),
        ("List-Unsubscribe: <mailto:x@example.org>\n", "list"),
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
    ["Auto-Submitted: no\n", "X-Auto-Response-Suppress: None\n", "Precedence: urgent\n"],
)
def test_a_persons_mail_has_none(head: str) -> None:
    assert parse(letter(head)).signs == ()


@pytest.mark.parametrize("local", ["no-reply", "noreply", "do-not-reply", "donotreply+x", "bounces"])
def test_addresses_nobody_reads(local: str) -> None:
    assert parse(letter(sender=f"From: {local}@example.org\n")).signs == ("no-reply",)


@pytest.mark.parametrize(
    "subject",
    ["Automatic reply: Help", "Out of office", "Re: Out of Office: Help", "Abwesenheitsnotiz", "Réponse automatique",
     "Respuesta automática", "Automatische Antwort: x", "自動応答: x", "=?utf-8?q?Autosvar=3A_hj=C3=A4lp?="],
)  # fmt: skip
def test_automatic_replies_are_known_by_their_subject(subject: str) -> None:
    assert parse(letter(f"Subject: {subject}\n")).kind is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "subject",
    [
        "How do I set an out of office reply?",
        "Undelivered mail returned to sender: why?",
        "The auto reply is broken",
        "Delivery failed",
    ],
)
def test_a_customer_who_asks_about_them_is_a_customer(subject: str) -> None:
    assert parse(letter(f"Subject: {subject}\n")).kind is Kind.MESSAGE


@pytest.mark.parametrize(
    "subject",
    [
        "Undelivered Mail Returned to Sender",
        "Delivery Status Notification (Failure)",
        "failure notice",
        "Unzustellbar: Hallo",
    ],
)
def test_a_mailer_that_speaks_of_delivery_bounces(subject: str) -> None:
    assert parse(letter(f"Subject: {subject}\n", sender=DAEMON)).kind is Kind.BOUNCE


def test_a_person_called_postmaster_is_a_person() -> None:
    assert parse(letter("Subject: Invoice\n", sender="From: postmaster@example.org\n")).kind is Kind.MESSAGE


def test_a_mail_with_a_delivery_report_bounces_whoever_sent_it() -> None:
    report = part("message/delivery-status", "Reporting-MTA: dns; mx.example.org\n")
    assert parse(multipart(part("text/plain", "x"), report, kind="report")).kind is Kind.BOUNCE


def test_an_abuse_report_is_a_report() -> None:
    raw = multipart(part("text/plain", "x"), part("message/feedback-report", "Feedback-Type: abuse\n"), kind="report")
    assert parse(raw).kind is Kind.REPORT


def test_an_envelope_without_a_sender_is_a_sign() -> None:
    assert parse(letter(), null_return_path=True).signs == ("null-return-path",)
