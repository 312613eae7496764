import pytest

from connectors.mail.form.headers import BLOCK, HEADER, Headers, split
from connectors.mail.form.parameters import parameters
from connectors.mail.form.problems import Problems
from connectors.mail.form.words import header_text


def headers(raw: bytes) -> tuple[Headers, bytes, Problems]:
    problems = Problems()
    found, body = split(raw, 0, problems)
    return found, raw[body:], problems


def test_names_are_folded_and_values_unfolded() -> None:
    found, body, _ = headers(b"SUBJECT: one\r\n two\r\nX-A: b\r\n\r\nbody")
    assert found.text("subject") == "one two"
    assert body == b"body"


def test_a_line_that_is_no_header_begins_the_body() -> None:
    found, body, problems = headers(b"Subject: a\nHello there\n\nbye\n")
    assert found.text("subject") == "a"
    assert body == b"Hello there\n\nbye\n"
    assert problems.texts


def test_a_long_header_is_cut_and_those_behind_it_are_read() -> None:
    found, _, problems = headers(b"X-Huge: " + b"x" * 2_000_000 + b"\nSubject: here\n\n")
    assert len(found.raw("x-huge")) == HEADER
    assert found.text("subject") == "here"
    assert problems.partly


def test_many_headers_are_cut() -> None:
    found, body, problems = headers(b"".join(b"X-%d: y\n" % i for i in range(100_000)) + b"\nbody")
    assert sum(len(name) + len(value) for name, value in found.fields) <= BLOCK
    assert body == b"body"
    assert problems.partly


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?B?w6TDtsO8?=", "äöü"),
        (b"=?iso-8859-1?q?Gr=F6=DFe?= now", "Größe now"),
        (b"a =?utf-8?q?b?= =?utf-8?q?c?= d", "a bc d"),
        # One character cut in two.
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        (b"=?utf-8*en?q?hi?=", "hi"),
        (b"=?x-klingon?q?=C3=A4?=", "ä"),
        (b"=?utf-8?Q?Hello=0D=0ABcc:_x@example.com?=", "Hello Bcc: x@example.com"),
        (b"=?utf-8?Q?a=00b?=", "ab"),
        ("Größe".encode("latin-1"), "Größe"),
        ("Größe".encode(), "Größe"),
        (b"=?broken", "=?broken"),
    ],
)
def test_values_are_decoded_onto_one_line(raw: bytes, text: str) -> None:
    assert header_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"attachment; filename=plain.pdf", "plain.pdf"),
        (b'attachment; filename="a; \\"b\\".pdf"', 'a; "b".pdf'),
        (b"attachment; filename*=UTF-8''%C3%9C.pdf", "Ü.pdf"),
        (b"attachment; filename*0*=UTF-8''%C3; filename*1*=%9C; filename*2=\".pdf\"", "Ü.pdf"),
        (b"attachment; filename*1=b; filename*0=a", "ab"),
        (b"attachment; filename*=us-ascii''W%F6l.jpg", "Wöl.jpg"),
        (b'attachment; filename="=?utf-8?q?=C3=9C?=.pdf"', "Ü.pdf"),
        (b"attachment; filename=\xdc.pdf", "Ü.pdf"),
        (b'attachment; filename="open', "open"),
        (b"attachment; filename=x; filename*=UTF-8''y", "y"),
    ],
)
def test_file_names_in_every_spelling(raw: bytes, name: str) -> None:
    assert parameters(raw)[1]["filename"] == name
