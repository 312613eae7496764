"""firstline trace and firstline triage."""

from datetime import timedelta
from uuid import UUID

from bot.ids import new_id
from bot.model import Actor, ActorKind, FileTicket, Lane, Receipt, Rendered
from bot.store import Transaction
from tests.config.commands import Commands, audited, filed, kept, owed, ticketed
from tests.config.test_cli_ticket import agents, decided

LEASE = timedelta(minutes=1)


def answered(tx: Transaction) -> tuple[UUID, UUID, UUID]:
    """Arrival, Conversation and Delivery of a request that has gone the whole way."""
    conversation = filed(tx)
    decided(tx, conversation, FileTicket("level draft"))
    ticketed(tx, conversation)
    parcel = owed(tx, conversation)
    tx.outbox.fix(parcel.id, Rendered(b"", "m1@us", ("ann@example.org",)))
    tx.outbox.delivered(parcel.id, Receipt("m1@us"))
    arrival = conversation.messages[0].arrival
    assert arrival
    for lane in Lane:
        for claimed in tx.jobs.claim(lane, at_most=10, lease=LEASE):
            tx.jobs.finish(claimed)
    return arrival, conversation.id, parcel.id


def test_a_request_is_traced_from_keeping_to_delivery(firstline_on_both: Commands) -> None:
    firstline = firstline_on_both
    arrival, conversation, delivery = firstline.write(answered)
    steps = firstline("trace", arrival, "--json").json
    assert [step["step"] for step in steps] == ["kept", "read", "said", "decided", "ticket", "delivery"]
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    assert all(step["id"] for step in steps)
    found = {step["step"]: step for step in steps}
    assert (found["kept"]["id"], found["read"]["conversation"]) == (str(arrival), str(conversation))
    assert found["decided"]["evidence"] == {"best": 0.25}
    assert (found["decided"]["action"], found["decided"]["overruled"]) == ("FileTicket", ["level"])
    assert (found["delivery"]["id"], found["delivery"]["state"]) == (str(delivery), "delivered")
    assert found["ticket"]["number"] == 1001


def test_it_is_found_by_whatever_is_at_hand(firstline: Commands) -> None:
    arrival, conversation, delivery = firstline.write(answered)
    whole = firstline("trace", arrival, "--json").out
    for name in (conversation, delivery, 1001, "#1001", "1@example.org", "<1@example.org>", "<m1@us>"):
        assert firstline("trace", name, "--json").out == whole


def test_people_read_a_line_for_each_step(firstline: Commands) -> None:
    arrival, _, _ = firstline.write(answered)
    lines = firstline("trace", arrival).out.splitlines()
    assert len(lines) == 6
    assert f"kept       {arrival} on smtp, " in lines[0]
    assert "answer · to ann@example.org · delivered after " in lines[-1]


def test_an_arrival_that_is_not_read_yet_is_traced_too(firstline: Commands) -> None:
    arrival = firstline.write(kept)
    before, job = firstline("trace", arrival, "--json").json
    assert (before["step"], before["id"]) == ("kept", str(arrival))
    assert (job["step"], job["lane"], job["state"]) == ("job", "read", "waiting")


def test_what_became_no_message_says_why(firstline: Commands) -> None:
    def work(tx: Transaction) -> UUID:
        arrival = kept(tx)
        tx.arrivals.close(arrival, "skipped", "our own echo")
        return arrival

    assert "our own echo" in firstline("trace", firstline.write(work)).out


def test_the_trace_shows_who_did_what_and_what_is_stuck(firstline: Commands) -> None:
    arrival, conversation, _ = firstline.write(answered)
    firstline.write(lambda tx: (agents(tx, "bob"), tx.jobs.put(Lane.TRIAGE, str(conversation))))
    firstline("ticket", "take", 1001)
    firstline("queue", "bury", "triage", conversation)
    steps = firstline("trace", arrival, "--json").json
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    audit = [(s["actor"], s["name"], s["verb"], s["target"]) for s in steps if s["step"] == "audit"]
    assert ("agent", "bob", "take", "ticket") in audit
    assert ("operator", "op", "bury", "job") in audit
    (job,) = [s for s in steps if s["step"] == "job"]
    assert (job["lane"], job["state"], job["error"]) == ("triage", "buried", "set aside by an operator")
    assert "operator op · bury job · lane=triage" in firstline("trace", arrival).out


def test_something_unknown_is_named(firstline: Commands) -> None:
    for name in (new_id(), "nobody@example.org", "99999999999", "4711"):
        ended = firstline("trace", name)
        assert (ended.code, ended.out) == (1, "")
        assert str(name) in ended.err


# ------------------------------------------------------------------ the kill switch


def test_the_kill_switch_says_who_and_since_when(firstline: Commands) -> None:
    assert firstline("triage", "status", "--json").json == [{"stopped": False, "by": "", "at": None}]
    assert firstline("triage", "stop").code == 0
    (stopped,) = firstline("triage", "status", "--json").json
    assert (stopped["stopped"], stopped["by"]) == (True, "op")
    assert firstline("triage", "stop").code == 0
    assert firstline("triage", "status", "--json").json == [stopped]
    assert "stopped since" in firstline("triage", "status").out
    assert "running" in firstline("triage", "start").out
    operator = Actor(ActorKind.OPERATOR, "op")
    assert audited(firstline, "triage") == [(operator, "stop"), (operator, "start")]
