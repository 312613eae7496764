"""The first schema."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.fulltext import create_fulltext

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    _arrivals()
    _conversations()
    _tickets()
    _outbox()
    _jobs()
    _knowledge()
    _records()
    create_fulltext(op.get_bind())
    _first_rows()


def _people() -> None:
    op.create_table(
        "agent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("name", name=op.f("uq_agent_name")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_table(
        "desk",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=False),
        sa.Column("stopped_at", INSTANT),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_desk")),
    )
    op.create_table(
        "team",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_team")),
    )
    op.create_table(
        "agent_identity",
        sa.Column("agent", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent"], ["agent.id"], name=op.f("fk_agent_identity_agent")),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_agent_identity")),
    )
    op.create_table(
        "agent_team",
        sa.Column("agent", sa.Uuid(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent"], ["agent.id"], name=op.f("fk_agent_team_agent")),
        sa.ForeignKeyConstraint(["team"], ["team.name"], name=op.f("fk_agent_team_team")),
        sa.PrimaryKeyConstraint("agent", "team", name=op.f("pk_agent_team")),
    )
    op.create_table(
        "identity",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("contact", sa.Uuid(), nullable=False),
        sa.Column("proven_at", INSTANT),
        sa.ForeignKeyConstraint(["contact"], ["contact.id"], name=op.f("fk_identity_contact")),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_identity")),
    )


def _arrivals() -> None:
    op.create_table(
        "arrival",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("transport_key", sa.Text(), nullable=False),
        sa.Column("envelope", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("channel", "transport_key", name=op.f("uq_arrival_channel_transport_key")),
    )
    op.create_table(
        "raw",
        sa.Column("arrival", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["arrival"], ["arrival.id"], name=op.f("fk_raw_arrival")),
        sa.PrimaryKeyConstraint("arrival", name=op.f("pk_raw")),
    )


def _conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("contact", sa.Uuid()),
        sa.Column("customer_kind", sa.Text()),
        sa.Column("customer_value", sa.Text()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("possible_reply_to", sa.Uuid()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["contact"], ["contact.id"], name=op.f("fk_conversation_contact")),
        sa.ForeignKeyConstraint(["team"], ["team.name"], name=op.f("fk_conversation_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_index(op.f("ix_conversation_updated_at"), "conversation", ["updated_at"])
    op.create_table(
        "participant",
        sa.Column("conversation", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], name=op.f("fk_participant_conversation")),
        sa.PrimaryKeyConstraint("conversation", "kind", "value", name=op.f("pk_participant")),
    )
    op.create_table(
        "thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], name=op.f("fk_thread_conversation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("channel", "key", name=op.f("uq_thread_channel_key")),
    )
    op.create_index(op.f("ix_thread_conversation"), "thread", ["conversation"])
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation", sa.Uuid(), nullable=False),
        sa.Column("thread", sa.Uuid()),
        sa.Column("arrival", sa.Uuid()),
        sa.Column("decision", sa.Uuid()),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("elided", sa.Text(), nullable=False),
        sa.Column("html", sa.Text()),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("partly", sa.Boolean(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["arrival"], ["arrival.id"], name=op.f("fk_message_arrival")),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], name=op.f("fk_message_conversation")),
        sa.ForeignKeyConstraint(["thread"], ["thread.id"], name=op.f("fk_message_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("source_key", name=op.f("uq_message_source_key")),
    )
    op.create_index(op.f("ix_message_arrival"), "message", ["arrival"])
    op.create_index(op.f("ix_message_conversation_kept_at"), "message", ["conversation", "kept_at", "id"])
    op.create_index(op.f("ix_message_key"), "message", ["key"])
    op.create_table(
        "thread_key",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("thread", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["thread"], ["thread.id"], name=op.f("fk_thread_key_thread")),
        sa.PrimaryKeyConstraint("scope", "key", "participant", name=op.f("pk_thread_key")),
    )
    op.create_index(op.f("ix_thread_key_thread"), "thread_key", ["thread"])


def _tickets() -> None:
    op.create_table(
        "ticket_number",
        sa.Column("number", sa.Integer(), sa.Identity(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ticket_number")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("overruled", sa.JSON(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("citations", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("triager", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], name=op.f("fk_decision_conversation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("conversation", "turn", name=op.f("uq_decision_conversation_turn")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.Uuid(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Uuid()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["assignee"], ["agent.id"], name=op.f("fk_ticket_assignee")),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], name=op.f("fk_ticket_conversation")),
        sa.ForeignKeyConstraint(["team"], ["team.name"], name=op.f("fk_ticket_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
    )
    op.create_index(op.f("ix_ticket_conversation"), "ticket", ["conversation"])
    op.create_index(
        op.f("uq_ticket_unsolved"),
        "ticket",
        ["conversation"],
        unique=True,
        sqlite_where=sa.text("state IN ('new', 'open', 'pending', 'on hold')"),
        postgresql_where=sa.text("state IN ('new', 'open', 'pending', 'on hold')"),
    )
    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("called_at", INSTANT),
        sa.Column("taken_by", sa.Uuid()),
        sa.Column("taken_at", INSTANT),
        sa.ForeignKeyConstraint(["taken_by"], ["agent.id"], name=op.f("fk_escalation_taken_by")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.id"], name=op.f("fk_escalation_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(op.f("ix_escalation_called_at"), "escalation", ["called_at"])
    op.create_index(op.f("ix_escalation_ticket"), "escalation", ["ticket"])


def _outbox() -> None:
    op.create_table(
        "parcel",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread", sa.Uuid(), nullable=False),
        sa.Column("conversation", sa.Uuid(), nullable=False),
        sa.Column("message", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Integer()),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("recipient", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["conversation"], ["conversation.id"], name=op.f("fk_parcel_conversation")),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name=op.f("fk_parcel_message")),
        sa.ForeignKeyConstraint(["thread"], ["thread.id"], name=op.f("fk_parcel_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
    )
    op.create_index(op.f("ix_parcel_conversation"), "parcel", ["conversation"])
    op.create_index(op.f("ix_parcel_recipient_created_at"), "parcel", ["recipient", "created_at"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rendered", sa.LargeBinary()),
        sa.Column("reference", sa.Text()),
        sa.Column("reply_to", sa.Text()),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("file", sa.Text()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("delivered_at", INSTANT),
        sa.ForeignKeyConstraint(["id"], ["parcel.id"], name=op.f("fk_delivery_id")),
        sa.ForeignKeyConstraint(["thread"], ["thread.id"], name=op.f("fk_delivery_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("thread", "seq", name=op.f("uq_delivery_thread_seq")),
    )
    op.create_index(op.f("ix_delivery_created_at"), "delivery", ["created_at"])
    op.create_index(
        op.f("ix_delivery_in_flight"),
        "delivery",
        ["thread", "seq"],
        sqlite_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('pending', 'sending', 'unknown')"),
    )
    op.create_index(op.f("ix_delivery_reference"), "delivery", ["reference"])


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("run_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("lane", "subject", name=op.f("uq_job_lane_subject")),
    )
    op.create_index(
        op.f("ix_job_due"),
        "job",
        ["lane", "run_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        op.f("ix_job_leased"),
        "job",
        ["lane", "lease_until"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_table(
        "pause",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_pause")),
    )


def _knowledge() -> None:
    op.create_table(
        "category",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_category")),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("updated", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["team"], ["team.name"], name=op.f("fk_article_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("slug", name=op.f("uq_article_slug")),
    )
    op.create_table(
        "passage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("article", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["article.id"], name=op.f("fk_passage_article")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage")),
    )
    op.create_index(op.f("ix_passage_article"), "passage", ["article"])


def _records() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_target_id"), "audit", ["target_id"])
    op.create_table(
        "cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursor")),
    )


def _first_rows() -> None:
    desk = sa.table("desk", sa.column("name"), sa.column("stopped", sa.Boolean), sa.column("stopped_by"))
    op.bulk_insert(desk, [{"name": "firstline", "stopped": False, "stopped_by": ""}])
    team = sa.table("team", sa.column("name"), sa.column("created_at", INSTANT))
    op.bulk_insert(team, [{"name": "support", "created_at": datetime.now(UTC)}])
