"""`firstline knowledge`: folders of markdown become what may be quoted."""

import asyncio
from pathlib import Path

import pytest

from config.errors import WrongUse
from config.knowledge import Counts, load_folder
from config.running import SAMPLE
from storage.store import SqlStore
from tests.config.commands import Commands


def write(folder: Path, name: str, body: str = "We open at nine.", head: str = "") -> Path:
    file = folder / f"{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"---\ntitle: About {name}\n{head}---\n{body}\n", encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "handbook"
    write(made, "hours", head="tags: [opening]\nupdated: 2026-01-31\nurl: https://x.example/h\n")
    write(made, "secret", head="audience: internal\n")
    write(made / "deeper", "returns", "Within 30 days.")
    write(made / ".git", "hidden")
    (made / "categories.md").write_text("- plans: prices\n- other: all else\n")
    return made


def test_a_folder_is_added_once(firstline_on_both: Commands, folder: Path) -> None:
    firstline = firstline_on_both
    done = firstline("knowledge", "add", folder)
    assert (done.code, done.out) == (0, "3 articles added or renewed, 0 unchanged, 2 categories\n")
    assert firstline("knowledge", "add", folder).out == "0 articles added or renewed, 3 unchanged, 2 categories\n"
    assert [c.slug for c in firstline.read(lambda look: look.articles.categories())] == ["plans", "other"]
    assert [h.passage.article for h in firstline.read(lambda look: look.articles.search(["nine"]))] == ["hours"]


def test_it_can_be_listed_shown_and_removed(firstline: Commands, folder: Path) -> None:
    firstline("knowledge", "add", folder)
    listed = firstline("knowledge", "list", "--json").json
    assert [(one["slug"], one["audience"]) for one in listed] == [
        ("hours", "public"),
        ("returns", "public"),
        ("secret", "internal"),
    ]
    assert listed[0] == {
        "slug": "hours",
        "title": "About hours",
        "audience": "public",
        "tags": ["opening"],
        "updated": "2026-01-31",
        "url": "https://x.example/h",
    }
    assert "About hours" in firstline("knowledge", "list").out
    assert "We open at nine." in firstline("knowledge", "show", "hours").out
    assert firstline("knowledge", "remove", "hours").code == 0
    for command in ("show", "remove"):
        gone = firstline("knowledge", command, "hours")
        assert (gone.code, "there is no article 'hours'" in gone.err) == (1, True)


def test_a_single_file_leaves_the_others(firstline: Commands, folder: Path) -> None:
    firstline("knowledge", "add", folder)
    assert firstline("knowledge", "add", write(folder, "hours", "We open at ten.")).out.startswith("1 articles added")
    assert len(firstline("knowledge", "list", "--json").json) == 3


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("z.md", b"no front matter", "no front matter"),
        ("z.md", b"---\ntitle: \xff\n---\n", "not UTF-8 at byte 11"),
        ("z.md", b"x" * 1_000_001, "larger than 1000000 bytes"),
        ("deeper/hours.md", b"---\ntitle: Hours\n---\n", "an article is named like"),
        ("deeper/categories.md", b"", "no category found"),
    ],
)
def test_one_broken_file_stops_all_and_is_named(
    firstline: Commands, folder: Path, name: str, data: bytes, says: str
) -> None:
    (folder / name).write_bytes(data)
    done = firstline("knowledge", "add", folder)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert name in done.err
    assert firstline("knowledge", "list", "--json").json == []


def test_a_file_that_is_not_there_is_named(firstline: Commands, folder: Path) -> None:
    done = firstline("knowledge", "add", folder, folder / "nowhere.md")
    assert (done.code, "there is no file or folder" in done.err) == (2, True)
    assert firstline("knowledge", "list", "--json").json == []


async def test_a_folder_that_is_loaded_again_drops_what_it_lost(sqlite_url: str, folder: Path) -> None:
    async with SqlStore(sqlite_url) as store:
        assert await load_folder(store, folder) == Counts(added=3, unchanged=0, categories=2)
        (folder / "hours.md").unlink()
        assert await load_folder(store, folder) == Counts(added=0, unchanged=2, categories=2)
        assert [one.slug for one in await store.read(lambda look: look.articles.rows())] == ["returns", "secret"]
        await load_folder(store, SAMPLE)
        assert await store.read(lambda look: look.articles.get("returns")) is None


async def test_what_was_added_by_hand_outlives_the_folder(sqlite_url: str, folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    async with SqlStore(sqlite_url) as store:
        await load_folder(store, empty)
        await asyncio.gather(load_folder(store, folder), load_folder(store, folder))
        assert len(await store.read(lambda look: look.articles.rows())) == 3
        with pytest.raises(WrongUse, match="nowhere"):
            await load_folder(store, tmp_path / "nowhere")


async def test_the_sample_is_sound(sqlite_url: str) -> None:
    async with SqlStore(sqlite_url) as store:
        counts = await load_folder(store, SAMPLE)
        assert counts.added >= 8
        assert counts.categories
