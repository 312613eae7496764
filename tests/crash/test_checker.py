"""The checker must find what is wrong: what a sound desk has left behind is falsified in one place at a time."""

import asyncio
import copy
import random
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from storage.migrate import upgrade
from tests.crash.checker import check, resent_in_doubt
from tests.crash.evidence import Evidence, look
from tests.crash.falsified import FALSIFIED, ID, again
from tests.crash.found import ASTRAY, DAMAGED, DECIDED_TWICE, EFFECTS_TWICE, LEAKED, LOST, Problem
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
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> Site:
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


@pytest.mark.parametrize(("script", "count", "words"), FALSIFIED.values(), ids=FALSIFIED.keys())
def test_a_falsified_database_is_found_out(script: str, count: str, words: str, scene: Scene) -> None:
    scene.falsify(script)
    assert [p for p in scene.check() if p.count == count and words in p.what]


def test_a_turn_with_two_decisions_is_found_out(scene: Scene) -> None:
    """The database itself does not let this be written."""
    evidence = Evidence.of(scene.url)
    first = evidence["decision"][0]
    evidence["decision"].append({**first, "id": "0" * 32})
    found = check(evidence, scene.history, "", ())
    assert [p for p in found if p.count == DECIDED_TWICE and "has 2 decisions" in p.what]


def test_a_mail_in_two_messages_is_found_out(scene: Scene) -> None:
    scene.falsify(again("message", "author = 'customer'", id=ID, source_key="'other'", arrival="NULL"))
    found = scene.check()
    assert [p for p in found if p.count == DECIDED_TWICE and p.what.startswith("the mail ")]


def test_a_damaged_file_is_found_out(scene: Scene) -> None:
    scene.falsify("PRAGMA writable_schema = on; DELETE FROM sqlite_schema WHERE name = 'ix_message_key'")
    assert [p for p in scene.check() if p.count == DAMAGED]


def test_an_orphan_on_postgresql_is_found_out(postgresql_url: str) -> None:
    upgrade(postgresql_url)
    assert Evidence.of(postgresql_url).damage == []
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no foreign key is looked at
        connection.execute("INSERT INTO raw VALUES (gen_random_uuid(), '', 0, '', now())")
    assert Evidence.of(postgresql_url).damage == ["1 of raw have no arrival"]


# ------------------------------------------------------------------ what was seen from outside


def test_an_acknowledgement_of_nothing_is_found_out(scene: Scene) -> None:
    scene.history.acknowledged.append(Acknowledged("filed", "01a20485-be63-75ff-81cb-7d5b4c9efa62"))
    assert [p.count for p in scene.check()] == [LOST]


def test_an_acknowledgement_with_anothers_id_is_found_out(scene: Scene) -> None:
    first, second, *_ = scene.history.acknowledged
    scene.history.acknowledged.append(Acknowledged(first.key, second.arrival))
    assert [p.count for p in scene.check()] == [LOST]


def test_a_reply_that_never_reached_the_relay_is_found_out(scene: Scene) -> None:
    scene.history.taken.remove(scene.of("filed"))
    assert [p.count for p in scene.check()] == [LOST]


def test_a_second_copy_needs_a_doubtful_fault_of_its_own(scene: Scene) -> None:
    reply = scene.of("filed")
    scene.history.taken.append(reply)
    assert [p.count for p in scene.check()] == [EFFECTS_TWICE]

    scene.history.faults.append(Fault("killed", frozenset({"another mail"})))
    assert [p.count for p in scene.check()] == [EFFECTS_TWICE]

    scene.history.faults.append(Fault("killed", frozenset({reply.message_id})))
    assert scene.check() == []
    assert resent_in_doubt(scene.history) == 1

    scene.history.taken.append(reply)
    assert [p.count for p in scene.check()] == [EFFECTS_TWICE]


def test_two_replies_to_one_mail_are_found_out(scene: Scene) -> None:
    filed, urgent = scene.of("filed"), scene.of("urgent")
    scene.history.taken[scene.history.taken.index(filed)] = replace(filed, in_reply_to=urgent.in_reply_to)
    assert [p.count for p in scene.check()] == [EFFECTS_TWICE]


def test_a_thread_out_of_order_is_found_out(scene: Scene) -> None:
    scene.history.taken.reverse()
    assert [p.count for p in scene.check()] == [ASTRAY]


def test_a_second_mail_in_another_conversation_is_found_out(scene: Scene) -> None:
    mails = scene.history.mails
    mails["filed"] = replace(mails["filed"], follows="urgent")
    assert [p.count for p in scene.check()] == [ASTRAY]


# ------------------------------------------------------------------ the log


@pytest.mark.parametrize("leaked", [CANARY, CANARY.upper(), "hunter2-hunter2"])
def test_a_secret_or_a_customers_word_in_the_log_is_found_out(leaked: str, scene: Scene) -> None:
    scene.log += f'{{"event": "kept", "error": "550 no such user <{leaked}>"}}\n'
    (problem,) = scene.check()
    assert problem.count == LEAKED
    assert leaked not in problem.what
