"""A full disk, a foreign lock, a file that can't be written, a disk that fails: what SQLite's callers are told."""

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.model import Lane
from bot.store import StoreBroken, StoreBusy, StoreFull
from tests.storage.engine import QUICK, arrival, insert, kinds, names, opened, put, together
from tests.waiting import until


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "firstline.db"


@contextmanager
def another(file: Path) -> Iterator[sqlite3.Connection]:
    """Another process's connection."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=0)
    try:
        yield connection
    finally:
        connection.close()


def room_for(pages: int) -> Any:
    def limit(tx: Any) -> int:
        now = tx.connection.exec_driver_sql("PRAGMA page_count").scalar()
        return int(tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {now + pages}").scalar())

    return limit


# ------------------------------------------------------------------ full


@pytest.mark.parametrize("pages", [1, 8, 25, 40])
async def test_when_the_file_is_full_in_mid_batch_every_ok_is_true(sqlite_desk: str, pages: int) -> None:
    async with opened(sqlite_desk) as store:
        await store.write(room_for(pages))
        works = [store.write(put(f"work {n}", bulk=5_000)) for n in range(39)]
        keeps = [store.keep([arrival(f"keep {n}")]) for n in range(5)]
        told = await together(store, *works, *keeps)
        assert StoreFull in kinds(told)
        assert all(isinstance(one, StoreFull) for one in told if isinstance(one, BaseException))
        assert await names(store) == {one for one in told if isinstance(one, str)}
        kept = {row.id for row in await store.read(lambda look: look.arrivals.since(None, state=None, limit=99))}
        assert kept == {one[0].id for one in told if isinstance(one, list)}


async def test_it_goes_on_by_itself_when_there_is_room_again(sqlite_desk: str) -> None:
    async with opened(sqlite_desk) as store:
        await store.write(room_for(0))
        with pytest.raises(StoreFull, match="make room"):
            await store.write(put("big", bulk=100_000))
        await store.write(room_for(1000))
        assert await store.write(put("big", bulk=100_000)) == "big"
        assert not store.broken.is_set()


async def test_a_work_that_swallows_a_full_disk_is_told_all_the_same(sqlite_desk: str) -> None:
    def swallowing(tx: Any) -> str:
        for name, bulk in [("large", 100_000), ("small", 0)]:
            with suppress(Exception):
                insert(tx, name, bulk)
        return "fine"

    async with opened(sqlite_desk) as store:
        await store.write(room_for(2))
        told = await together(store, store.write(put("a")), store.write(swallowing), store.write(put("b")))
        assert kinds(told) == ["a", StoreFull, "b"]
        assert await names(store) == {"a", "b"}


# ------------------------------------------------------------------ not just now


async def test_under_a_foreign_lock_the_store_is_busy_and_then_goes_on(sqlite_desk: str, file: Path) -> None:
    async with opened(sqlite_desk) as store:
        with another(file) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            told = await asyncio.gather(
                store.write(put("a")), store.keep([arrival("k")]), store.write(put("b")), return_exceptions=True
            )
            assert kinds(told) == [StoreBusy] * 3
            assert await names(store) == set()
        assert await store.write(put("a")) == "a"


async def test_a_foreign_lock_that_ends_in_time_is_waited_for(sqlite_desk: str, file: Path) -> None:
    async with opened(sqlite_desk) as store:
        with another(file) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(store.write(put("a")))
            await asyncio.wait([writing], timeout=QUICK.lock / 3)
            assert not writing.done()
            foreign.execute("COMMIT")
            assert await writing == "a"


READ_ONLY = """
    import asyncio, os, sys
    from pathlib import Path
    from bot.store import StoreBusy
    from storage.store import SqlStore
    from tests.storage.engine import QUICK, opened, put

    async def main():
        async with opened(sys.argv[1]) as store:
            await store.write(put("a"))
        folder = Path(sys.argv[2])
        folder.chmod(0o555)
        (folder / "firstline.db").chmod(0o444)
        if os.geteuid() == 0:
            os.setuid(65534)  # root may write anything
        try:
            await SqlStore(sys.argv[1], limits=QUICK).start()
        except StoreBusy as refusal:
            print(refusal)

    asyncio.run(main())
