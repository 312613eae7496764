"""Decides from the database, the history and the log whether the desk has kept its promises: five invariants.

I1 what was acknowledged is there · I2 one visible effect per key · I3 everything comes to an end that somebody sees ·
I4 the database is sound · I5 no secret and no customer's word in the log.
"""

import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from tests.crash.evidence import Evidence, Row
from tests.crash.history import History

LOST = "lost"
DECIDED_TWICE = "decided_twice"
EFFECTS_TWICE = "effects_twice"
UNFINISHED = "unfinished"
ASTRAY = "astray"  # in the wrong conversation, or in the wrong order
DAMAGED = "damaged"
LEAKED = "leaked"
COUNTS = (LOST, DECIDED_TWICE, EFFECTS_TWICE, UNFINISHED, ASTRAY, DAMAGED, LEAKED)


@dataclass(frozen=True)
class Problem:
    count: str
    what: str


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
    return sum(number - 1 for number in _copies(history).values())


class Found:
    """The evidence, sorted."""

    def __init__(self, evidence: Evidence, history: History) -> None:
        self.evidence = evidence
        self.history = history
        self.arrivals = {row["id"]: row for row in evidence["arrival"]}
        self.raws = {row["arrival"]: _digest(row["data"]) for row in evidence["raw"]}
        self.customer_words = [row for row in evidence["message"] if row["author"] == "customer"]
        self.of_arrival = _grouped(self.customer_words, "arrival")
        self.of_key = _grouped(self.customer_words, "key")
        self.of_decision = _grouped(self.customer_words, "decision")
        self.decisions = {row["id"]: row for row in evidence["decision"]}
        self.parcels = {row["id"]: row for row in evidence["parcel"]}
        self.threads = {row["id"]: row for row in evidence["thread"]}
        self.deliveries = {row["reference"]: row for row in evidence["delivery"] if row["reference"]}
        self.ticketed = {row["conversation"] for row in evidence["ticket"]}
        called = {row["ticket"] for row in evidence["escalation"]}
        self.called = {row["conversation"] for row in evidence["ticket"] if row["id"] in called}
        self.copies = _copies(history)

    def conversation_of(self, message_id: str) -> str | None:
        """Of a mail of ours."""
        delivery = self.deliveries.get(message_id)
        return self.parcels[delivery["id"]]["conversation"] if delivery else None


# ------------------------------------------------------------------ I1


def is_kept(found: Found) -> Iterator[Problem]:
    for one in found.history.acknowledged:
        arrival, mail = _hex(one.arrival), found.history.mails[one.key]
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
    decided = _grouped((row for row in found.decisions.values() if row["action"] != "Ignore"), "conversation")
    answers = _grouped((row for row in found.decisions.values() if row["action"] == "Answer"), "conversation")
    spoken = _grouped((row for row in found.parcels.values() if row["automatic"]), "conversation")
    for conversation, parcels in spoken.items():
        if len(parcels) > len(decided.get(conversation, ())):
            yield Problem(EFFECTS_TWICE, f"conversation {conversation} has more automatic replies than decisions")
        if sum(row["kind"] == "answer" for row in parcels) != len(answers.get(conversation, ())):
            yield Problem(EFFECTS_TWICE, f"conversation {conversation} has not one answer for each decision to answer")
    replies: dict[str, set[str]] = defaultdict(set)
    for one in found.history.taken:
        replies[one.in_reply_to].add(one.message_id)
    for message_id, ours in replies.items():
        if len(ours) > 1:
            yield Problem(EFFECTS_TWICE, f"the customer's mail {message_id} got {len(ours)} replies")


# ------------------------------------------------------------------ I3


def is_finished(found: Found) -> Iterator[Problem]:
    for arrival in found.arrivals.values():
        yield from _is_read(arrival, found)
    for message in found.customer_words:
        if problem := _open_end(message, found):
            yield Problem(UNFINISHED, f"message {message['id']} ({message['key']}): {problem}")
    for job in found.evidence["job"]:
        yield from _is_over(job, found)
    for delivery in found.evidence["delivery"]:
        yield from _is_handed_over(delivery, found)
    yield from _are_told(found)


