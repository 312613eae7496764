"""What can be wrong in a database, as SQL that makes it so, with the count and the words that must tell of it."""

from tests.crash.found import ASTRAY, DAMAGED, DECIDED_TWICE, EFFECTS_TWICE, LOST, UNFINISHED


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
        INSERT INTO job (id, lane, subject, state, run_at, created_at, channel, payload, epoch, attempts, again, error)
        SELECT {ID}, '{lane}', {subject}, '{state}', '2026-01-01', '2026-01-01', 'smtp', '{{}}', 1, 1, 0, ''
    """


ID = "'0123456789abcdef0123456789abcdef'"
ANSWERED = "(SELECT conversation FROM decision WHERE turn = 1 AND action = 'Answer')"
ESCALATED = "(SELECT conversation FROM decision WHERE action = 'Escalate')"
NO_TICKET = f"DELETE FROM ticket WHERE conversation = {ANSWERED};"

FALSIFIED = {
    # I1
    "an arrival is gone": ("DELETE FROM arrival", LOST, "which is no arrival"),
    "other bytes": ("UPDATE raw SET data = x'789c030000000001'", LOST, "holds other bytes"),
    "bytes that can't be read": ("UPDATE raw SET data = x'00'", LOST, "holds other bytes"),
    # I2
    "two messages of one arrival": (
        again("message", "author = 'customer'", id=ID, source_key="'other'"),
        DECIDED_TWICE,
        "became 2 messages",
    ),
    "decided again": (again("decision", "1", id=ID, turn="9"), DECIDED_TWICE, "they were decided again"),
    "kept twice": (
        again("arrival", "id = (SELECT min(id) FROM arrival)", id=ID, transport_key="'other'")
        + again("raw", "arrival = (SELECT min(arrival) FROM raw)", arrival=ID),
        EFFECTS_TWICE,
        "was kept 2 times",
    ),
    "two replies to one decision": (
        again("parcel", "kind = 'acknowledgement'", id=ID),
        EFFECTS_TWICE,
        "more automatic replies than decisions",
    ),
    "an answer that nobody sent": (
        "UPDATE parcel SET kind = 'ticket' WHERE kind = 'answer'",
        EFFECTS_TWICE,
        "not one answer for each decision",
    ),
    "sent without being owed": ("UPDATE delivery SET reference = NULL", EFFECTS_TWICE, "which nobody owed"),
    # I3
    "never read": ("UPDATE arrival SET state = 'kept'", UNFINISHED, "was never read"),
    "read into nothing": ("DELETE FROM message WHERE author = 'customer'", LOST, "is read and no message"),
    "skipped": ("UPDATE arrival SET state = 'skipped'", LOST, "is skipped"),
    "a repetition of nothing": (
        "UPDATE arrival SET state = 'repeated'; DELETE FROM message WHERE author = 'customer'",
        LOST,
        "a repetition of nothing",
    ),
    "set aside unseen": (
        NO_TICKET + "UPDATE arrival SET state = 'set aside'",
        UNFINISHED,
        "is set aside where nobody sees it",
    ),
    "never decided": ("UPDATE message SET decided = 0", UNFINISHED, "nobody has decided on it"),
    "left to nobody": (
        NO_TICKET + f"UPDATE message SET decision = NULL WHERE conversation = {ANSWERED}",
        UNFINISHED,
        "left to people without a ticket",
    ),
    "filed without a ticket": ("DELETE FROM ticket", UNFINISHED, "(FileTicket) came to nothing"),
    "escalated without a call": ("DELETE FROM escalation", UNFINISHED, "(Escalate) came to nothing"),
    "a question ignored": ("UPDATE decision SET action = 'Ignore'", UNFINISHED, "(Ignore) came to nothing"),
    "a decision that is gone": ("DELETE FROM decision", UNFINISHED, "(None) came to nothing"),
    "never told": ("DELETE FROM parcel WHERE kind = 'ticket'", LOST, "was never told of the ticket"),
    "a job waits": (job("triage", "'x'", "waiting"), UNFINISHED, "a job is left: triage x"),
    "a triage set aside unseen": (
        NO_TICKET + job("triage", ANSWERED, "buried"),
        UNFINISHED,
        "is set aside where nobody sees it",
    ),
    "a reading set aside unseen": (
        NO_TICKET
        + job(
            "read", f"(SELECT arrival FROM message WHERE conversation = {ANSWERED} AND arrival IS NOT NULL)", "buried"
        ),
        UNFINISHED,
        "is set aside where nobody sees it",
    ),
    "a thread set aside unseen": (
        NO_TICKET + job("deliver", f"(SELECT id FROM thread WHERE conversation = {ANSWERED})", "buried"),
        UNFINISHED,
        "is set aside where nobody sees it",
    ),
    "still pending": ("UPDATE delivery SET state = 'pending'", UNFINISHED, "is still pending"),
    "still sending": ("UPDATE delivery SET state = 'sending'", UNFINISHED, "is still sending"),
    "still unknown": ("UPDATE delivery SET state = 'unknown'", UNFINISHED, "is still unknown"),
    "undeliverable unseen": (
        NO_TICKET + "UPDATE delivery SET state = 'undeliverable'",
        UNFINISHED,
        "is undeliverable and nobody sees it",
    ),
    "a follow-up astray": (
        f"UPDATE message SET conversation = {ESCALATED} WHERE decision = (SELECT id FROM decision WHERE turn = 2)",
        ASTRAY,
        "follow-up is in conversation",
    ),
    # I4
    "an orphan": ("DELETE FROM conversation", DAMAGED, "has no conversation"),
}
