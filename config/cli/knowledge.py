"""`firstline knowledge`: the approved articles that may be quoted to customers."""

from pathlib import Path
from typing import Annotated

import typer

from bot.model import Article
from bot.store import Store, Transaction
from config.cli import reach, render
from config.cli.who import operator
from config.errors import NotDone
from config.knowledge import files_in, load_files

app = typer.Typer(help="Add, list, show and remove the articles that answers quote.", no_args_is_help=True)


@app.command()
def add(paths: Annotated[list[Path], typer.Argument(help="Markdown files, or folders of them.")]) -> None:
    """Add articles, or renew those of the same name. A file `categories.md` replaces the list of categories.

    An article begins with front matter: `title`, and if you like `tags`, `updated`, `url` and `audience: internal`.

    Example: firstline knowledge add handbook/
    """
    counts = reach.run(lambda store: load_files(store, files_in(paths), operator()))
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
    found = reach.look_round(lambda store: _show(store, slug))
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
