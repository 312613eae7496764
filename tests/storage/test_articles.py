"""Articles are stored, found by any of their words and gone without a trace."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Article, Category
from storage import fulltext
from storage.articles import Articles
from storage.schema import passage
from tests.storage.conftest import Begin

HOURS = Article(
    "hours", "Opening hours", "We open at nine.", ("contact",), updated="2026-01-31", url="https://x.example/h"
)
RETURNS = Article("returns", "Send it back", "Within 30 days.")
SECRET = Article("secret", "Goodwill", "Up to 45 days.", internal=True)


@pytest.fixture
def filled(begin: Begin) -> Begin:
    with begin() as tx:
        assert tx.articles.put(
            HOURS, source="a.md", passages=[("contact", "We open at nine."), ("", "Closed on Sunday.")]
        )
        assert tx.articles.put(RETURNS, source="b.md", passages=[("refund", "Send back a lamp within 30 days.")])
    return begin


def found(articles: Articles, *words: str, limit: int = 10) -> list[str]:
    return [hit.passage.text for hit in articles.search(words, limit=limit)]


def test_an_article_comes_back_as_it_was(filled: Begin) -> None:
    with filled() as tx:
        assert tx.articles.get("hours") == HOURS
        assert tx.articles.rows() == [HOURS, RETURNS]
        assert [(p.title, p.heading, p.text, p.url) for p in tx.articles.passages("hours")] == [
            ("Opening hours", "contact", "We open at nine.", "https://x.example/h"),
            ("Opening hours", "", "Closed on Sunday.", "https://x.example/h"),
        ]


def test_any_word_finds_and_words_are_stemmed(filled: Begin) -> None:
    with filled() as tx:
        assert found(tx.articles, "lamps", "nowhere") == ["Send back a lamp within 30 days."]
        assert found(tx.articles, "nowhere") == []
        assert found(tx.articles) == []


def test_a_word_of_the_title_counts_more_than_one_of_the_text(begin: Begin) -> None:
    with begin() as tx:
        tx.articles.put(Article("a", "Invoices", ""), source="", passages=[("", "Where they are and what is on them.")])
        tx.articles.put(
            Article("b", "Lamps", ""), source="", passages=[("", "There are no invoices on what they are.")]
        )
        hits = tx.articles.search(["invoice"])
        assert [hit.passage.article for hit in hits] == ["a", "b"]
        assert hits[0].score > hits[1].score > 0


def test_the_limit_keeps_the_best(filled: Begin) -> None:
    with filled() as tx:
        best = tx.articles.search(["opening", "hours", "sunday", "lamp"], limit=10)
        assert tx.articles.search(["opening", "hours", "sunday", "lamp"], limit=1) == best[:1]
        assert len(best) == 3


def test_an_internal_article_is_kept_but_never_found(begin: Begin) -> None:
    with begin() as tx:
        tx.articles.put(SECRET, source="", passages=[("", "Up to 45 days of goodwill.")])
        assert tx.articles.get("secret") == SECRET
        assert tx.articles.passages("secret") == []
        assert found(tx.articles, "goodwill") == []


def test_what_becomes_internal_is_found_no_more(filled: Begin) -> None:
    with filled() as tx:
        hidden = Article("returns", "Send it back", "Within 30 days.", internal=True)
        assert tx.articles.put(hidden, source="b.md", passages=[("refund", "Send back a lamp within 30 days.")])
    with filled() as tx:
        assert found(tx.articles, "lamp") == []


def test_the_same_article_again_changes_nothing(filled: Begin) -> None:
    with filled() as tx:
        before = tx.articles.passages("returns")
        assert not tx.articles.put(RETURNS, source="b.md", passages=[("refund", "Send back a lamp within 30 days.")])
        assert tx.articles.passages("returns") == before


def test_new_words_replace_the_old_ones(filled: Begin) -> None:
    with filled() as tx:
        assert tx.articles.put(RETURNS, source="b.md", passages=[("", "Send back a chair.")])
    with filled() as tx:
        assert found(tx.articles, "lamp") == []
        assert found(tx.articles, "chair") == ["Send back a chair."]


def test_what_is_removed_leaves_nothing(filled: Begin) -> None:
    with filled() as tx:
        assert tx.articles.remove("returns")
        assert not tx.articles.remove("returns")
    with filled() as tx:
        assert tx.articles.get("returns") is None
        assert found(tx.articles, "lamp", "back", "30") == []
        assert tx.connection.scalar(sa.select(sa.func.count()).select_from(passage)) == 2


def test_the_index_can_be_made_over_what_is_there(filled: Begin) -> None:
    with filled() as tx:
        fulltext.drop_fulltext(tx.connection)
        fulltext.create_fulltext(tx.connection)
        assert found(tx.articles, "lamp") == ["Send back a lamp within 30 days."]


def test_sqlite_finds_the_right_passage_after_a_vacuum(sqlite_url: str) -> None:
    """VACUUM gives new row ids to tables without an integer key."""
    engine = sa.create_engine(sqlite_url)
    with engine.begin() as connection:
        passage.metadata.create_all(connection)
        fulltext.create_fulltext(connection)
        rows = [_passage(n) for n in range(1, 6)]
        connection.execute(sa.insert(passage), rows)
        fulltext.index(connection, rows)
        connection.execute(sa.delete(passage).where(passage.c.id == UUID(int=1)))
        fulltext.unindex(connection, [UUID(int=1)])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM")
        assert [row for row, _ in fulltext.find(connection, ["word4"], 10)] == [UUID(int=4)]
        assert fulltext.find(connection, ["word1"], 10) == []
    engine.dispose()


def _passage(n: int) -> dict[str, object]:
    at = {"id": UUID(int=n), "article": UUID(int=99), "ordinal": n}
    return at | {"title": "", "heading": "", "text": f"word{n}"}


HOSTILE = [
    '"',
    '" OR "',
    "*",
    "NEAR(",
    "title:x",
    "'; DROP TABLE passage; --",
    "&|!",
    "a & b",
    "\0",
    "",
    "  ",
    "^x",
    "-",
    "%s",
]


def test_no_word_is_read_as_a_query(filled: Begin) -> None:
    with filled() as tx:
        for word in HOSTILE:
            assert found(tx.articles, word) == [], word
            assert found(tx.articles, word, "lamp") == ["Send back a lamp within 30 days."], word


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=60))
def test_any_words_can_be_searched_for(filled: Begin, words: list[str]) -> None:
    with filled() as tx:
        assert len(tx.articles.search(words)) <= 3


def test_only_the_first_forty_words_count(filled: Begin) -> None:
    with filled() as tx:
        assert found(tx.articles, *["nowhere"] * 40, "lamp") == []
        assert found(tx.articles, *["nowhere"] * 39, "lamp") == ["Send back a lamp within 30 days."]


def test_categories_keep_their_order(begin: Begin) -> None:
    listed = [Category("z", "last letters"), Category("a", "first letters")]
    with begin() as tx:
        tx.articles.set_categories(listed)
        assert tx.articles.categories() == listed
        tx.articles.set_categories([])
        assert tx.articles.categories() == []
