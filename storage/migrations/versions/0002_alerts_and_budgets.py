"""Alerts about the desk itself, the model's budget, claims that ran out, and indexes for counting since an instant."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("cleared_at", INSTANT),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alert")),
    )
    op.create_table(
        "budget",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slice", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("day", "slice", name=op.f("pk_budget")),
    )
    op.create_index(op.f("ix_arrival_kept_at"), "arrival", ["kept_at"])
    op.create_index(op.f("ix_decision_created_at"), "decision", ["created_at"])
    op.add_column("job", sa.Column("lapsed", sa.Boolean(), nullable=False, server_default=sa.false()))
