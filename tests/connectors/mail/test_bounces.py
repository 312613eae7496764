from connectors.mail.bounces import Bounce, Recipient
from connectors.mail.parse import parse
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
    assert bounced(raw) == Bounce((Recipient("ann@example.org", "5.1.1", ""),), "fl.1@desk.example")


def test_failed_recipients_in_the_header() -> None:
    raw = letter("X-Failed-Recipients: ann@example.org, bo@example.org\n", "550 5.2.2 full\n", sender=DAEMON)
    assert [one.address for one in bounced(raw).recipients] == ["ann@example.org", "bo@example.org"]


def test_a_flood_of_recipients_is_cut() -> None:
    flood = "".join(f"Final-Recipient: rfc822; u{i}@example.org\nAction: failed\n\n" for i in range(3000))
    raw = multipart(part("message/delivery-status", flood), kind="report", sender=DAEMON)
    assert 0 < len(bounced(raw).recipients) <= 1000
