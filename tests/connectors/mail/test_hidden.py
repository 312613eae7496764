"""What nobody can see of an HTML mail is not the customer's word; what anybody might see is."""

import time

import pytest

from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter

HTML = "Content-Type: text/html; charset=utf-8\n"


def text(html: str) -> str:
    return parse(letter(HTML, f"<p>Above</p>{html}<p>Below</p>")).text


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display: none !important">secret</div>',
        '<div style="display:/**/none">secret</div>',
        '<span style="font-size:1px">secret</span>',
        '<div style="font:0/0 a">secret</div>',
        '<div style="font-size:0"><span style="font-size:1em">secret</span></div>',
        '<font color="#ffffff">secret</font>',
        '<div style="color:#fefefe">secret</div>',
        '<div style="color:rgb(255, 255, 255)">secret</div>',
        '<div style="color:transparent">secret</div>',
        '<div style="color:rgba(0,0,0,0)">secret</div>',
        "<table bgcolor=black><td><font color=black>secret</font></td></table>",
        '<div style="background:#333;color:#333">secret</div>',
        '<div style="max-height:0px;overflow:hidden">secret</div>',
        '<div style="position:absolute;left:-9999px">secret</div>',
        '<div style="text-indent:-9999px">secret</div>',
        '<div style="opacity:0">secret</div>',
        '<div style="visibility:hidden">secret</div>',
        '<div style="position:absolute;clip:rect(1px,1px,1px,1px)">secret</div>',
        '<div style="clip-path:inset(100%)">secret</div>',
        "<style>.x{display:none}</style><div class=x>secret</div>",
        "<style>#a .b{font-size:0}</style><div id=a><p class=b>secret</p></div>",
        "<style>p[x]{color:#fff}</style><div><p x>secret</p></div>",
        "<noscript>secret</noscript>",
        "<object>secret</object>",
        "<!--[if mso]><p>secret</p><![endif]-->",
    ],
)
def test_what_cannot_be_seen_is_left_out(hidden: str) -> None:
    found = text(hidden)
    assert "secret" not in found
    assert "Above" in found
    assert "Below" in found


@pytest.mark.parametrize(
    "seen",
    [
        '<table><td style="font-size:0px"><div style="font-size:14px">order</div></td></table>',
        '<div style="height:0">order</div>',
        '<div style="mso-hide:all">order</div>',
        '<div style="visibility:hidden"><b style="visibility:visible">order</b></div>',
        '<table bgcolor="#000"><td><font color=white>order</font></td></table>',
        '<div style="background:url(x.png);color:#fff">order</div>',
        '<div style="background:linear-gradient(#000,#111);color:#fff">order</div>',
        '<table background=x.gif><td style="color:#fff">order</table>',
        '<div style="color:#fff"><a href=x>order</a></div>',
        '<div style="text-indent:-18pt">order</div>',
        '<div style="position:relative;left:-9999px">order</div>',
        "<style>@media (max-width:600px){.x{display:none}}</style><p class=x>order</p>",
        "<style>a:hover{display:none}</style><a>order</a>",
        "<style>.x{display:none} .x{display:block}</style><p class=x>order",
        '<style>.x{display:none}</style><p class=x style="display:block">order</p>',
        '<style>.h td{background:#000}</style><table class=h><td style="color:#fff">order</table>',
        '<style>.h tr td{background:#000}</style><table class=h><td style="color:#fff">order</table>',
        "<style>.a{color:#fff}.b{background:#123456}</style><div class=b><p class=a>order",
    ],
)
def test_what_might_be_seen_is_kept(seen: str) -> None:
    assert "order" in text(seen)


def test_hidden_words_are_noted_and_hidden_drawing_is_not() -> None:
    noted = "hidden words were left out"
    assert noted in parse(letter(HTML, '<p>Hi</p><p style="display:none">words</p>')).problems
    assert noted not in parse(letter(HTML, '<p>Hi</p><p style="display:none">&nbsp;&middot;</p>')).problems


@pytest.mark.parametrize(
    "html",
    [
        "<style>" + "* * * .q{color:#fff}" * 300 + "</style>" + "<p class=q>x" * 70_000,
        "<style>" + ".a .b{color:#fff}" * 300 + "</style>" + "<p class=b>x" * 70_000,
        "<style>" + "a{" * 400_000,
        "<style>" + "/*" * 400_000,
        '<p style="' + ";" * 900_000 + '">x',
        '<p style="color:#fff;font-size:3px">x' * 25_000,
    ],
    ids=["deep selectors", "many rules", "braces", "comments", "long style", "many styles"],
)
def test_hostile_styles_are_read_in_time(html: str) -> None:
    began = time.process_time()
    parse(letter(HTML, html))
    assert time.process_time() - began < 3