"""


def test_a_file_that_can_not_be_written_is_named_at_start() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        file = Path(folder) / "there" / "firstline.db"
        Path(folder).chmod(0o755)
        said = child(READ_ONLY, f"sqlite:///{file}", str(file.parent))
        file.parent.chmod(0o755)
    assert f"the database {file} can't be opened for writing" in said


async def test_a_connection_that_could_not_write_is_replaced(sqlite_desk: str) -> None:
    async with opened(sqlite_desk) as store:
        await store.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA query_only = on").close())
        assert await together(store, store.write(put("a")), store.write(put("b"))) == ["a", "b"]


# ------------------------------------------------------------------ broken


async def test_when_the_writer_dies_everybody_is_told(sqlite_desk: str) -> None:
    def deadly(tx: Any) -> None:
        raise SystemExit

    async with opened(sqlite_desk) as store:
        asked = [store.write(put(str(n))) for n in range(60)]
        told = await together(store, store.write(put("a")), store.write(deadly), *asked)
        assert kinds(told) == [StoreBroken] * 62
        assert store.broken.is_set()
        with pytest.raises(StoreBroken):
            await store.write(put("later"))
        with pytest.raises(StoreBroken):
            await store.keep([arrival("later")])
        assert await names(store) == set()


FAILING_DISK = """
    import asyncio, resource, sys
    from bot.store import StoreBroken
    from tests.storage.engine import arrival, names, opened, put, together

    async def main():
        async with opened(sys.argv[1]) as store:
            await store.write(put("before"))
            # A write beyond this size fails with EFBIG, which SQLite can only call an I/O error.
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
            asked = [store.write(put(str(n), bulk=20_000)) for n in range(60)]
            told = await together(store, store.write(put("small")), *asked)
            assert all(isinstance(one, StoreBroken) for one in told), told
            assert "start again" in str(told[0])
            await asyncio.wait_for(store.broken.wait(), 5)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            try:
                await store.write(put("after"))
            except StoreBroken:
                pass
            else:
                raise AssertionError("it went on writing")
            assert await names(store) == {"before"}

    asyncio.run(main())
"""


def child(program: str, *words: str) -> str:
    """Run it in a process of its own; what it says on standard output."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_after_an_input_output_error_nothing_is_written_any_more(sqlite_desk: str) -> None:
    child(FAILING_DISK, sqlite_desk)


# ------------------------------------------------------------------ the file


async def test_the_file_is_for_our_eyes_only(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/new/firstline.db") as store:
        await store.write(put("a"))
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == dict.fromkeys(["firstline.db", "firstline.db-wal", "firstline.db-shm"], 0o600)


async def test_the_log_is_emptied_when_nobody_writes(sqlite_desk: str, file: Path) -> None:
    log = file.with_name("firstline.db-wal")
    async with opened(sqlite_desk) as store:
        await store.write(put("large", bulk=500_000))
        assert log.stat().st_size > 500_000
        await until(lambda: log.stat().st_size == 0, what="an empty log")
        assert await store.write(put("next")) == "next"


async def test_a_closed_store_leaves_one_file(sqlite_desk: str, file: Path) -> None:
    async with opened(sqlite_desk) as store:
        await store.write(put("a"))
        await names(store)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


async def test_emptying_the_log_never_waits_for_a_reader(sqlite_desk: str, file: Path) -> None:
    async with opened(sqlite_desk) as store:
        with another(file) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM cursor").fetchall()
            await store.write(put("a"))
            await until(lambda: not store._writer._dirty, what="a try to empty the log")
            with another(file) as foreign:
                foreign.execute("BEGIN IMMEDIATE")  # raises when somebody holds the lock
        assert await store.write(put("b")) == "b"


async def test_what_is_written_is_synced_and_checked(sqlite_desk: str) -> None:
    def settings(tx: Any) -> list[Any]:
        asked = ["journal_mode", "synchronous", "foreign_keys"]
        return [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]

    async with opened(sqlite_desk) as store:
        assert await store.write(settings) == ["wal", 2, 1]


# ------------------------------------------------------------------ other processes


async def test_what_another_process_writes_wakes_every_lane(sqlite_desk: str, file: Path) -> None:
    async with opened(sqlite_desk) as store:
        await until(lambda: store._writer._version is not None)
        for lane in Lane:
            store.signal(lane).clear()
        with another(file) as foreign:
            foreign.execute("INSERT INTO cursor VALUES ('theirs', '1', '2026-01-01')")
        for lane in Lane:
            await asyncio.wait_for(store.signal(lane).wait(), 5)
