import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.form.problems import Problems
from connectors.mail.html import quotes as html_quotes
from connectors.mail.html.text import to_text
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter, multipart, part

PIECES = st.sampled_from(
    [
        *("<blockquote>", "</blockquote>", '<blockquote type="cite">', "<div class=gmail_quote>", "<div>", "</div>"),
        *("<div class=gmail_attr>", "<div class=moz-signature>", "<p>", "<br>", "<table><tr><td>", "</table>", "<td>"),
        *(
            "<div id=divRplyFwdMsg>",
            "<pre>\n",
            "</pre>",
            "<b>",
            "</b>",
            " ",
            "x",
            "On 1 May Ann wrote:",
            "&lt;y&gt; &nbsp;",
        ),
        *("<ul><li>", "\U000f0001", "&#983042;", "<div class=yahoo_quoted>", "<div hidden>", "é ü", "\n \n", "<hr>"),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_labels_change_nothing_in_the_text(html: str) -> None:
    labelled, _ = to_text(html, Problems())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html_quotes, "MOST", 0)
        bare, _ = to_text(html, Problems())
    assert labelled == bare


def test_what_is_two_things_at_once_keeps_its_letters() -> None:
    text, _ = to_text("<p>a</p><div class=moz-signature><blockquote>b c</blockquote></div>", Problems())
    assert text.split() == ["a", "b", "c"]


def test_lines_are_counted_in_the_text_that_is_left() -> None:
    html = "<style>x</style><p>one</p><br><br><br><p>two</p><blockquote><p>three</p><p>four</p></blockquote><p>five</p>"
    text, marks = to_text(html, Problems())
    quoted = [line.strip() for at, line in enumerate(text.split("\n")) if at in marks.quoted]
    assert list(filter(None, quoted)) == ["three", "four"]


def test_a_line_with_words_outside_of_the_quote_is_not_quoted() -> None:
    table = "<table><tr><td>mine</td><td><blockquote>theirs</blockquote></td></tr></table>"
    text, marks = to_text(table, Problems())
    assert text.split() == ["mine", "theirs"]
    assert marks.quoted == frozenset()


def test_a_mail_with_the_labels_letters_of_its_own_is_read_without_labels() -> None:
    text, marks = to_text("<p>a\U000f0000b</p><blockquote>c</blockquote>", Problems())
    assert "a\U000f0000b" in text
    assert marks.quoted == frozenset()


def test_quotes_of_a_second_part_are_found_below_the_first() -> None:
    page = part("text/html", "<p>Thanks.</p><div class=moz-cite-prefix>Ann:</div><blockquote>Try again.</blockquote>")
    mail = parse(multipart(part("text/plain", "Hello,\nsee:\n"), page))
    assert [line.strip() for line in mail.reply.split("\n") if line] == ["Hello,", "see:", "Thanks."]


def test_a_quote_in_a_quote_is_one() -> None:
    mail = parse(
        letter("Content-Type: text/html\n", "<p>No.</p>" + "<blockquote>so</blockquote>".join(["<blockquote>a"] * 9))
    )
    assert mail.reply == "No."


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>q</blockquote>a" * 30_000,
        "<div class=gmail_quote>x</div>" * 30_000,
        "<div class=gmail_quote>" * 190 + "a<b>b</b>" * 30_000 + "<blockquote>x",
        ("<div class=gmail_quote>" * 90 + "<blockquote>a</blockquote>" * 900 + "</div>" * 90) * 5,
        "<blockquote type=cite>" + "<p>x</p>" * 100_000,
    ],
    ids=["quotes", "containers", "nested containers", "nested with quotes", "long quote"],
)
def test_hostile_quotes_are_read_in_time(html: str) -> None:
    began = time.process_time()
    to_text(html, Problems())
    assert time.process_time() - began < 3.0
