import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.form.charsets import decode, one_line
from connectors.mail.form.transfer import undo

RUSSIAN = "Здравствуйте, я не могу войти в свою учётную запись. Помогите, пожалуйста, разобраться с паролем."


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Größe".encode(), "utf-8", "Größe"),
        ("Größe".encode("latin-1"), "iso-8859-1", "Größe"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
        ("Größe".encode(), "us-ascii", "Größe"),
        ("Größe".encode(), "x-klingon", "Größe"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        (b"Please", "rot13", "Please"),
        (b"Please", "idna", "Please"),
        (b"abc", "\0", "abc"),
        (RUSSIAN.encode("cp1251"), "utf-8", RUSSIAN),
    ],
)
def test_declared_then_utf8_then_what_it_looks_like(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset) == text


def test_a_few_broken_places_do_not_change_the_charset() -> None:
    text = decode("Größe, Übung, Äther, Öl ".encode() * 10 + b"\xf0\x9f", "utf-8")
    assert text.startswith("Größe")
    assert text.endswith("\ufffd")


@given(
    st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-16", "utf-7", "gb18030", "hz", "iso-2022-jp", "cp037"])
)
def test_text_is_always_fit_for_storage(data: bytes, charset: str) -> None:
    text = decode(data, charset)
    assert "\0" not in text
    text.encode()


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("encoding", "body", "data"),
    [
        ("base64", b"UGxlYXNl\r\nIGhlbHA=\n", b"Please help"),
        ("base64", b"UGxlYXNl!!!!\n****IGhlbHA", b"Please help"),
        # Encoded piece by piece.
        ("base64", b"UGw=ZWFzZQ==", b"Please"),
        ("base64", b"A", b""),
        ("quoted-printable", b"a=3Db=\nc", b"a=bc"),
        ("x-none-such", b"as it is", b"as it is"),
    ],
)
def test_transfer_encodings_are_undone_as_far_as_they_go(encoding: str, body: bytes, data: bytes) -> None:
    assert undo(encoding, body) == data
