"""Which reader a generation is read by, and the vectors of its embedders: many a page, of several."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Add the columns; whatever there is was built by an embedder alone, with one vector a page."""
    op.add_column("generations", sa.Column("reader", sa.String))
    op.add_column(
        "generations", sa.Column("has_many_vectors", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("generations", sa.Column("quantization", sa.String))
    op.add_column("generations", sa.Column("more", _JSON))


def downgrade() -> None:
    """Take them away again."""
    for column in ("more", "quantization", "has_many_vectors", "reader"):
        op.drop_column("generations", column)
