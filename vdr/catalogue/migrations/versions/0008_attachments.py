"""Warnings of documents, and which document another was attached to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Add the columns; indexes get a look-up by the new field, as in the revision before."""
    op.add_column("documents", sa.Column("warnings", _JSON))
    op.add_column("documents", sa.Column("parent_document_id", sa.String))
    op.execute("UPDATE generations SET has_fields = false")


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("documents", "parent_document_id")
    op.drop_column("documents", "warnings")
