"""${message}

A migration stands for itself: it spells out its tables and imports nothing of ours that may change later. The release
before it must be able to read what it leaves (expand now, contract in a later release).
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
