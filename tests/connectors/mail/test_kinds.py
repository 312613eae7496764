"""What sort of word a mail is. A person who writes about machines stays a person."""

import pytest

from bot.model import Kind
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter, multipart, part

DAEMON = "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\n"
REFUSAL = "The mail could not be delivered:\n550 5.1.1 unknown\n\n--- Original message ---\nMessage-ID: <a@b.example>\n"
ROBOT = "From: no-reply@example.org\n"


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


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        ("From: x <>\n", "Returned mail", REFUSAL),
        ("From: Postmaster <>\n", "Undeliverable: Help", "Did not reach the following recipient: ann@example.org\n"),
        ("From: System Administrator <x@example.org>\n", "Nicht zugestellt: Hilfe", REFUSAL),
        ("From: imss@example.org\n", "Mail could not be delivered", REFUSAL),
        (ROBOT, "メールエラー通知", REFUSAL),
        (ROBOT, "Help", REFUSAL),
        ("From: admin@example.org\nX-MLServer: fml\n", "Loop Alert: Duplicated Message-ID", REFUSAL),
        ("From: ann@example.org\nReturn-Path: <>\n", "Onbestelbaar: Hulp", "x\n"),
        ("From: ann@example.org\nReturn-Path: <MAILER-DAEMON>\n", "Non remis : Aide", "x\n"),
    ],
)
def test_reports_of_mailers_without_a_name_and_in_other_languages(sender: str, subject: str, body: str) -> None:
    assert parse(letter(f"Subject: {subject}\n", body, sender=sender)).kind is Kind.BOUNCE


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        ("From: ann@example.org\n", "Undelivered mail returned to sender", f"I got this from you:\n\n{REFUSAL}"),
        ("From: ann@example.org\n", "Fwd: Undelivered Mail Returned to Sender", REFUSAL),
        ("From: postmaster@example.org\n", "Fwd: failure notice", REFUSAL),
        (ROBOT, "Delivery failed", "Your parcel could not be delivered. Call 0 800 550 123.\n"),
        ("From: ann@example.org\nList-Id: <x.example.org>\n", "Delivery failed", "550 5.1.1 means what?\n"),
    ],
)
def test_who_passes_a_bounce_on_or_speaks_of_deliveries_is_no_mailer(sender: str, subject: str, body: str) -> None:
    assert parse(letter(f"Subject: {subject}\n", body, sender=sender)).kind is Kind.MESSAGE


@pytest.mark.parametrize(
    ("kind", "notice"),
    [
        (Kind.BOUNCE, '{"notificationType":"Bounce","bounce":{},"mail":{}}'),
        (Kind.REPORT, '{"eventType":"Complaint","complaint":{},"mail":{}}'),
        (Kind.MESSAGE, '{"notificationType":"Bounce"'),
        (Kind.MESSAGE, '{"notificationType":"Sale","mail":{}}'),
        (Kind.MESSAGE, '{"Type":' + "[" * 100_000),
    ],
)
def test_amazons_notices_are_what_they_tell_of(kind: Kind, notice: str) -> None:
    assert parse(letter(body=notice)).kind is kind
