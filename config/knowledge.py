"""Articles from files to the store, for a desk that starts and for `firstline knowledge`."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.knowledge.articles import BadKnowledge, article, categories
from bot.knowledge.passages import passages
from bot.model import Actor, ActorKind, Article, Category
from bot.store import Store, Transaction, until_settled
from config.errors import WrongUse

T = TypeVar("T")

SETTINGS = Actor(ActorKind.OPERATOR, "settings")

CATEGORIES = "categories.md"

# An article is for people to read; what is larger is another kind of file under a wrong name.
LARGEST = 1_000_000

# As many as one commit takes.
TOGETHER = 50

# The cursor that remembers what the folder held at the last start.
FOLDER = "knowledge.folder"


@dataclass(frozen=True)
class Counts:
    """What a loading came to; `categories` is None when the list was not touched."""

    added: int
    unchanged: int
    categories: int | None


async def load_folder(store: Store, folder: Path, actor: Actor = SETTINGS) -> Counts:
    """Make the store hold the folder's articles, for a desk that starts: what the folder of the last start held, and
    this one doesn't, is removed. Raises WrongUse, which names the file, before anything is stored."""
    files = await asyncio.to_thread(files_in, [folder])
    counts = await load_files(store, files, actor)
    await _store(store, _forget_others({_slug(path) for path in files}, actor))
    return counts


async def load_files(store: Store, files: Sequence[Path], actor: Actor) -> Counts:
    """All files are understood before the first is stored (WrongUse names the one that isn't). Articles that are not
    among them stay as they are."""
    articles, listed = await asyncio.to_thread(understood, files)
    added = 0
    for start in range(0, len(articles), TOGETHER):
        some = articles[start : start + TOGETHER]
        added += sum(await asyncio.gather(*(_store(store, _put(*one, actor), len(one[1].body)) for one in some)))
    if listed is not None:
        await _store(store, _list_categories(listed, actor))
    return Counts(added, len(articles) - added, None if listed is None else len(listed))


async def _store(store: Store, work: Callable[[Transaction], T], size: int = 0) -> T:
    """Several hosts may load the same folder at once."""
    return await until_settled(lambda: store.write(work, size=size))


def _put(path: Path, one: Article, actor: Actor) -> Callable[[Transaction], bool]:
    def put(tx: Transaction) -> bool:
        changed = tx.articles.put(one, source=str(path), passages=passages(one))
        if changed:
            tx.audit.write(actor, "put", "article", one.slug, internal=one.internal)
        return changed

    return put


def _list_categories(listed: list[Category], actor: Actor) -> Callable[[Transaction], None]:
    def list_categories(tx: Transaction) -> None:
        if tx.articles.categories() != listed:
            tx.articles.set_categories(listed)
            tx.audit.write(actor, "put", "categories", CATEGORIES, count=len(listed))

    return list_categories


def _forget_others(slugs: set[str], actor: Actor) -> Callable[[Transaction], None]:
    def forget_others(tx: Transaction) -> None:
        before = tx.cursors.get(FOLDER) or {}
        for slug in set(before.get("slugs", ())) - slugs:
            if tx.articles.remove(slug):
                tx.audit.write(actor, "removed", "article", slug)
        tx.cursors.set(FOLDER, {"slugs": sorted(slugs)})

    return forget_others


def _slug(path: Path) -> str:
    return path.name.removesuffix(".md")


def files_in(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*.md") if not _hidden(one.relative_to(path)))
        elif path.is_file():
            found.append(path)
        else:
            raise WrongUse(f"there is no file or folder {path}")
    return found


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def understood(files: Sequence[Path]) -> tuple[list[tuple[Path, Article]], list[Category] | None]:
    try:
        return _parsed(files)
    except BadKnowledge as problem:
        raise WrongUse(str(problem)) from problem


def _parsed(files: Sequence[Path]) -> tuple[list[tuple[Path, Article]], list[Category] | None]:
    articles: dict[str, tuple[Path, Article]] = {}
    listed = None
    for path in files:
        if path.name == CATEGORIES:
            listed = categories(str(path), _text(path))
            continue
        one = article(str(path), _text(path))
        if one.slug in articles:
            raise BadKnowledge(f"{path}: an article is named like {articles[one.slug][0]}; rename one of them")
        articles[one.slug] = path, one
    return list(articles.values()), listed


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise BadKnowledge(f"{path}: larger than {LARGEST} bytes; cut it into articles")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise BadKnowledge(f"{path}: not UTF-8 at byte {problem.start}; save it as UTF-8") from None
