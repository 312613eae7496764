"""Hostile mails through the real door: each is kept, read or set aside in time, and holds up nobody."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.model import Author
from tests.conftest import SHARED
from tests.waiting import until
from tests.walks.desk import Story, story

LIMIT = 5.0


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("hostile")
    subprocess.run([sys.executable, SHARED / "mail" / "hostile.py", folder], check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.glob("*.eml"))


@pytest.mark.needs_shared
async def test_hostile_mails_are_kept_and_read_or_set_aside_beside_the_mails_of_others(
    hostile: list[Path], sqlite_url: str, tmp_path: Path
) -> None:
    late: dict[str, float] = {}
    async with story(sqlite_url, tmp_path, unverified_replies=0) as desk:
        for number, file in enumerate(hostile, 1):
            await desk.raw(file.read_bytes(), "mallory@example.com")
            sent = time.monotonic()
            await desk.mail("please change my address", sender=f"c{number}@example.org")
            await until(lambda number=number: _all_read(desk, 2 * number), LIMIT + 10)
            took = time.monotonic() - sent
            if took > LIMIT:
                late[file.name] = took
        await desk.quiet()
        conversations = await desk.conversations()
        rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=1000))
        customers = {c.customer.value for c in conversations if c.customer and c.customer.value.startswith("c")}
    assert late == {}
    assert len(rows) == 2 * len(hostile)
    assert len(customers) == len(hostile)
    assert all(m.decided for c in conversations for m in c.messages if m.author is Author.CUSTOMER)


async def _all_read(desk: Story, number: int) -> bool:
    rows = await desk.store.read(lambda look: look.arrivals.since(None, state=None, limit=1000))
    return len(rows) == number and all(row.state != "kept" for row in rows)
