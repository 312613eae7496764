import pytest

from connectors.mail.parse import parse
from connectors.mail.returned.bounces import Bounce, Recipient
from tests.connectors.mail.letters import letter, multipart, part

DAEMON = "From: MAILER-DAEMON@mx.example.org\nTo: support@desk.example\nSubject: Undelivered Mail Returned to Sender\n"
STATUS = """Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; Ann@example.org
Action: failed
Status: 5.1.1 (no such user)

Final-Recipient: rfc822; bo@example.org
Action: delayed
Status: 4.4.7
"""


def bounced(raw: bytes) -> Bounce:
    found = parse(raw).bounce
    assert found is not None
    return found


def test_the_machine_readable_report_is_believed_first() -> None:
    returned = part("message/rfc822", "Message-ID: <fl.1@desk.example>\nTo: ann@example.org\n\nHello\n")
    raw = multipart(
        part("text/plain", "Sorry"), part("message/delivery-status", STATUS), returned, kind="report", sender=DAEMON
    )
    assert bounced(raw) == Bounce(
        (Recipient("Ann@example.org", "5.1.1", "failed"), Recipient("bo@example.org", "4.4.7", "delayed")),
        "fl.1@desk.example",
    )


def test_returned_headers_name_the_original() -> None:
    returned = part("text/rfc822-headers", "Message-ID:\n <fl.1@desk.example>\n")
    raw = multipart(part("message/delivery-status", STATUS), returned, kind="report", sender=DAEMON)
    assert bounced(raw).original_message_id == "fl.1@desk.example"


def test_prose_is_read_up_to_the_returned_mail() -> None:
    prose = "Hi. I am the mailer.\n\n<ann@example.org>:\n550 5.1.1 no such user\n\n"
    mark = "--- Below this line is a copy of the message.\n\n"
    raw = letter(
        body=prose + mark + "Message-ID: <fl.1@desk.example>\nFrom: x@desk.example\n<bo@example.org>:\n", sender=DAEMON
    )
    assert bounced(raw) == Bounce(
        (Recipient("ann@example.org", "5.1.1", "", "550 5.1.1 no such user"),), "fl.1@desk.example"
    )


def test_failed_recipients_in_the_header() -> None:
    raw = letter("X-Failed-Recipients: ann@example.org, bo@example.org\n", "550 5.2.2 full\n", sender=DAEMON)
    assert [one.address for one in bounced(raw).recipients] == ["ann@example.org", "bo@example.org"]


def test_a_flood_of_recipients_is_cut() -> None:
    flood = "".join(f"Final-Recipient: rfc822; u{i}@example.org\nAction: failed\n\n" for i in range(3000))
    raw = multipart(part("message/delivery-status", flood), kind="report", sender=DAEMON)
    assert 0 < len(bounced(raw).recipients) <= 1000


# ------------------------------------------------------------------ what it means


@pytest.mark.parametrize(
    ("fields", "failed", "delayed"),
    [
        ("Action: failed\nStatus: 5.1.1\n", True, False),
        ("Action: failed\nStatus: 4.4.7\n", True, False),
        ("Action: delayed\nStatus: 4.4.1\n", False, True),
        ("Action: relayed\nStatus: 2.0.0\n", False, True),
        ("Status: 5.2.2\n", True, False),
    ],
)
def test_only_what_has_ended_has_failed(fields: str, failed: bool, delayed: bool) -> None:
    status = f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ann@example.org\n{fields}"
    found = bounced(multipart(part("message/delivery-status", status), kind="report", sender=DAEMON))
    assert (found.failed, found.delayed) == (failed, delayed)


def test_prose_about_a_delay_is_no_failure() -> None:
    body = "<ann@example.org>:\n421 4.4.1 timed out\n\nDelivery attempts will continue for 5 days.\n"
    found = bounced(letter("Subject: Delivery delayed\n", body, sender="From: MAILER-DAEMON@x.example\n"))
    assert (found.failed, found.delayed) == (False, True)


def test_the_reason_is_one_line_for_people() -> None:
    status = (
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1\n user\n unknown\n"
    )
    found = bounced(multipart(part("message/delivery-status", status), kind="report", sender=DAEMON))
    assert found.reason == "ann@example.org: 5.1.1 550 user unknown"


# ------------------------------------------------------------------ what binds it to our mail


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "550 no\n\n    Message-ID: <fl.1@desk.example>\n"),
        ("", "550 no\n\n> Message-Id: fl.1@desk.example\n"),
        ("X-Original-Message-ID: <fl.1@desk.example>\n", "550 no\n"),
        ("In-Reply-To: <fl.1@desk.example>\n", "550 no\n"),
        ("References: <x@desk.example>\n <fl.1@desk.example>\n", "550 no\n"),
    ],
)
def test_the_original_is_named_in_many_places(head: str, body: str) -> None:
    assert bounced(letter(head, body, sender=DAEMON)).original_message_id == "fl.1@desk.example"


@pytest.mark.parametrize("where", ["To: {}\n", "X-Original-To: {}\n"])
def test_addresses_with_a_tag_are_mentioned_from_the_headers(where: str) -> None:
    sender = "From: MAILER-DAEMON@mx.example.org\n" + where.format("support+tag@desk.example")
    assert bounced(letter(body="550 no\n", sender=sender)).mentioned == ("support+tag@desk.example",)


def test_addresses_with_a_tag_are_mentioned_from_what_is_returned() -> None:
    returned = part("message/rfc822", "Reply-To: <support+tag@desk.example>\n\nHello\n")
    raw = multipart(part("message/delivery-status", STATUS), returned, kind="report", sender=DAEMON)
    assert bounced(raw).mentioned == ("support+tag@desk.example",)


def test_a_bounce_that_a_gateway_wrapped_is_read_inside() -> None:
    inner = multipart(part("message/delivery-status", STATUS), kind="report", boundary="b9", sender=DAEMON)
    raw = multipart(part("text/plain", "An error occurred.\n"), part("message/rfc822", inner), sender=DAEMON)
    assert bounced(raw).recipients[0] == Recipient("Ann@example.org", "5.1.1", "failed")


def test_amazons_notice_names_everything() -> None:
    notice = """{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"ann@example.org",
      "action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},
      "mail":{"commonHeaders":{"messageId":"<fl.1@desk.example>"}}}\n\n--\nUnsubscribe"""
    found = bounced(letter(body=notice, sender="From: no-reply@sns.amazonaws.com\n"))
    assert found.recipients == (Recipient("ann@example.org", "5.1.1", "failed", "smtp; 550 5.1.1 user unknown"),)
    assert found.original_message_id == "fl.1@desk.example"
