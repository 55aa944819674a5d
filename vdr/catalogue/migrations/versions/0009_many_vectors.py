"""Which reader a generation is read by, and whether its pages have many vectors."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; whatever there is was built by an embedder alone, with one vector a page."""
    op.add_column("generations", sa.Column("reader", sa.String))
    op.add_column(
        "generations", sa.Column("has_many_vectors", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("generations", sa.Column("quantization", sa.String))


def downgrade() -> None:
    """Take them away again."""
    for column in ("quantization", "has_many_vectors", "reader"):
        op.drop_column("generations", column)
