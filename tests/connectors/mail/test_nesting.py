import time

import pytest

from connectors.mail.html.nesting import DEEPEST, is_bounded
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter

FORMATTING = "".join(f"<b id={number}>" for number in range(180))


@pytest.mark.parametrize(
    "html",
    [
        "<p>Hello <b>you</b><br>there" * 5000,
        "<table>" + "<tr><td><font size=2>x</font></td></tr>" * 5000 + "</table>",
        "<p><font size=2>never closed" * 5000,
        "<div>" * DEEPEST + "</div>" * DEEPEST,
    ],
)
def test_what_people_send_is_bounded(html: str) -> None:
    assert is_bounded(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * (DEEPEST + 1),
        "<div></b>" * 1000,
        "<div><table></div></table>" * 1000,
        "<svg>" + "<p>" * 1000,
        f"<p>{FORMATTING}</p>" + "<p>x</p>" * 5000,
        f"<p>{FORMATTING}</i></p>" + "<p>x</p>" * 5000,
        "".join(f"<b id={number}><table></b></table>" for number in range(1000)),
    ],
    ids=[
        "deep",
        "ends of nothing",
        "ends out of scope",
        "svg",
        "formatting",
        "formatting not ended",
        "formatting out of scope",
    ],
)
def test_what_would_become_a_large_tree_is_not(html: str) -> None:
    assert not is_bounded(html)


def test_words_that_no_parser_may_see_are_read_without_their_layout() -> None:
    began = time.process_time()
    mail = parse(letter("Content-Type: text/html\n", f"<p>{FORMATTING}</p>" + "<p>x</p>" * 80_000 + "at the end"))
    assert time.process_time() - began < 1.5
    assert mail.text.endswith("at the end")
    assert "the HTML was nested too deep; its layout was not read" in mail.problems
