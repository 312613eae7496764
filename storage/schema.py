"""The tables. One noun each; what a row promises stands on its columns. Full-text search is in `database.py`."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no such type, stores it as sortable text without the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[Any]:
    return Column("id", Uuid, primary_key=True)


def _to(table: str, name: str | None = None, **kwargs: Any) -> Column[Any]:
    return Column(name or table, Uuid, ForeignKey(f"{table}.id"), **kwargs)


# ------------------------------------------------------------------ the desk and its people

desk = Table(
    "desk",
    metadata,
    Column("name", Text, primary_key=True),
    # The kill switch: while stopped, nothing a Triager says is sent (every level acts at most as draft).
    Column("stopped", Boolean, nullable=False),
    Column("stopped_by", Text, nullable=False),
    Column("stopped_at", Instant),
)

team = Table("team", metadata, Column("name", Text, primary_key=True), Column("created_at", Instant, nullable=False))

agent = Table(
    "agent",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

agent_team = Table(
    "agent_team",
    metadata,
    _to("agent", primary_key=True),
    Column("team", Text, ForeignKey("team.name"), primary_key=True),
)

agent_identity = Table(
    "agent_identity",
    metadata,
    _to("agent", nullable=False),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
)

contact = Table(
    "contact", metadata, _id(), Column("name", Text, nullable=False), Column("created_at", Instant, nullable=False)
)

identity = Table(
    "identity",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    _to("contact", nullable=False),
    # A token of ours came back from the address we had sent it to: mail to this identity is read by who writes as it.
    Column("proven_at", Instant),
)

# ------------------------------------------------------------------ keep

arrival = Table(
    "arrival",
    metadata,
    _id(),
    Column("channel", Text, nullable=False),
    Column("transport_key", Text, nullable=False),
    Column("envelope", JSON, nullable=False),
    Column("state", Text, nullable=False),  # kept, read, skipped, repeated, set aside
    Column("problem", Text, nullable=False),
    Column("kept_at", Instant, nullable=False, index=True),
    UniqueConstraint("channel", "transport_key"),
)

raw = Table(
    "raw",
    metadata,
    _to("arrival", primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),  # of the bytes as they came; `data` is zlib
    Column("data", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
)

# ------------------------------------------------------------------ conversations

conversation = Table(
    "conversation",
    metadata,
    _id(),
    Column("team", Text, ForeignKey("team.name"), nullable=False),
    Column("channel", Text, nullable=False),
    _to("contact"),
    Column("customer_kind", Text),
    Column("customer_value", Text),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),  # bot, human, closed
    Column("revision", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("possible_reply_to", Uuid),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False, index=True),
    # How many matters somebody has begun lately.
    Index("ix_conversation_customer", "customer_kind", "customer_value", "created_at"),
)

# Who may add to a Conversation: its customer, and those whom the customer copied in.
participant = Table(
    "participant",
    metadata,
    _to("conversation", primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
)

thread = Table(
    "thread",
    metadata,
    _id(),
    _to("conversation", nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("audience", Text, nullable=False),  # customer, agents
    Column("address", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("channel", "key"),
)

# The keys by which a message finds its Thread: one that was said in it or one that it refers to, each with the
# participant who may use it. A stranger who knows a key finds nothing; two readers racing for one can't both have it.
thread_key = Table(
    "thread_key",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("participant", Text, primary_key=True),
    _to("thread", nullable=False, index=True),
)

message = Table(
    "message",
    metadata,
    _id(),
    _to("conversation", nullable=False),
    _to("thread"),
    _to("arrival", index=True),
    Column("decision", Uuid),
    # True once a Decision covers it, or when it came while people were at work and needs none.
    Column("decided", Boolean, nullable=False),
    # The same words by two roads are one message.
    Column("source_key", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False, index=True),
    Column("author", Text, nullable=False),  # customer, agent, bot
    Column("author_name", Text, nullable=False),
    Column("visibility", Text, nullable=False),  # public, note
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("elided", Text, nullable=False),
    Column("html", Text),
    Column("signs", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("partly", Boolean, nullable=False),
    Column("verdict", Text, nullable=False, server_default="unverified"),  # verified, proven, unverified
    Column("others", JSON),  # who got it beside us; null: nobody
    Column("kept_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_message_conversation_kept_at", "conversation", "kept_at", "id"),
)

# ------------------------------------------------------------------ decisions, tickets

decision = Table(
    "decision",
    metadata,
    _id(),
    _to("conversation", nullable=False),
    Column("turn", Integer, nullable=False),
    Column("revision", Integer, nullable=False),  # what it saw
    Column("action", Text, nullable=False),  # Answer, FileTicket, Escalate, Ignore
    Column("proposed", Text, nullable=False),
    Column("overruled", JSON, nullable=False),
    Column("level", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("citations", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("triager", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("prompt_hash", Text, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    UniqueConstraint("conversation", "turn"),
)

ticket_number = Table("ticket_number", metadata, Column("number", Integer, Identity(), primary_key=True))

UNSOLVED_SQL = text("state IN ('new', 'open', 'pending', 'on hold')")
SNOOZED_SQL = text("snoozed_until IS NOT NULL")

ticket = Table(
    "ticket",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),
    _to("conversation", nullable=False, index=True),
    Column("team", Text, ForeignKey("team.name"), nullable=False),
    Column("state", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("draft", Text, nullable=False),
    _to("agent", "assignee"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("state_since", Instant),  # null: not since version 0004
    Column("assigned_at", Instant),
    Column("snoozed_until", Instant),
    Column("closed_as", Text, nullable=False, server_default=""),  # "not a request"; empty when it was done
    Index("uq_ticket_unsolved", "conversation", unique=True, sqlite_where=UNSOLVED_SQL, postgresql_where=UNSOLVED_SQL),
    Index("ix_ticket_snoozed_until", "snoozed_until", sqlite_where=SNOOZED_SQL, postgresql_where=SNOOZED_SQL),
)

escalation = Table(
    "escalation",
    metadata,
    _id(),
    _to("ticket", nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("called_at", Instant, index=True),
    _to("agent", "taken_by"),
    Column("taken_at", Instant),
)

# ------------------------------------------------------------------ the outbox

AUTOMATIC_SQL = text("recipient IS NOT NULL")

parcel = Table(
    "parcel",
    metadata,
    _id(),
    _to("thread", nullable=False),
    _to("conversation", nullable=False, index=True),
    _to("message"),
    Column("channel", Text, nullable=False),
    Column("form", Text, nullable=False),  # reply, card, notice, alert
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("address", JSON, nullable=False),
    Column("language", Text, nullable=False),
    Column("ticket", Integer),
    Column("automatic", Boolean, nullable=False),
    # Whom an automatic reply goes to, for the limit to unverified senders; null for an Agent's words.
    Column("recipient", Text),
    # The words that it answers: {"name", "said_at", "text"}.
    Column("quoted", JSON),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_parcel_recipient_created_at", "recipient", "created_at"),
    Index("ix_parcel_automatic", "created_at", sqlite_where=AUTOMATIC_SQL, postgresql_where=AUTOMATIC_SQL),
)

# An Agent's attachments; the rendered bytes have them too, from the first try on.
parcel_file = Table(
    "parcel_file",
    metadata,
    _to("parcel", primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

IN_FLIGHT_SQL = text("state IN ('pending', 'sending', 'unknown')")

delivery = Table(
    "delivery",
    metadata,
    Column("id", Uuid, ForeignKey("parcel.id"), primary_key=True),
    _to("thread", nullable=False),
    Column("seq", Integer, nullable=False),  # order within the Thread
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("rendered", LargeBinary),  # the whole bytes, fixed before the first try
    Column("reference", Text, index=True),  # mail: the Message-ID
    Column("sender", Text, nullable=False, server_default=""),  # mail: the envelope's
    Column("reply_to", Text),
    Column("recipients", JSON, nullable=False),
    Column("subject", Text, nullable=False),
    Column("file", Text),
    Column("error", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    UniqueConstraint("thread", "seq"),
    Index(
        "ix_delivery_in_flight",
        "thread",
        "seq",
        sqlite_where=IN_FLIGHT_SQL,
        postgresql_where=IN_FLIGHT_SQL,
    ),
    Index("ix_delivery_created_at", "created_at"),
)

# ------------------------------------------------------------------ jobs

WAITING_SQL = text("state = 'waiting'")
LEASED_SQL = text("lease_until IS NOT NULL")

job = Table(
    "job",
    metadata,
    _id(),
    Column("lane", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("payload", JSON, nullable=False),  # {"v": 1, …}
    Column("run_at", Instant, nullable=False),
    Column("lease_until", Instant),  # null: nobody holds it
    Column("epoch", Integer, nullable=False),  # rises with each claim, fences the finish
    Column("attempts", Integer, nullable=False),
    Column("again", Boolean, nullable=False),  # new work came while it was claimed
    Column("lapsed", Boolean, nullable=False, server_default=false()),  # the claim before this one had run out
    Column("state", Text, nullable=False),  # waiting, buried
    Column("error", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("lane", "subject"),
    Index("ix_job_due", "lane", "run_at", sqlite_where=WAITING_SQL, postgresql_where=WAITING_SQL),
    Index("ix_job_leased", "lane", "lease_until", sqlite_where=LEASED_SQL, postgresql_where=LEASED_SQL),
)

# A channel that can't be reached: no Job of it is claimed before `until`, then one probes.
pause = Table(
    "pause",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", Text, nullable=False),
)

# ------------------------------------------------------------------ knowledge

article = Table(
    "article",
    metadata,
    _id(),
    Column("slug", Text, nullable=False, unique=True),
    Column("team", Text, ForeignKey("team.name"), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("url", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("updated", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
)

# Of public Articles only: what is not here can't be found, cited or put into a prompt.
passage = Table(
    "passage",
    metadata,
    _id(),
    _to("article", nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("heading", Text, nullable=False),
    Column("text", Text, nullable=False),
)

category = Table(
    "category",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("description", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
)

# ------------------------------------------------------------------ the rest

# Append-only: nothing updates or deletes a line.
audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("target_id", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_target_id", "target_id"),
)

# What an author changed or deleted before we had read the message itself.
edit = Table(
    "edit",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("author_kind", Text, nullable=False),
    Column("author_value", Text, nullable=False),
    Column("text", Text),  # null: deleted
    Column("created_at", Instant, nullable=False),
)

# Whose messages are kept and nothing more: an address, or @domain with all that is under it.
blocked = Table(
    "blocked",
    metadata,
    Column("pattern", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# How far a polled place has been kept (IMAP watermarks, Slack backfill).
cursor = Table(
    "cursor",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# What is wrong with the desk itself. A row a trouble, told to the Agents when it comes and when it is over.
alert = Table(
    "alert",
    metadata,
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("cleared_at", Instant),  # null: it goes on
)

# What the model has cost on a day (UTC). In slices, so that no row is one that all hosts write.
budget = Table(
    "budget",
    metadata,
    Column("day", Date, primary_key=True),
    Column("slice", Integer, primary_key=True),
    Column("tokens", BigInteger, nullable=False),
    Column("cost", Float, nullable=False),
)
