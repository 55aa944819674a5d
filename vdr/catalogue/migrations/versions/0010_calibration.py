"""What the signs of a generation's searches are worth."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column; nothing was calibrated before."""
    op.add_column("generations", sa.Column("calibration", sa.JSON().with_variant(JSONB(), "postgresql")))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("generations", "calibration")