def _is_read(arrival: Row, found: Found) -> Iterator[Problem]:
    messages = found.of_arrival.get(arrival["id"], [])
    match arrival["state"]:
        case "kept":
            yield Problem(UNFINISHED, f"arrival {arrival['id']} was never read")
        case "repeated":
            if not _is_second_road(arrival, found):
                yield Problem(LOST, f"arrival {arrival['id']} was dropped as a repetition of nothing")
        case "read" | "set aside":
            if not messages:
                yield Problem(LOST, f"arrival {arrival['id']} is {arrival['state']} and no message")
            elif arrival["state"] == "set aside" and messages[0]["conversation"] not in found.ticketed:
                yield Problem(UNFINISHED, f"arrival {arrival['id']} is set aside where nobody sees it")
        case state:
            yield Problem(LOST, f"arrival {arrival['id']} is {state}: {arrival['problem']}")


def _is_second_road(arrival: Row, found: Found) -> bool:
    sha256 = found.raws.get(arrival["id"])
    return any(found.raws.get(other) == sha256 for other in found.of_arrival if other != arrival["id"])


def _open_end(message: Row, found: Found) -> str:
    """Why it can't be said that the message was answered, ticketed, escalated or ignored by rule."""
    is_human = message["kind"] == "message"
    if not message["decided"]:
        return "nobody has decided on it"
    if message["decision"] is None:
        return "" if message["conversation"] in found.ticketed or not is_human else "left to people without a ticket"
    decision = found.decisions.get(message["decision"])
    match decision["action"] if decision else None:
        case "Answer":
            return ""
        case "FileTicket" if message["conversation"] in found.ticketed:
            return ""
        case "Escalate" if message["conversation"] in found.called:
            return ""
        case "Ignore" if not is_human:
            return ""
        case action:
            return f"its decision {message['decision']} ({action}) came to nothing"


def _is_over(job: Row, found: Found) -> Iterator[Problem]:
    if job["state"] == "waiting":
        yield Problem(UNFINISHED, f"a job is left: {job['lane']} {job['subject']} ({job['error']})")
    elif _conversation_of(job, found) not in found.ticketed:
        yield Problem(UNFINISHED, f"{job['lane']} {job['subject']} is set aside where nobody sees it ({job['error']})")


def _conversation_of(job: Row, found: Found) -> str | None:
    subject = _hex(job["subject"])
    match job["lane"]:
        case "read":
            messages = found.of_arrival.get(subject)
            return messages[0]["conversation"] if messages else None
        case "triage":
            return subject
        case _:
            return found.threads[subject]["conversation"] if subject in found.threads else None


def _is_handed_over(delivery: Row, found: Found) -> Iterator[Problem]:
    if delivery["state"] in ("pending", "sending", "unknown"):
        yield Problem(UNFINISHED, f"delivery {delivery['id']} is still {delivery['state']}")
    elif delivery["state"] == "undeliverable":
        if found.parcels[delivery["id"]]["conversation"] not in found.ticketed:
            yield Problem(UNFINISHED, f"delivery {delivery['id']} is undeliverable and nobody sees it")
    elif delivery["reference"] not in found.copies:
        yield Problem(LOST, f"delivery {delivery['id']} is called delivered, but the relay never got it")


def _are_told(found: Found) -> Iterator[Problem]:
    """Whose matter became a Ticket has been written its number: the desk under test has no limit of replies."""
    filed = {row["conversation"] for row in found.decisions.values() if row["action"] in ("FileTicket", "Escalate")}
    told = {row["conversation"] for row in found.parcels.values() if row["kind"] in ("ticket", "acknowledgement")}
    for conversation in filed - told:
        yield Problem(LOST, f"the customer of conversation {conversation} was never told of the ticket")


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
    for thread, deliveries in _grouped(found.deliveries.values(), "thread").items():
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


# ------------------------------------------------------------------ parts


def _grouped(rows: Iterable[Row], name: str) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[name], []).append(row)
    return groups


def _copies(history: History) -> Counter[str]:
    return Counter(one.message_id for one in history.taken)


def _digest(data: bytes) -> str:
    try:
        return hashlib.sha256(zlib.decompress(data)).hexdigest()
    except zlib.error as error:
        return f"unreadable: {error}"


def _hex(text: str) -> str:
    try:
        return UUID(text).hex
    except ValueError:
        return text
