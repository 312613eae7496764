import pytest

from connectors.mail.trimming.copied_headers import copied_headers

FOLDED = """From: Ann Lee <ann@example.org>
Sent: Sunday
To: Bo <bo@example.org>; Cy <cy@example.org>;
Dee <dee@example.org>
Subject: A subject that
goes on
Importance: High

Hello
"""


def test_values_that_are_folded_are_read_whole() -> None:
    found = copied_headers(FOLDED.split("\n"), 0)
    assert found is not None
    assert found.values == {
        "from": "Ann Lee <ann@example.org>",
        "date": "Sunday",
        "to": "Bo <bo@example.org>; Cy <cy@example.org>; Dee <dee@example.org>",
        "subject": "A subject that goes on",
        "other": "High",
    }
    assert found.stop == 7


def test_the_words_right_below_are_none_of_them() -> None:
    found = copied_headers(["From: Ann <ann@example.org>", "Sent: Sunday", "Subject: x", "Hello Bo,", "it works."], 0)
    assert found is not None
    assert found.stop == 3


@pytest.mark.parametrize(
    "block",
    [
        "From: Berlin\nTo: Rome\nDate: 1 February",
        "Name: Ann\nMail: ann@example.org\nSubject: x",
        "From: Ann\nHello",
        "Subject: x\nFrom: Ann\nTo: Bo",
        "To: bo@example.org\nSubject: x",
    ],
)
def test_what_a_person_fills_in_is_none(block: str) -> None:
    assert copied_headers(block.split("\n"), 0) is None


def test_under_a_line_that_divides_fewer_are_enough() -> None:
    lines = ["Subject: x", "From: Ann", "", "Hello"]
    assert copied_headers(lines, 0) is None
    found = copied_headers(lines, 0, divided=True)
    assert found is not None
    assert found.values["from"] == "Ann"
    assert found.stop == 2


def test_all_in_one_line() -> None:
    line = "*From:* Ann <ann@example.org> *Sent:* Sunday 18:32 *To:* Bo *Subject:* It is: broken"
    found = copied_headers([line, "Hello"], 0)
    assert found is not None
    assert found.values == {
        "from": "Ann <ann@example.org>",
        "date": "Sunday 18:32",
        "to": "Bo",
        "subject": "It is: broken",
    }
