import email
import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.form.problems import Problems
from connectors.mail.form.structure import DEPTH, PARTS, Part, take_apart
from tests.connectors.mail.letters import letter, multipart, part


def taken(raw: bytes) -> tuple[Part, Problems]:
    problems = Problems()
    return take_apart(raw, problems), problems


def leaves(raw: bytes) -> list[tuple[str, bytes]]:
    return [(one.type, one.body()) for one in taken(raw)[0].leaves()]


# ------------------------------------------------------------------ as the standard library sees it


def _text(text: str) -> EmailMessage:
    made = EmailMessage()
    made.set_content(text + "\n")
    return made


def _file(data: bytes) -> EmailMessage:
    made = EmailMessage()
    made.set_content(data, maintype="application", subtype="octet-stream", filename="a.bin")
    return made


def _multipart(kind: str, inner: list[EmailMessage]) -> EmailMessage:
    made = EmailMessage()
    made["Content-Type"] = f"multipart/{kind}"
    for one in inner:
        made.attach(one)
    return made


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40)
words = st.builds(_text, texts)
files = st.builds(_file, st.binary(max_size=60))
trees = st.recursive(
    st.one_of(words, files),
    lambda inner: st.builds(
        _multipart, st.sampled_from(["mixed", "alternative", "related"]), st.lists(inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


@given(trees, st.booleans())
def test_agrees_with_the_standard_library_on_what_it_writes(tree: EmailMessage, crlf: bool) -> None:
    raw = tree.as_bytes()
    if crlf:
        raw = raw.replace(b"\n", b"\r\n")
    known = [
        (one.get_content_type(), one.get_payload(decode=True))
        for one in email.message_from_bytes(raw).walk()
        if not one.is_multipart()
    ]
    assert leaves(raw) == known


# ------------------------------------------------------------------ what is broken is read as far as it goes


def test_a_multipart_without_an_end_keeps_its_last_part() -> None:
    raw = letter("Content-Type: multipart/mixed; boundary=b\n", "--b\n\nfirst\n--b\n\nlast")
    assert [body for _, body in leaves(raw)] == [b"first", b"last"]
    assert "a multipart has no end" in taken(raw)[1].texts


def test_a_line_that_only_begins_like_the_boundary_is_text() -> None:
    raw = letter("Content-Type: multipart/mixed; boundary=b\n", "--b\n\none\n--bb\ntwo\n--b--\n")
    assert [body for _, body in leaves(raw)] == [b"one\n--bb\ntwo"]


def test_an_empty_part_does_not_swallow_the_next() -> None:
    raw = multipart(b"Content-Type: text/plain\n", part("text/html", "<p>x</p>"))
    assert leaves(raw) == [("text/plain", b""), ("text/html", b"<p>x</p>")]


def test_an_outer_delimiter_ends_what_is_open_inside() -> None:
    inner = part("multipart/mixed; boundary=b1", "--b1\n\ninside")
    assert [body for _, body in leaves(multipart(inner, part("text/plain", "outside")))] == [b"inside", b"outside"]


@pytest.mark.parametrize("parameter", ["", "; boundary=other"])
def test_words_in_a_multipart_whose_parts_cannot_be_found_are_words(parameter: str) -> None:
    raw = letter(f"Content-Type: multipart/mixed{parameter}\n", "The words of the customer.\n")
    assert leaves(raw) == [("text/plain", b"The words of the customer.\n")]


def test_a_missing_boundary_is_guessed_from_the_first_delimiter() -> None:
    raw = letter("Content-Type: multipart/mixed\n", "--x\nContent-Type: text/html\n\n<p>hi</p>\n--x--\n")
    assert leaves(raw) == [("text/html", b"<p>hi</p>")]


@pytest.mark.parametrize("wrapping", [b"\xef\xbb\xbf", b"\r\n\r\n", b"From ann@example.org Mon Oct  5 10:00:00 2026\n"])
def test_what_stands_before_the_headers_does_not_hide_them(wrapping: bytes) -> None:
    root, problems = taken(wrapping + letter())
    assert root.headers.text("from") == "Ann <ann@example.org>"
    assert not problems.texts


def test_a_mail_that_knows_only_carriage_returns_has_headers() -> None:
    assert taken(letter().replace(b"\n", b"\r"))[0].headers.text("from") == "Ann <ann@example.org>"


def test_a_mail_in_a_mail_is_not_opened() -> None:
    assert [kind for kind, _ in leaves(multipart(part("message/rfc822", letter())))] == ["message/rfc822"]


# ------------------------------------------------------------------ limits


def test_parts_over_the_limit_are_not_read_and_that_is_said() -> None:
    root, problems = taken(multipart(*[part("text/plain", "x")] * (PARTS + 500)))
    assert len(root.parts) == PARTS - 1
    assert problems.partly


def test_nesting_over_the_limit_is_not_read_and_that_is_said() -> None:
    deep = "".join(f"--b{i}\nContent-Type: multipart/mixed; boundary=b{i + 1}\n\n" for i in range(3000))
    root, problems = taken(letter("Content-Type: multipart/mixed; boundary=b0\n", deep))
    depth = 0
    while root.parts:
        root, depth = root.parts[0], depth + 1
    assert depth == DEPTH
    assert problems.partly


@pytest.mark.parametrize(
    "body",
    [
        "--bb\n" * 1_000_000,
        "--b" + " " * 5_000_000,
        "".join(f"--b\nContent-Type: multipart/mixed; boundary=c{i}\n\n" for i in range(998)) + "x\n" * 2_000_000,
        "\n" * 5_000_000,
    ],
    ids=["prefixes", "spaces", "unclosed", "newlines"],
)
def test_time_grows_with_the_size_only(body: str) -> None:
    raw = letter("Content-Type: multipart/mixed; boundary=b\n", body)
    began = time.process_time()
    taken(raw)
    assert time.process_time() - began < 1.5
