"""Which model a generation is to be built by, and when it last began to serve."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns; there was one generation a collection."""
    op.add_column("generations", sa.Column("settings", sa.JSON().with_variant(JSONB(), "postgresql")))
    op.add_column("generations", sa.Column("served_at", sa.String()))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("generations", "served_at")
    op.drop_column("generations", "settings")
