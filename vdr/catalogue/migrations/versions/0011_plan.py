"""What default searches of a generation go by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; all went by the settings before."""
    op.add_column("generations", sa.Column("plan", sa.JSON().with_variant(JSONB(), "postgresql")))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("generations", "plan")
