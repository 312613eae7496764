import hashlib
import time

import pytest

from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter, multipart, part

TEXT = part("text/plain; charset=utf-8", "Please help me.\n")
HTML = part("text/html; charset=utf-8", "<p>Please <b>help</b> me.</p>\n")
PDF = part(
    "application/pdf",
    "JVBERg==\n",
    'Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="a.pdf"\n',
)
IMAGE = part("image/png", "iVBORw==\n", "Content-Transfer-Encoding: base64\nContent-ID: <logo@x>\n")


def test_text_and_html_are_two_views_of_one_message() -> None:
    mail = parse(multipart(TEXT, HTML, kind="alternative"))
    assert mail.text == "Please help me."
    assert mail.html is not None
    assert "<b>help</b>" in mail.html
    assert mail.attachments == ()


def test_html_alone_becomes_text() -> None:
    assert parse(letter("Content-Type: text/html\n", "<p>one</p><p>two &amp; three</p>")).text == "one\n\ntwo & three"


def test_every_other_leaf_is_an_attachment_with_its_size_and_hash() -> None:
    (found,) = parse(multipart(TEXT, PDF)).attachments
    assert (found.name, found.type, found.size, found.inline) == ("a.pdf", "application/pdf", 4, False)
    assert found.part == 2
    assert found.sha256 == hashlib.sha256(b"%PDF").hexdigest()


def test_an_image_shown_in_the_text_is_inline() -> None:
    (found,) = parse(multipart(HTML, IMAGE, kind="related")).attachments
    assert (found.inline, found.cid) == (True, "logo@x")


def test_several_texts_are_joined_and_blank_ones_left_out() -> None:
    assert (
        parse(multipart(TEXT, part("text/plain", " \n"), part("text/plain", "Thanks\n"))).text
        == "Please help me.\n\nThanks"
    )


def test_a_text_that_is_attached_is_a_file() -> None:
    mail = parse(multipart(TEXT, part("text/plain", "log\n", "Content-Disposition: attachment; filename=x.log\n")))
    assert mail.text == "Please help me."
    assert [one.name for one in mail.attachments] == ["x.log"]


def test_a_mail_with_only_a_file_is_a_message() -> None:
    mail = parse(multipart(PDF))
    assert mail.text == ""
    assert len(mail.attachments) == 1


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display: none">secret</div>',
        '<span style="FONT-SIZE:0px">secret</span>',
        "<p hidden>secret</p>",
        "<style>secret</style>",
        "<script>secret</script>",
        "<!-- secret -->",
        "<title>secret</title>",
        '<img alt="secret">',
    ],
)
def test_what_a_reader_would_not_see_is_not_the_customers_word(hidden: str) -> None:
    mail = parse(letter("Content-Type: text/html\n", f"<html><body><p>Hello</p>{hidden}<p>Bye</p></body></html>"))
    assert "secret" not in mail.text
    assert "Hello" in mail.text
    assert "Bye" in mail.text


def test_hidden_words_are_noted() -> None:
    mail = parse(letter("Content-Type: text/html\n", '<p>Hi</p><p style="display:none">x</p>'))
    assert "hidden words were left out" in mail.problems


def test_a_small_font_is_not_hidden() -> None:
    assert parse(letter("Content-Type: text/html\n", '<p style="font-size:0.9em">Hi</p>')).text == "Hi"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 45_000 + "at the bottom",
        "<div a='<'>" * 60_000 + "at the bottom",
        "<svg>" + "<td>" * 60_000 + "at the bottom",
        "<table>" + "<tr><td>a<td>b" * 50_000 + "at the bottom",
        "<" * 900_000 + "> at the bottom",
        "<p>x" * 100_000 + "at the bottom",
    ],
    ids=["deep", "odd", "svg", "table", "less-than", "paragraphs"],
)
def test_hostile_html_is_read_in_time(html: str) -> None:
    raw = letter("Content-Type: text/html\n", html)
    began = time.process_time()
    text = parse(raw).text
    assert time.process_time() - began < 1.5
    assert "at the bottom" in text


def test_a_text_longer_than_can_be_read_is_cut_and_that_is_said() -> None:
    mail = parse(letter(body="word " * 500_000))
    assert len(mail.text) == 2_000_000
    assert mail.partly
