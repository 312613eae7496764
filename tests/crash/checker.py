"""Decides from the database, the history and the log whether the desk has kept its promises: five invariants.

I1 what was acknowledged is there · I2 one visible effect per key · I3 everything comes to an end that somebody sees ·
I4 the database is sound · I5 no secret and no customer's word in the log.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tests.crash.endings import is_finished
from tests.crash.evidence import Evidence, Row
from tests.crash.found import (
    ASTRAY,
    DAMAGED,
    DECIDED_TWICE,
    EFFECTS_TWICE,
    LEAKED,
    LOST,
    Found,
    Problem,
    copies_of,
    grouped,
    hex_of,
)
from tests.crash.history import History

TO_AGENTS = ("escalation", "alert", "notice")


def check(evidence: Evidence, history: History, log: str, secrets: Iterable[str]) -> list[Problem]:
    """Of a desk at rest: nothing is being sent, everything has been worked off."""
    found = Found(evidence, history)
    return [
        *is_kept(found),
        *is_decided_once(found),
        *is_sent_once(found),
        *is_finished(found),
        *is_at_its_place(found),
        *is_sound(evidence),
        *is_discreet(log, secrets),
    ]


def resent_in_doubt(history: History) -> int:
    """Copies beyond the first of each mail of ours; `is_sent_once` tells whether faults explain them."""
    return sum(number - 1 for number in copies_of(history).values())


# ------------------------------------------------------------------ I1


def is_kept(found: Found) -> Iterator[Problem]:
    for one in found.history.acknowledged:
        arrival, mail = hex_of(one.arrival), found.history.mails[one.key]
        if arrival not in found.arrivals:
            yield Problem(LOST, f"{one.key} was acknowledged as {one.arrival}, which is no arrival")
        elif found.raws.get(arrival) != mail.sha256:
            yield Problem(LOST, f"{one.key} was acknowledged as {one.arrival}, which holds other bytes")


# ------------------------------------------------------------------ I2


def is_decided_once(found: Found) -> Iterator[Problem]:
    for arrival, messages in found.of_arrival.items():
        if arrival and len(messages) > 1:
            yield Problem(DECIDED_TWICE, f"arrival {arrival} became {len(messages)} messages")
    for key, messages in found.of_key.items():
        if key and len(messages) > 1:
            yield Problem(DECIDED_TWICE, f"the mail {key} became {len(messages)} messages")
    turns = Counter((row["conversation"], row["turn"]) for row in found.decisions.values())
    for (conversation, turn), number in turns.items():
        if number > 1:
            yield Problem(DECIDED_TWICE, f"turn {turn} of conversation {conversation} has {number} decisions")
    for decision in found.decisions:
        if decision not in found.of_decision:
            # A message names the last Decision on it, so whoever decides again orphans the first.
            yield Problem(DECIDED_TWICE, f"decision {decision} is about no words, or they were decided again")


def is_sent_once(found: Found) -> Iterator[Problem]:
    yield from _kept_once(found)
    yield from _spoke_once(found)
    doubts = Counter(message_id for fault in found.history.faults for message_id in fault.doubtful)
    for message_id, copies in found.copies.items():
        if message_id not in found.deliveries:
            yield Problem(EFFECTS_TWICE, f"the relay got {message_id}, which nobody owed")
        elif copies > 1 + doubts[message_id]:
            yield Problem(
                EFFECTS_TWICE, f"the relay got {copies} copies of {message_id} for {doubts[message_id]} doubtful faults"
            )


def _kept_once(found: Found) -> Iterator[Problem]:
    same = Counter((found.raws.get(row["id"]), *sorted(row["envelope"]["to"])) for row in found.evidence["arrival"])
    for (sha256, *to), number in same.items():
        if number > 1:
            yield Problem(EFFECTS_TWICE, f"the mail with the hash {sha256} to {to} was kept {number} times")


def _spoke_once(found: Found) -> Iterator[Problem]:
    """A Decision says at most one thing to the customer, and a mail gets at most one answer."""
    decided = grouped((row for row in found.decisions.values() if row["action"] != "Ignore"), "conversation")
    answers = grouped((row for row in found.decisions.values() if row["action"] == "Answer"), "conversation")
    to_customers = (row for row in found.parcels.values() if row["automatic"] and row["kind"] not in TO_AGENTS)
    spoken = grouped(to_customers, "conversation")
    for conversation, parcels in spoken.items():
        if len(parcels) > len(decided.get(conversation, ())):
            yield Problem(EFFECTS_TWICE, f"conversation {conversation} has more automatic replies than decisions")
        if sum(row["kind"] == "answer" for row in parcels) != len(answers.get(conversation, ())):
            yield Problem(EFFECTS_TWICE, f"conversation {conversation} has not one answer for each decision to answer")
    replies: dict[str, set[str]] = defaultdict(set)
    for one in found.history.taken:
        if one.in_reply_to:
            replies[one.in_reply_to].add(one.message_id)
    for message_id, ours in replies.items():
        if len(ours) > 1:
            yield Problem(EFFECTS_TWICE, f"the customer's mail {message_id} got {len(ours)} replies")


# ------------------------------------------------------------------ every word in its place


def is_at_its_place(found: Found) -> Iterator[Problem]:
    """Words of one matter are in one conversation, and the relay got a Thread's mails in their order."""
    for mail in found.history.mails.values():
        here = _conversations(found, mail.message_id)
        there = _conversations(found, found.history.mails[mail.follows].message_id) if mail.follows else here
        if mail.answers:
            there = {found.conversation_of(mail.answers)}
        if here and there and here != there:
            yield Problem(ASTRAY, f"{mail.key} is in conversation {here}, what it continues in {there}")
    first = {message_id: at for at, message_id in reversed(list(enumerate(o.message_id for o in found.history.taken)))}
    for thread, deliveries in grouped(found.deliveries.values(), "thread").items():
        ordered = [first[row["reference"]] for row in sorted(deliveries, key=_seq) if row["reference"] in first]
        if ordered != sorted(ordered):
            yield Problem(ASTRAY, f"the relay got the mails of thread {thread} out of order")


def _seq(delivery: Row) -> int:
    return int(delivery["seq"])


def _conversations(found: Found, message_id: str) -> set[str | None]:
    return {row["conversation"] for row in found.of_key.get(message_id, ())}


# ------------------------------------------------------------------ I4, I5


def is_sound(evidence: Evidence) -> Iterator[Problem]:
    for what in evidence.damage:
        yield Problem(DAMAGED, what)


def is_discreet(log: str, secrets: Iterable[str]) -> Iterator[Problem]:
    """Whatever case it is written in."""
    log = log.lower()
    for secret in secrets:
        if secret and secret.lower() in log:
            at = log.index(secret.lower())
            line = log.count("\n", 0, at) + 1
            yield Problem(LEAKED, f"line {line} of the log has a secret or a customer's word (it begins {secret[:4]}…)")
