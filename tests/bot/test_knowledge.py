"""Articles are read with clear errors, cut without losing a word, and searched by the words that tell."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import words
from bot.knowledge.articles import BadKnowledge, article, categories
from bot.knowledge.language import language
from bot.knowledge.passages import OVERLAP, WORDS, passages, plain
from bot.model import Article, Category

HEAD = "---\ntitle: Returns\ntags: [refund, 'send back']\nupdated: 2026-01-31\nurl: https://x.example/r\n---\n\nBody.\n"


# ------------------------------------------------------------------ front matter


def test_a_file_becomes_an_article() -> None:
    assert article("some/folder/returns.md", HEAD) == Article(
        slug="returns",
        title="Returns",
        body="Body.",
        tags=("refund", "send back"),
        updated="2026-01-31",
        url="https://x.example/r",
    )


def test_a_byte_order_mark_and_windows_lines_are_no_matter() -> None:
    assert article("returns.md", "\ufeff" + HEAD.replace("\n", "\r\n")).title == "Returns"


def test_other_tools_keys_are_left_aside() -> None:
    assert article("a.md", "---\ntitle: A\nlayout: page\n# a remark\n\n---\nx").title == "A"


def test_an_internal_article_says_so() -> None:
    assert article("a.md", "---\ntitle: A\naudience: internal\n---\nx").internal
    assert not article("a.md", "---\ntitle: A\naudience: public\n---\nx").internal


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no front matter"),
        ("# Title\n", "no front matter"),
        ("---\ntitle: A\n", "not closed"),
        ("---\n---\nx", "has no title"),
        ("---\ntitle:\n---\nx", "has no title"),
        ("---\ntitle: A\njust words\n---\nx", "line 3 of the front matter is not 'key: value': 'just words'"),
        ("---\ntitle: A\ntitle: B\n---\nx", "'title' stands twice"),
        (
            "---\ntitle: A\naudiance: internal\n---\nx",
            "unknown key 'audiance' in the front matter; did you mean 'audience'",
        ),
        ("---\ntitle: A\naudience: agents\n---\nx", "audience is 'internal' or 'public', not 'agents'"),
        ("---\ntitle: A\nupdated: yesterday\n---\nx", "updated is a date"),
        ("---\ntitle: A\nurl: javascript:x\n---\nx", "url begins with https://"),
        ("---\ntitle: A\nurl: https://x y\n---\nx", "url begins with https://"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(text: str, says: str) -> None:
    with pytest.raises(BadKnowledge, match=r"^folder/a\.md: ") as problem:
        article("folder/a.md", text)
    assert says in str(problem.value)


@pytest.mark.parametrize("name", ["a b.md", "../.md", "ä?.md"])
def test_a_name_must_be_fit_for_a_slug(name: str) -> None:
    with pytest.raises(BadKnowledge, match="is named with letters"):
        article(name, HEAD)


def test_categories_are_listed_a_line_each() -> None:
    text = "# Ours\n\n- plans: prices, trials\n-  a_b-c :  this: and that \nno line\n"
    assert categories("c.md", text) == [Category("plans", "prices, trials"), Category("a_b-c", "this: and that")]


@pytest.mark.parametrize(("text", "says"), [("", "no category found"), ("- a: x\n- a: y", "'a' is listed twice")])
def test_a_wrong_list_is_named(text: str, says: str) -> None:
    with pytest.raises(BadKnowledge, match=rf"^c\.md: .*{says}"):
        categories("c.md", text)


# ------------------------------------------------------------------ passages


def cut(body: str, **fields: object) -> list[tuple[str, str]]:
    return passages(Article("a", "A", body, **fields))  # type: ignore[arg-type]


def test_a_short_article_is_one_passage_under_its_tags() -> None:
    assert cut("One.\n\nTwo.", tags=("x", "y")) == [("x, y", "One.\n\nTwo.")]


def test_a_heading_begins_a_passage() -> None:
    assert cut("Before.\n\n## How *to*\n\nAfter.\n\n### Empty\n", tags=("x",)) == [
        ("x", "Before."),
        ("How to · x", "After."),
    ]


def test_an_internal_article_has_no_passages() -> None:
    assert cut("One.", internal=True) == []


def test_an_empty_article_has_no_passages() -> None:
    assert cut("\n\n## Only a heading\n") == []


def test_what_is_quoted_is_plain() -> None:
    assert plain("**Go** to [the page](https://x.example/a), *now*; `key` <https://x.example> ![pic](p.png)") == (
        "Go to the page (https://x.example/a), now; key https://x.example pic"
    )
    assert plain("2 * 3 * 4 and snake_case_name stay") == "2 * 3 * 4 and snake_case_name stay"


def test_a_table_keeps_its_rows() -> None:
    assert cut("| Plan | Price |\n|---|:--:|\n| **Solo** | €9 |") == [("", "Plan | Price\nSolo | €9")]


def test_a_long_article_overlaps() -> None:
    blocks = [" ".join(f"w{n}x{i}" for i in range(35)) for n in range(12)]
    cuts = [text.split("\n\n") for _, text in cut("\n\n".join(blocks))]
    assert all(len(" ".join(one).split()) <= WORDS for one in cuts)
    assert all(after[0] == before[-1] for before, after in pairwise(cuts))
    assert list(dict.fromkeys(block for one in cuts for block in one)) == blocks


SENTENCES = st.lists(st.integers(1, 60), min_size=0, max_size=30)


@given(st.lists(SENTENCES, max_size=6))
def test_cutting_loses_no_word_and_keeps_to_the_size(blocks: list[list[int]]) -> None:
    names = iter(range(100_000))
    text = "\n\n".join(" ".join(" ".join(f"w{next(names)}" for _ in range(n)) + "." for n in one) for one in blocks)
    cuts = [cut_.split() for _, cut_ in cut(text)]
    assert {word for one in cuts for word in one} == set(text.split())
    assert all(len(one) <= WORDS + OVERLAP for one in cuts)


# ------------------------------------------------------------------ words


def test_a_query_has_the_words_that_tell_once_each() -> None:
    asked = "Hello, how do I reset my PASSWORD? The customer's password isn't in l’accès 2FA x 7"
    assert words.query(asked) == ["reset", "password", "customer", "accès", "2fa", "7"]
    assert words.query("Wie kann ich bitte mein Passwort ändern?") == ["passwort", "ändern"]
    assert words.query("pass\u00adword in\u200bvoice") == ["password", "invoice"]


@given(st.text())
def test_a_query_is_short_and_without_repeats(text: str) -> None:
    asked = words.query(text)
    assert len(asked) <= words.MOST
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize(
    "family",
    [
        "invoice invoices",
        "book booked booking bookings",
        "cancel cancelled cancelling",
        "reply replies replied",
        "cancellation cancellations",
    ],
)
def test_words_of_one_family_share_a_stem(family: str) -> None:
    assert len({words.stem(word) for word in family.split()}) == 1


# ------------------------------------------------------------------ languages


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "how do i pay"),
        ("de", "Wie kann ich meine Rechnung ändern?"),
        ("fr", "Bonjour, comment puis-je payer ma facture ?"),
        ("es", "¿Cómo puedo cambiar la contraseña?"),
        ("it", "Buongiorno, come posso cambiare la password del mio account?"),
        ("nl", "Hoe kan ik mijn wachtwoord wijzigen? Bedankt!"),
        ("pt", "Olá, não consigo entrar na minha conta"),
        (None, "Perchtime 42"),
        (None, ""),
        (None, "Καλημέρα, πώς μπορώ να πληρώσω τον λογαριασμό μου"),
        (None, "xyzzy plugh frobnicate quux " * 20 + "the"),
    ],
)
def test_a_language_shows_by_its_small_words(code: str | None, text: str) -> None:
    assert language(text) == code
