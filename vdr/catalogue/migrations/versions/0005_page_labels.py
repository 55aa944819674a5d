"""What is printed on the pages of a document as their number."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Add the column: of documents indexed before nothing is known until they are indexed again."""
    op.add_column("documents", sa.Column("page_labels", _JSON))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("documents", "page_labels")
