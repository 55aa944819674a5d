"""Requests that came with a key, so that one sent twice is done once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    """Make the table; nothing came with a key before."""
    op.create_table(
        "idempotency_keys",
        sa.Column("collection", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("claim", sa.String, nullable=False),
        sa.Column("touched_at", sa.String, nullable=False),
        sa.Column("request", sa.String),
        sa.Column("answer", sa.JSON().with_variant(JSONB(), "postgresql")),
    )
    op.create_index("idempotency_keys_by_age", "idempotency_keys", ["touched_at"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("idempotency_keys")
