"""What Agents do with a Ticket: whose it is since when, how long it is snoozed, and how it was closed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SNOOZED = sa.text("snoozed_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("state_since", INSTANT))
    op.add_column("ticket", sa.Column("assigned_at", INSTANT))
    op.add_column("ticket", sa.Column("snoozed_until", INSTANT))
    op.add_column("ticket", sa.Column("closed_as", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        op.f("ix_ticket_snoozed_until"),
        "ticket",
        ["snoozed_until"],
        sqlite_where=SNOOZED,
        postgresql_where=SNOOZED,
    )
