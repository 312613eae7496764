"""Articles, their passages and the list of categories."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from bot.ids import new_id
from bot.model import Article, Category, Passage
from bot.rows import Hit
from storage import fulltext
from storage.noun import Noun
from storage.schema import article as articles
from storage.schema import category as category_table
from storage.schema import passage as passage_table

TEAM = "support"

_PASSAGE = (
    select(passage_table, articles.c.slug, articles.c.url)
    .join(articles, articles.c.id == passage_table.c.article)
    .where(articles.c.internal.is_(False))
)


class Articles(Noun):
    def rows(self) -> list[Article]:
        return [_article(row) for row in self.run(select(articles).order_by(articles.c.slug))]

    def get(self, slug: str) -> Article | None:
        row = self.one(select(articles).where(articles.c.slug == slug))
        return _article(row) if row else None

    def search(self, words: Sequence[str], *, limit: int = 10) -> list[Hit]:
        found = dict(fulltext.find(self.tx.connection, words, limit))
        if not found:
            return []
        rows = self.run(_PASSAGE.where(passage_table.c.id.in_(found)))
        hits = [Hit(_passage(row), found[row.id]) for row in rows]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))

    def passages(self, slug: str) -> list[Passage]:
        statement = _PASSAGE.where(articles.c.slug == slug).order_by(passage_table.c.ordinal)
        return [_passage(row) for row in self.run(statement)]

    def categories(self) -> list[Category]:
        rows = self.run(select(category_table).order_by(category_table.c.ordinal))
        return [Category(row.slug, row.description) for row in rows]

    def put(self, article: Article, *, source: str, passages: Sequence[tuple[str, str]]) -> bool:
        known = self.one(select(articles.c.id, articles.c.sha256).where(articles.c.slug == article.slug))
        sha256 = _digest(article, passages)
        if known and known.sha256 == sha256:
            return False
        values = _values(article) | {"source": source, "sha256": sha256, "added_at": self.now}
        if known:
            self._clear(known.id)
            self.run(update(articles).where(articles.c.id == known.id).values(values))
        else:
            self.run(insert(articles).values(id=new_id(), team=TEAM, **values))
        self._cut(article.slug, [] if article.internal else passages)
        return True

    def remove(self, slug: str) -> bool:
        known = self.one(select(articles.c.id).where(articles.c.slug == slug))
        if not known:
            return False
        self._clear(known.id)
        self.run(delete(articles).where(articles.c.id == known.id))
        return True

    def set_categories(self, categories: Sequence[Category]) -> None:
        self.run(delete(category_table))
        rows = [{"slug": c.slug, "description": c.description, "ordinal": n} for n, c in enumerate(categories)]
        if rows:
            self.run(insert(category_table), rows)

    def _clear(self, article: UUID) -> None:
        of_it = passage_table.c.article == article
        ids = [row.id for row in self.run(select(passage_table.c.id).where(of_it))]
        fulltext.unindex(self.tx.connection, ids)
        self.run(delete(passage_table).where(of_it))

    def _cut(self, slug: str, passages: Sequence[tuple[str, str]]) -> None:
        row = self.one(select(articles.c.id, articles.c.title).where(articles.c.slug == slug))
        if not passages or row is None:
            return
        rows = [
            {"id": new_id(), "article": row.id, "ordinal": n, "title": row.title, "heading": heading, "text": text}
            for n, (heading, text) in enumerate(passages)
        ]
        self.run(insert(passage_table), rows)
        fulltext.index(self.tx.connection, rows)


def _values(article: Article) -> dict[str, Any]:
    return {
        "slug": article.slug,
        "title": article.title,
        "body": article.body,
        "tags": list(article.tags),
        "internal": article.internal,
        "url": article.url,
        "updated": article.updated,
    }


def _digest(article: Article, passages: Sequence[tuple[str, str]]) -> str:
    """Of all that is stored, the cutting included: a release that cuts otherwise replaces the passages."""
    return hashlib.sha256(json.dumps([_values(article), list(passages)], sort_keys=True).encode()).hexdigest()


def _article(row: Row[Any]) -> Article:
    return Article(row.slug, row.title, row.body, tuple(row.tags), row.internal, row.updated, row.url)


def _passage(row: Row[Any]) -> Passage:
    return Passage(row.id, row.slug, row.title, row.heading, row.text, row.url)
