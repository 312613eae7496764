"""firstline queue: what waits, and what an operator does about it."""

from datetime import timedelta
from uuid import UUID

import pytest

from bot.ids import new_id
from bot.model import Actor, ActorKind, DeliveryState, JobState, Lane
from bot.store import Transaction
from config.cli import queue
from tests.config.commands import Commands, audited, filed, kept, owed, thread_of

OPERATOR = Actor(ActorKind.OPERATOR, "op")
KEYS = {"lane", "subject", "state", "attempts", "run_at", "lease_until", "error"}


def buried(tx: Transaction, lane: Lane, subject: str, error: str = "it broke") -> None:
    tx.jobs.put(lane, subject)
    tx.jobs.set_aside(lane, subject, error)


def claimed(tx: Transaction, lane: Lane, lease: timedelta = timedelta(minutes=1)) -> None:
    tx.jobs.claim(lane, at_most=1, lease=lease)


def test_each_job_says_what_becomes_of_it(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both

    def work(tx: Transaction) -> None:
        tx.jobs.put(Lane.TRIAGE, "taken")
        claimed(tx, Lane.TRIAGE)
        tx.jobs.put(Lane.READ, "lost")
        claimed(tx, Lane.READ, lease=timedelta(seconds=-1))
        tx.jobs.put(Lane.CHORES, "sweep")
        buried(tx, Lane.DELIVER, "stuck")

    firstline.write(work)
    rows = firstline("queue", "list", "--json").json
    assert all(set(row) == KEYS for row in rows)
    assert {row["subject"]: row["state"] for row in rows} == {
        "taken": "claimed",
        "lost": "waiting",
        "sweep": "waiting",
        "stuck": "buried",
    }
    stuck = next(row for row in rows if row["subject"] == "stuck")
    assert (stuck["lane"], stuck["error"], stuck["lease_until"]) == ("deliver", "it broke", None)
    assert [row["subject"] for row in firstline("queue", "list", "--lane", "triage", "--json").json] == ["taken"]


def test_clockwork_between_two_ticks_is_no_work_that_waits(firstline: Commands) -> None:
    def work(tx: Transaction) -> None:
        tx.jobs.put(Lane.CHORES, "health", run_at=tx.now + timedelta(minutes=1))
        tx.jobs.put(Lane.DELIVER, "later", run_at=tx.now + timedelta(minutes=1))
        buried(tx, Lane.CHORES, "broken")

    firstline.write(work)
    assert [row["subject"] for row in firstline("queue", "list", "--json").json] == ["later", "broken"]
    chores = firstline("queue", "list", "--lane", "chores", "--json").json
    assert [row["subject"] for row in chores] == ["health", "broken"]


def test_all_jobs_are_listed_however_many(firstline: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    subjects = [f"job {n}" for n in range(5)]
    firstline.write(lambda tx: [tx.jobs.put(Lane.TRIAGE, subject) for subject in subjects])
    assert [row["subject"] for row in firstline("queue", "list", "--json").json] == subjects


def test_a_job_is_shown_with_its_payload(firstline: Commands) -> None:
    firstline.write(lambda tx: tx.jobs.put(Lane.TRIAGE, "one", payload={"restarts": 2}))
    ended = firstline("queue", "show", "triage", "one")
    assert "restarts" in ended.out
    assert ended.code == 0
    assert firstline("queue", "show", "triage", "one", "--json").json[0]["payload"] == {"v": 1, "restarts": 2}


def test_a_job_that_is_not_there_is_named(firstline: Commands) -> None:
    for verb in ("show", "retry", "bury"):
        ended = firstline("queue", verb, "triage", "nothing")
        assert ended.code == 1
        assert "triage nothing" in ended.err
        assert ended.out == ""


def test_a_buried_job_is_dug_up(firstline: Commands) -> None:
    firstline.write(lambda tx: buried(tx, Lane.TRIAGE, "one"))
    assert firstline("queue", "retry", "triage", "one").code == 0
    job = firstline.read(lambda look: look.jobs.find(Lane.TRIAGE, "one"))
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    assert audited(firstline, "one") == [(OPERATOR, "retry")]


def test_all_buried_jobs_are_dug_up_and_no_others(firstline: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PORTION", 2)

    def work(tx: Transaction) -> None:
        for n in range(5):
            buried(tx, Lane.TRIAGE, f"{n}")
        buried(tx, Lane.READ, "other lane")
        tx.jobs.put(Lane.TRIAGE, "waits", run_at=tx.now + timedelta(days=1))

    firstline.write(work)
    assert firstline("queue", "retry", "triage", "--all-buried").out == "5 buried jobs are due now\n"
    jobs = firstline.read(lambda look: look.jobs.rows())
    assert [j.subject for j in jobs if j.state is JobState.BURIED] == ["other lane"]
    assert audited(firstline, "waits") == []
    assert firstline("queue", "retry", "--all-buried").out == "1 buried jobs are due now\n"


def test_a_claimed_job_is_left_to_whoever_works_on_it(firstline: Commands) -> None:
    def work(tx: Transaction) -> None:
        tx.jobs.put(Lane.TRIAGE, "one")
        claimed(tx, Lane.TRIAGE)

    firstline.write(work)
    ended = firstline("queue", "retry", "triage", "one")
    assert ended.code == 1
    assert "being worked on" in ended.err
    assert firstline.read(lambda look: look.jobs.find(Lane.TRIAGE, "one")).epoch == 1


def test_retry_wants_one_job_or_all(firstline: Commands) -> None:
    for words in ([], ["triage"], ["triage", "one", "--all-buried"], ["triage", "one", "--resend"], ["nowhere", "one"]):
        assert firstline("queue", "retry", *words).code == 2


def test_a_parcel_in_doubt_is_sent_again_only_when_asked(firstline: Commands) -> None:
    def work(tx: Transaction) -> tuple[str, UUID]:
        parcel = owed(tx, filed(tx))
        tx.outbox.unknown(parcel.id, "cut off")
        buried(tx, Lane.DELIVER, str(parcel.thread))
        return str(parcel.thread), parcel.id

    thread, parcel = firstline.write(work)

    def state() -> DeliveryState:
        return firstline.read(lambda look: look.outbox.row(parcel).state)

    assert firstline("queue", "retry", "deliver", thread).code == 0
    assert state() is DeliveryState.UNKNOWN
    assert firstline("queue", "retry", "deliver", thread, "--resend").code == 0
    assert state() is DeliveryState.PENDING


# ------------------------------------------------------------------ a buried Job ends at a person


def test_burying_triage_files_a_ticket(firstline: Commands) -> None:

    def work(tx: Transaction) -> UUID:
        conversation = filed(tx, subject="Broken\r\nzip")
        tx.jobs.put(Lane.TRIAGE, str(conversation.id))
        return conversation.id

    conversation = firstline.write(work)
    ended = firstline("queue", "bury", "triage", conversation)
    ticket = firstline.read(lambda look: look.tickets.unsolved(conversation))
    assert f"ticket {ticket.number}" in ended.out
    assert ticket.title == "Broken zip"
    assert firstline.read(lambda look: look.jobs.find(Lane.TRIAGE, str(conversation))).state is JobState.BURIED
    assert audited(firstline, conversation) == [(OPERATOR, "bury")]


def test_burying_a_delivery_files_a_ticket(firstline: Commands) -> None:
    conversation = firstline.write(lambda tx: (found := filed(tx), owed(tx, found))[0])
    thread = firstline.read(lambda look: thread_of(look, conversation))
    assert "ticket 1001" in firstline("queue", "bury", "deliver", thread.id).out
    assert "stuck" in firstline.read(lambda look: look.tickets.get(1001)).reason


def test_a_buried_arrival_can_be_read_again(firstline: Commands) -> None:
    arrival = firstline.write(kept)
    ended = firstline("queue", "bury", "read", arrival)
    assert f"firstline reread {arrival}" in ended.out
    assert firstline.read(lambda look: look.arrivals.row(arrival)).state == "set aside"
    assert firstline("reread", "--all").out == "1 arrival is read again\n"
    assert firstline.read(lambda look: look.jobs.find(Lane.READ, str(arrival))).state is JobState.WAITING


# ------------------------------------------------------------------ reread


def test_reread_reads_what_was_set_aside_and_no_more(firstline: Commands) -> None:
    def work(tx: Transaction) -> list[UUID]:
        lost, well = kept(tx, "lost"), kept(tx, "well")
        for arrival, state in ((lost, "set aside"), (well, "read")):
            tx.jobs.set_aside(Lane.READ, str(arrival), "")
            tx.arrivals.close(arrival, state)
        return [lost, well]

    lost, well = firstline.write(work)
    assert firstline("reread", "--all").out == "1 arrival is read again\n"

    def waiting() -> set[str]:
        jobs = firstline.read(lambda look: look.jobs.rows(lane=Lane.READ))
        return {job.subject for job in jobs if job.state is JobState.WAITING}

    assert waiting() == {str(lost)}
    assert firstline("reread", well, lost).out == "2 arrivals are read again\n"
    assert waiting() == {str(lost), str(well)}
    assert audited(firstline, well) == [(OPERATOR, "reread")]


def test_reread_of_something_unknown_reads_nothing(firstline: Commands) -> None:
    arrival = firstline.write(kept)
    unknown = new_id()
    ended = firstline("reread", arrival, unknown)
    assert ended.code == 1
    assert str(unknown) in ended.err
    assert audited(firstline, arrival) == []
    assert firstline("reread").code == 2
    assert firstline("reread", "--all", arrival).code == 2
