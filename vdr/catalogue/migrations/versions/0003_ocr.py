"""How far OCR has come with a document."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ADDED = ("ocr_pages", "ocr_pages_done")


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("documents") as table:
        for name in _ADDED:
            table.add_column(sa.Column(name, sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("documents") as table:
        for name in _ADDED:
            table.drop_column(name)
