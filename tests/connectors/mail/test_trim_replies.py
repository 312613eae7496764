"""Replies as clients in many languages write them, one a file: `+ ` is a line of the reply, `- ` one that is elided.

An HTML mail has its reply in a comment at its beginning.
"""

from pathlib import Path

import pytest

from connectors.mail.form.problems import Problems
from connectors.mail.html.text import to_text
from connectors.mail.parse import parse
from connectors.mail.trimming.trim import trim
from tests.connectors.mail.letters import letter

REPLIES = Path(__file__).parent / "replies"
PLAIN = sorted(REPLIES.glob("*.txt"))
HTML = sorted(REPLIES.glob("*.html"))
# Their clients mark nothing, or what they mark is no quote.
UNMARKED = {"html_qq", "html_notes", "html_gmail_indent_is_the_customers", "html_gmail_indent_at_the_end"}


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.stem)
def test_the_reply_is_what_was_written_this_time(case: Path) -> None:
    lines = case.read_text(encoding="utf-8").splitlines()
    reply, elided = trim("\n".join(line[2:] for line in lines))
    assert _words(reply) == _words("\n".join(line[2:] for line in lines if line.startswith("+")))
    assert _words(elided) == _words("\n".join(line[2:] for line in lines if line.startswith("-")))


@pytest.mark.parametrize("case", HTML, ids=lambda case: case.stem)
def test_the_reply_of_an_html_mail_is_found_by_its_markup_and_its_words(case: Path) -> None:
    html = case.read_text(encoding="utf-8")
    mail = parse(letter("Content-Type: text/html; charset=utf-8\n", html))
    expected = html.partition("<!-- reply\n")[2].partition("\n-->")[0]
    assert _words(mail.reply) == _words(expected)
    assert sorted(_words(mail.text)) == sorted(_words(f"{mail.reply}\n{mail.elided}"))


@pytest.mark.parametrize("case", HTML, ids=lambda case: case.stem)
def test_the_text_is_the_same_with_labels_and_without(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = case.read_text(encoding="utf-8")
    labelled, marks = to_text(html, Problems())
    monkeypatch.setattr("connectors.mail.html.quotes.MOST", 0)
    bare, no_marks = to_text(html, Problems())
    assert labelled == bare
    assert no_marks.quoted == frozenset()
    assert marks.quoted or marks.openings or marks.signed or case.stem in UNMARKED


def _words(text: str) -> list[str]:
    """Its lines, without the blank ones and what can't be seen at their ends."""
    return [line.strip() for line in text.split("\n") if line.strip()]
