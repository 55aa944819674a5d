"""Title, author and dates that PDFs have in their own metadata."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ADDED = ("pdf_title", "pdf_author", "pdf_created_at", "pdf_modified_at")


def upgrade() -> None:
    """Add the columns: of documents indexed before nothing is known until they are indexed again.

    Indexes built before have no look-up by the new fields: they are given one as those of 0.1.0 are.
    """
    for name in _ADDED:
        op.add_column("documents", sa.Column(name, sa.String))
    op.execute("UPDATE generations SET has_fields = false")


def downgrade() -> None:
    """Take them away again."""
    for name in _ADDED:
        op.drop_column("documents", name)
