"""Both bodies of a mail are made from one view: the same words, and in HTML nothing but them."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mail.writing.html_view import html
from connectors.mail.writing.view import Block, Shape, blocks, clean_lines, plain, signature

TAGS = {"html", "head", "meta", "body", "p", "br", "ul", "ol", "li", "blockquote", "div", "a"}
ATTRIBUTES = {"lang", "charset", "dir", "type", "class", "href", "value"}


def _body(text: str) -> str:
    """The HTML of the words, without the frame around them."""
    return html(blocks(text), "en").partition("<body>\n")[2].removesuffix("\n</body>\n</html>")


# ------------------------------------------------------------------ shapes


def test_each_shape_is_known() -> None:
    text = "Hello,\nsee:\n\n- one\n  and more\n- two\n1. first\n2) second\n> quoted\nEnd."
    assert [(block.shape, len(block.lines)) for block in blocks(text)] == [
        (Shape.PARAGRAPH, 2),
        (Shape.GAP, 1),
        (Shape.BULLETS, 3),
        (Shape.NUMBERS, 2),
        (Shape.QUOTE, 1),
        (Shape.PARAGRAPH, 1),
    ]


@pytest.mark.parametrize("line", ["-5 degrees", "- ", "1.5 litres", "2024. That was a year.", "*bold*", "--", "-- x"])
def test_what_only_looks_like_an_item_is_a_line_like_others(line: str) -> None:
    assert blocks(line)[0].shape is Shape.PARAGRAPH


def test_paragraphs_items_and_quotes_in_html() -> None:
    assert _body("A & <b>\nC\n\n- one\n  more\n- two\n\n7. seven\n\n> said\n>> before") == (
        '<p dir="auto">A &amp; &lt;b&gt;<br>\nC</p>\n'
        '<ul>\n<li dir="auto">one<br>\nmore</li>\n<li dir="auto">two</li>\n</ul>\n'
        '<ol>\n<li dir="auto" value="7">seven</li>\n</ol>\n'
        '<blockquote type="cite" dir="auto">said<br>\n&gt; before</blockquote>'
    )


def test_spaces_that_say_something_are_shown() -> None:
    assert _body("  a  b") == '<p dir="auto">\u00a0 a\u00a0 b</p>'


def test_the_document_says_its_language_and_loads_nothing() -> None:
    document = html(blocks("Grüße"), "de")
    assert document.startswith('<!DOCTYPE html>\n<html lang="de">\n')
    assert not re.search(r"src=|url\(|<img|<link|<style|<script", document)
    assert '<html lang="und">' in html([], '"><x')
    assert '<html lang="pt-BR">' in html([], "pt-BR")


def test_a_signature_stands_under_a_separator_that_others_know() -> None:
    view = blocks("Bye.") + signature("\nThe team\nhttps://desk.example\n")
    assert plain(view) == "Bye.\n\n-- \nThe team\nhttps://desk.example"
    link = '<a href="https://desk.example">https://desk.example</a>'
    assert f'<div class="signature" dir="auto">-- <br>\nThe team<br>\n{link}</div>' in html(view, "en")
    assert signature(" \n ") == []


# ------------------------------------------------------------------ links


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("See https://desk.example/a?b=1&c=2#d.", "https://desk.example/a?b=1&c=2#d"),
        ("(http://desk.example)", "http://desk.example"),
        ("https://desk.example/a_(b), then", "https://desk.example/a_(b)"),
        ("<https://desk.example/>", "https://desk.example/"),
        ("HTTPS://DESK.EXAMPLE/X", "HTTPS://DESK.EXAMPLE/X"),
        ("- https://desk.example/item", "https://desk.example/item"),
    ],
)
def test_a_link_leads_where_its_own_words_say(text: str, link: str) -> None:
    assert re.findall(r'<a href="([^"]*)">([^<]*)</a>', _body(text)) == [(link.replace("&", "&amp;"),) * 2]


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.example@evil.example/",
        "https://evil.example\\@bank.example/",
        "https://bаnk.example/",  # a Cyrillic letter
        "https://desk.example/\u202egpj.exe",
        "javascript:alert(1)",
        "data:text/html,x",
        "//desk.example/",
        "www.desk.example",
        "https://",
        "https://[::1",
        "xhttps://desk.example",
        "> https://desk.example/quoted",
        "https://desk.example/" + "a" * 3000,
        "[see](javascript:x)",
    ],
)
def test_what_is_no_honest_link_is_only_words(text: str) -> None:
    assert "<a" not in _body(text)


# ------------------------------------------------------------------ whatever the words

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PIECES = st.sampled_from(
    ["\n", "\r\n", "> ", "- ", "1. ", "  ", "\t", "<script>", "</p>", "&amp;", "https://a.example/", '"', "'", "-->",
     "\0", "https://a.example/<b>", "https://a.example/'x\"", "<a href=\"https://evil.example\">", "\u2028", "-- "]
)  # fmt: skip
TEXTS = st.lists(WORDS | PIECES, max_size=12).map("".join)


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


@settings(max_examples=300)
@given(TEXTS)
def test_html_has_the_same_words_and_no_markup_but_ours(text: str) -> None:
    view = blocks(text) + signature(text)
    seen = _Seen()
    seen.feed(html(view, "en"))
    seen.close()
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES
    assert all(link in plain(view) for link in seen.links)
    assert _letters(seen.words) == _letters("\n".join(map(_unmarked, view)))


@settings(max_examples=300)
@given(TEXTS)
def test_the_plain_body_is_the_text_with_its_lines_as_they_are(text: str) -> None:
    assert plain(blocks(text)) == "\n".join(clean_lines(text))


def test_long_hostile_lines_take_no_long_time() -> None:
    """Work that grows with the square of these would not end within a test's time."""
    for text in (
        "http://" * 100_000,
        "- " * 300_000,
        "https://a.example/" + ")" * 500_000,
        " " * 500_000 + "x",
        ">" * 500_000,
    ):
        assert _body(text)


def _unmarked(block: Block) -> str:
    marks = {Shape.BULLETS: r"(?m)^ {0,8}[-*•] +", Shape.NUMBERS: r"(?m)^ {0,8}\d{1,3}[.)] +", Shape.QUOTE: r"(?m)^> ?"}
    joined = "\n".join(block.lines)
    return re.sub(marks[block.shape], "", joined) if block.shape in marks else joined


def _letters(text: str) -> str:
    return "".join(text.split())
