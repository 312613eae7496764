import pytest

from bot.model import Kind
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter, multipart, part

EVENT = """BEGIN:VCALENDAR
METHOD:{method}
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY;LANGUAGE=en:Looking at the\\, broken
  printer
DTSTART;TZID=Europe/Berlin:20260504T093000
DTEND;TZID=Europe/Berlin:20260504T100000
LOCATION:Room 2
ORGANIZER;CN="Ann":MAILTO:ann@example.org
ATTENDEE:mailto:support@desk.example
ATTENDEE:mailto:bo@example.org
DESCRIPTION:It hums.\\nThen it stops.
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VEVENT
SUMMARY:Another
END:VEVENT
END:VCALENDAR
"""
SAID = """Invitation: Looking at the, broken printer
When: 2026-05-04 09:30 (Europe/Berlin) to 2026-05-04 10:00 (Europe/Berlin)
Where: Room 2
By: Ann <ann@example.org>
Invited: 2
It hums.
Then it stops."""


def invitation(method: str = "REQUEST") -> bytes:
    return part("text/calendar; charset=utf-8", EVENT.format(method=method))


def test_an_invitation_without_words_is_told_in_words() -> None:
    mail = parse(multipart(invitation()))
    assert mail.text == mail.invitation == SAID
    assert [one.type for one in mail.attachments] == ["text/calendar"]


def test_beside_the_senders_own_words_it_is_kept_apart() -> None:
    mail = parse(multipart(part("text/plain", "Does that suit you?\n"), invitation(), kind="alternative"))
    assert mail.text == "Does that suit you?"
    assert mail.invitation == SAID


def test_a_person_who_invites_is_no_machine_but_is_not_answered_by_one() -> None:
    mail = parse(multipart(invitation()))
    assert mail.kind is Kind.MESSAGE
    assert mail.signs == ("calendar",)


@pytest.mark.parametrize("method", ["REPLY", "COUNTER", "CANCEL"])
def test_what_a_calendar_program_says_by_itself_is_an_automatic_reply(method: str) -> None:
    assert parse(multipart(invitation(method))).kind is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "body", ["", "BEGIN:VCALENDAR", "BEGIN:VEVENT\n" * 100_000, ":\n;:\n=", "DTSTART:x\n" * 50_000]
)
def test_a_broken_calendar_says_little(body: str) -> None:
    assert len(parse(letter("Content-Type: text/calendar\n", body)).text) < 200
