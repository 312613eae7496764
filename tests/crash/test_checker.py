"""The checker must find what is wrong: what a sound desk has left behind is falsified in one place at a time."""

import asyncio
import copy
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from storage.migrate import upgrade
from tests.crash import checker
from tests.crash.checker import Problem, check, resent_in_doubt
from tests.crash.evidence import Evidence, look
from tests.crash.history import Acknowledged, Fault, History, Taken
from tests.crash.mails import CANARY, follow_up, question
from tests.crash.site import Site

URGENT = "This is an emergency, our production is down. I want to speak to a human."
FILED = "The lamp hums in B flat. Is that on purpose?"


@dataclass
class Scene:
    """A database and a history to falsify."""

    url: str
    history: History
    log: str = ""
    secrets: tuple[str, ...] = (CANARY, "hunter2-hunter2")

    def check(self) -> list[Problem]:
        return check(Evidence.of(self.url), self.history, self.log, self.secrets)

    def falsify(self, script: str) -> None:
        file = sqlite3.connect(self.url.partition(":///")[2])
        file.executescript(script)
        file.close()

    def of(self, key: str) -> Taken:
        """The desk's reply to the mail."""
        wanted = self.history.mails[key].message_id
        return next(one for one in self.history.taken if one.in_reply_to == wanted)


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("sound")
    return asyncio.run(_story(folder, f"sqlite:///{folder}/firstline.db"))


async def _story(folder: Path, url: str) -> Site:
    """A desk that has answered, filed, escalated and ignored, and is not running any more."""
    chance = random.Random(1)
    answered = question(chance, "answered", text="How do I reset my password?")
    filed, urgent = question(chance, "filed", text=FILED), question(chance, "urgent", text=URGENT)
    ignored = question(chance, "ignored", text="I am away.", extra="Auto-Submitted: auto-replied\r\n")
    async with Site(folder, url, chance) as site:
        await site.desk.start()
        await site.send([[answered], [filed], [urgent], [ignored]])
        assert await site.rest()
        reply = next(one for one in site.history.taken if one.in_reply_to == answered.message_id)
        await site.send([[follow_up(chance, "follow-up", reply)]])
        assert await site.rest()
        await site.desk.stop()
    return site


@pytest.fixture
def scene(left_behind: Site, tmp_path: Path) -> Scene:
    """A copy for one test."""
    file = tmp_path / "copy.db"
    with sqlite3.connect(left_behind.url.partition(":///")[2]) as original, sqlite3.connect(file) as duplicate:
        original.backup(duplicate)
    original.close()
    duplicate.close()
    history = copy.copy(left_behind.history)
    for name in ("mails", "acknowledged", "taken", "faults"):
        setattr(history, name, copy.copy(getattr(history, name)))
    return Scene(f"sqlite:///{file}", history, left_behind.desk.words())


def test_a_sound_desk_has_no_problems(scene: Scene) -> None:
    assert scene.check() == []
    with look(scene.url) as now:
        actions = [row["action"] for row in now.rows("SELECT action FROM decision ORDER BY action")]
    assert actions == ["Answer", "Escalate", "FileTicket", "FileTicket", "Ignore"]


def again(table: str, where: str, **new: str) -> str:
    """SQL for one more row like the one that is there."""
    values = ", ".join(f"{name} = {value}" for name, value in new.items())
    return f"""
        CREATE TEMP TABLE again AS SELECT * FROM {table} WHERE {where} LIMIT 1;
        UPDATE again SET {values};
        INSERT INTO {table} SELECT * FROM again;
        DROP TABLE again;
    """


def job(lane: str, subject: str, state: str) -> str:
    return f"""
        INSERT INTO job (id, lane, subject, channel, payload, run_at, epoch, attempts, again, state, error, created_at)
        SELECT hex(randomblob(16)), '{lane}', {subject}, 'smtp', '{{}}', '2026-01-01', 1, 1, 0, '{state}', '', '2026-01-01'
    """


ID = "'0123456789abcdef0123456789abcdef'"
ANSWERED = "(SELECT conversation FROM decision WHERE turn = 1 AND action = 'Answer')"
NO_TICKET = f"DELETE FROM ticket WHERE conversation = {ANSWERED};"

