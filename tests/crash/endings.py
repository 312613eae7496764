"""The third invariant: everything comes to an end, and somebody sees it."""

from collections.abc import Iterator

from tests.crash.evidence import Row
from tests.crash.found import LOST, UNFINISHED, Found, Problem, hex_of


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
    subject = hex_of(job["subject"])
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
