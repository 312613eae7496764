"""Slack's way of writing, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.slack.words import escape, mentions, plain, unescape


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt;", "&lt;"),
        ("<@U0DESK> help", "help"),
        ("help <@U0DESK|firstline>", "help"),
        ("ask <@U0ANN|ann> or <@U0BOB>", "ask @ann or @U0BOB"),
        ("in <#C1|general> and <#C2>", "in #general and #C2"),
        ("<!here> <!channel|channel> <!subteam^S1|@support> <!subteam^S2>", "@here channel @support @S2"),
        ("<!date^1392734382^{date}|Feb 18, 2014>", "Feb 18, 2014"),
        ("see <https://x.example/a?b=1&amp;c=2>", "see https://x.example/a?b=1&c=2"),
        ("see <https://x.example|the page>", "see the page (https://x.example)"),
        ("see <https://x.example|https://x.example>", "see https://x.example"),
        ("see <http://x.example|x.example>", "see http://x.example"),
        ("write <mailto:a@x.example|a@x.example>", "write a@x.example"),
        ("call <tel:+4912345|+4912345>", "call +4912345"),
        ("a < b > c <> <", "a  b  c <> <"),
        ("a\0b \ud800", "ab ?"),
    ],
)
def test_what_slack_marks_is_read(written: str, meant: str) -> None:
    assert plain(written, "U0DESK") == meant


@given(st.text())
def test_what_is_escaped_is_read_as_it_was(text: str) -> None:
    assert unescape(escape(text)) == text


@given(st.text(alphabet="<>&@!#U0|:/ -abc"))
def test_nothing_escaped_means_anything_to_slack(text: str) -> None:
    sent = escape(text)
    assert "<" not in sent
    assert ">" not in sent
    assert plain(sent) == text.strip()


def test_a_flood_of_brackets_is_read_at_once() -> None:
    assert plain("<" * 40_000) == "<" * 40_000


def test_a_mention_is_of_one_user_alone() -> None:
    assert mentions("hi <@U0DESK>", "U0DESK")
    assert mentions("hi <@U0DESK|desk>", "U0DESK")
    assert not mentions("hi <@U0DESK2>", "U0DESK")
    assert not mentions("hi <@>", "")
