"""Who is believed, who got a copy, who is blocked, and what an Agent's mail carries."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
AUTOMATIC = sa.text("recipient IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "parcel_file",
        sa.Column("parcel", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["parcel"], ["parcel.id"], name=op.f("fk_parcel_file_parcel")),
        sa.PrimaryKeyConstraint("parcel", "ordinal", name=op.f("pk_parcel_file")),
    )
    op.create_table(
        "blocked",
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("pattern", name=op.f("pk_blocked")),
    )
    op.add_column("message", sa.Column("verdict", sa.Text(), nullable=False, server_default="unverified"))
    op.add_column("message", sa.Column("others", sa.JSON()))
    op.add_column("parcel", sa.Column("quoted", sa.JSON()))
    op.add_column("delivery", sa.Column("sender", sa.Text(), nullable=False, server_default=""))
    customer = ["customer_kind", "customer_value", "created_at"]
    op.create_index(op.f("ix_conversation_customer"), "conversation", customer)
    op.create_index(
        op.f("ix_parcel_automatic"), "parcel", ["created_at"], sqlite_where=AUTOMATIC, postgresql_where=AUTOMATIC
    )