FALSIFIED = {
    # I1
    "an arrival is gone": ("DELETE FROM arrival", checker.LOST, "which is no arrival"),
    "other bytes": ("UPDATE raw SET data = x'789c030000000001'", checker.LOST, "holds other bytes"),
    "bytes that can't be read": ("UPDATE raw SET data = x'00'", checker.LOST, "holds other bytes"),
    # I2
    "two messages of one arrival": (
        again("message", "author = 'customer'", id=ID, source_key="'other'"),
        checker.DECIDED_TWICE,
        "became 2 messages",
    ),
    "decided again": (again("decision", "1", id=ID, turn="9"), checker.DECIDED_TWICE, "they were decided again"),
    "kept twice": (
        again("arrival", "1", id=ID, transport_key="'other'")
        + again("raw", "arrival = (SELECT id FROM arrival LIMIT 1)", arrival=ID),
        checker.EFFECTS_TWICE,
        "was kept 2 times",
    ),
    "two replies to one decision": (
        again("parcel", "kind = 'acknowledgement'", id=ID),
        checker.EFFECTS_TWICE,
        "more automatic replies than decisions",
    ),
    "an answer that nobody sent": (
        "UPDATE parcel SET kind = 'ticket' WHERE kind = 'answer'",
        checker.EFFECTS_TWICE,
        "not one answer for each decision",
    ),
    "sent without being owed": ("UPDATE delivery SET reference = NULL", checker.EFFECTS_TWICE, "which nobody owed"),
    # I3
    "never read": ("UPDATE arrival SET state = 'kept'", checker.UNFINISHED, "was never read"),
    "read into nothing": ("DELETE FROM message WHERE author = 'customer'", checker.LOST, "is read and no message"),
    "skipped": ("UPDATE arrival SET state = 'skipped'", checker.LOST, "is skipped"),
    "a repetition of nothing": (
        "UPDATE arrival SET state = 'repeated'; DELETE FROM message WHERE author = 'customer'",
        checker.LOST,
        "a repetition of nothing",
    ),
    "set aside unseen": (
        NO_TICKET + "UPDATE arrival SET state = 'set aside'",
        checker.UNFINISHED,
        "is set aside where nobody sees it",
    ),
    "never decided": ("UPDATE message SET decided = 0", checker.UNFINISHED, "nobody has decided on it"),
    "left to nobody": (
        NO_TICKET + f"UPDATE message SET decision = NULL WHERE conversation = {ANSWERED}",
        checker.UNFINISHED,
        "left to people without a ticket",
    ),
    "filed without a ticket": ("DELETE FROM ticket", checker.UNFINISHED, "(FileTicket) came to nothing"),
    "escalated without a call": ("DELETE FROM escalation", checker.UNFINISHED, "(Escalate) came to nothing"),
    "a question ignored": ("UPDATE decision SET action = 'Ignore'", checker.UNFINISHED, "(Ignore) came to nothing"),
    "a decision that is gone": ("DELETE FROM decision", checker.UNFINISHED, "(None) came to nothing"),
    "never told": ("DELETE FROM parcel WHERE kind = 'ticket'", checker.LOST, "was never told of the ticket"),
    "a job waits": (job("triage", "'x'", "waiting"), checker.UNFINISHED, "a job is left: triage x"),
    "a triage set aside unseen": (
        NO_TICKET + job("triage", ANSWERED, "buried"),
        checker.UNFINISHED,
        "is set aside where nobody sees it",
    ),
    "a reading set aside unseen": (
        NO_TICKET + job("read", f"arrival FROM message WHERE conversation = {ANSWERED} LIMIT 1 --", "buried"),
        checker.UNFINISHED,
        "",
    ),
    "a thread set aside unseen": (
        NO_TICKET + job("deliver", f"(SELECT id FROM thread WHERE conversation = {ANSWERED})", "buried"),
        checker.UNFINISHED,
        "is set aside where nobody sees it",
    ),
    "still pending": ("UPDATE delivery SET state = 'pending'", checker.UNFINISHED, "is still pending"),
    "still sending": ("UPDATE delivery SET state = 'sending'", checker.UNFINISHED, "is still sending"),
    "still unknown": ("UPDATE delivery SET state = 'unknown'", checker.UNFINISHED, "is still unknown"),
    "undeliverable unseen": (
        NO_TICKET + "UPDATE delivery SET state = 'undeliverable'",
        checker.UNFINISHED,
        "is undeliverable and nobody sees it",
    ),
    "a follow-up astray": (
        "UPDATE message SET conversation = (SELECT conversation FROM decision WHERE action = 'Escalate')"
        " WHERE decision = (SELECT id FROM decision WHERE turn = 2)",
        checker.ASTRAY,
        "follow-up is in conversation",
    ),
    # I4
    "an orphan": ("DELETE FROM conversation", checker.DAMAGED, "has no conversation"),
}
