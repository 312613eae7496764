"""`firstline knowledge`: the approved articles that may be quoted to customers."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot.knowledge.articles import BadKnowledge, article, categories
from bot.knowledge.passages import passages
from bot.model import Article, Category
from bot.store import Store, Transaction
from config.cli import reach, render
from config.cli.who import operator
from config.errors import NotDone, WrongUse

app = typer.Typer(help="Add, list, show and remove the articles that answers quote.", no_args_is_help=True)

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


@app.command()
def add(paths: Annotated[list[Path], typer.Argument(help="Markdown files, or folders of them.")]) -> None:
    """Add articles, or renew those of the same name. A file `categories.md` replaces the list of categories.

    An article begins with front matter: `title`, and if you like `tags`, `updated`, `url` and `audience: internal`.

    Example: firstline knowledge add handbook/
    """
    counts = reach.run(lambda store: load_files(store, _files(paths)))
    listed = "" if counts.categories is None else f", {counts.categories} categories"
    typer.echo(f"{counts.added} articles added or renewed, {counts.unchanged} unchanged{listed}")


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Every article, internal ones included.

    Example: firstline knowledge list
    """
    rows = [_row(one) for one in reach.read(lambda look: look.articles.rows())]
    if as_json:
        for row in rows:
            render.line(row)
    else:
        render.table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])


@app.command()
def show(slug: Annotated[str, typer.Argument(help="The article's name, as `knowledge list` shows it.")]) -> None:
    """One article in full.

    Example: firstline knowledge show opening-hours
    """
    found = reach.run(lambda store: _show(store, slug))
    render.fields(_row(found))
    typer.echo()
    render.words(found.body, indent="")


@app.command()
def remove(slug: Annotated[str, typer.Argument(help="The article's name, as `knowledge list` shows it.")]) -> None:
    """Take an article away: it is found, quoted and cited no more.

    Example: firstline knowledge remove opening-hours
    """
    reach.run(lambda store: _remove(store, slug))
    typer.echo(f"{slug} is removed")


COLUMNS = ("slug", "title", "audience", "tags", "updated", "url")


def _row(one: Article) -> dict[str, object]:
    return {
        "slug": one.slug,
        "title": one.title,
        "audience": "internal" if one.internal else "public",
        "tags": list(one.tags),
        "updated": one.updated,
        "url": one.url,
    }


async def _show(store: Store, slug: str) -> Article:
    found = await store.read(lambda look: look.articles.get(slug))
    if found is None:
        raise NotDone(f"there is no article {slug!r}; see `firstline knowledge list`")
    return found


async def _remove(store: Store, slug: str) -> None:
    def remove(tx: Transaction) -> bool:
        removed = tx.articles.remove(slug)
        if removed:
            tx.audit.write(operator(), "removed", "article", slug)
        return removed

    if not await store.write(remove):
        raise NotDone(f"there is no article {slug!r}; see `firstline knowledge list`")


# ------------------------------------------------------------------ from files to the store


async def load_folder(store: Store, folder: Path) -> Counts:
    """Make the store hold the folder's articles, for a desk that starts: what the folder of the last start held, and
    this one doesn't, is removed. Raises WrongUse, which names the file, before anything is stored."""
    files = await asyncio.to_thread(_files, [folder])
    counts = await load_files(store, files)
    await store.write(_forget_others({_slug(path) for path in files}))
    return counts


async def load_files(store: Store, files: Sequence[Path]) -> Counts:
    """All files are understood before the first is stored (WrongUse names the one that isn't). Articles that are not
    among them stay as they are."""
    articles, listed = await asyncio.to_thread(_understood, files)
    added = 0
    for start in range(0, len(articles), TOGETHER):
        some = articles[start : start + TOGETHER]
        added += sum(await asyncio.gather(*(store.write(_put(*one), size=len(one[1].body)) for one in some)))
    if listed is not None:
        await store.write(_list_categories(listed))
    return Counts(added, len(articles) - added, None if listed is None else len(listed))


def _put(path: Path, one: Article) -> Callable[[Transaction], bool]:
    def put(tx: Transaction) -> bool:
        changed = tx.articles.put(one, source=str(path), passages=passages(one))
        if changed:
            tx.audit.write(operator(), "put", "article", one.slug, internal=one.internal)
        return changed

    return put


def _list_categories(listed: list[Category]) -> Callable[[Transaction], None]:
    def list_categories(tx: Transaction) -> None:
        if tx.articles.categories() != listed:
            tx.articles.set_categories(listed)
            tx.audit.write(operator(), "put", "categories", CATEGORIES, count=len(listed))

    return list_categories


def _forget_others(slugs: set[str]) -> Callable[[Transaction], None]:
    def forget_others(tx: Transaction) -> None:
        before = tx.cursors.get(FOLDER) or {}
        for slug in set(before.get("slugs", ())) - slugs:
            if tx.articles.remove(slug):
                tx.audit.write(operator(), "removed", "article", slug)
        tx.cursors.set(FOLDER, {"slugs": sorted(slugs)})

    return forget_others


def _slug(path: Path) -> str:
    return path.name.removesuffix(".md")


def _files(paths: Iterable[Path]) -> list[Path]:
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


def _understood(files: Sequence[Path]) -> tuple[list[tuple[Path, Article]], list[Category] | None]:
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
