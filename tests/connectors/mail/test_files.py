"""What to call files whatever their senders called them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.form.files import LONGEST, safe_name, with_safe_names
from connectors.mail.parse import parse
from tests.connectors.mail.letters import multipart, part


def names(*heads: str) -> list[str]:
    parts = (part("application/pdf", "x\n", f"Content-Disposition: attachment{head}\n") for head in heads)
    return [one.name for one in with_safe_names(parse(multipart(part("text/plain", "Hi\n"), *parts)).attachments)]


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ("; filename*=us-ascii''W%F6l.jpg", "Wöl.jpg"),
        ("; filename*0*=no-such''%C3; filename*1*=%9C; filename*2=.pdf", "Ü.pdf"),
        ('; filename="=?utf-8?q?=C3=A4.pdf?="', "ä.pdf"),
        ("; filename=a b c.pdf", "a b c.pdf"),
        ('; filename="../../etc/passwd"', "passwd.pdf"),
        (r'; filename="C:\\temp\\con.txt"', "_con.txt"),
        ('; filename="a\x01\tb.pdf"', "a b.pdf"),
        ('; filename="inv\u202egpj.exe"', "invgpj.exe"),
        ("; filename=", "part-2.pdf"),
        ('; filename=" .. "', "part-2.pdf"),
        ("", "part-2.pdf"),
    ],
)
def test_every_sin_of_naming_ends_in_a_name(parameter: str, name: str) -> None:
    assert names(parameter) == [name]


def test_a_raw_byte_in_a_name_is_read_as_windows_would() -> None:
    raw = part("application/pdf", "x\n").replace(
        b"\n\n", b"\nContent-Disposition: attachment; filename=\xe4.pdf\n\n", 1
    )
    (found,) = with_safe_names(parse(multipart(part("text/plain", "Hi\n"), raw)).attachments)
    assert found.name == "ä.pdf"


def test_no_two_have_the_same_name() -> None:
    assert names("; filename=a.pdf", "; filename=A.pdf", "; filename=a.pdf") == ["a.pdf", "A (2).pdf", "a (3).pdf"]


@given(st.text(max_size=300))
def test_no_name_is_more_than_a_name(name: str) -> None:
    found = safe_name(name, "image/png")
    assert len(found) <= LONGEST + 10
    assert not set(found) & set('/\\<>:"|?*\n\r\0')
    assert found.strip(". ") == found
