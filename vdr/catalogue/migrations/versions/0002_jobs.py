"""What durable jobs need to know of a document, and which workers are alive."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ADDED = ("attempt", "revision", "priority", "added_by", "started_at", "pages_at_start", "finished_at")


def upgrade() -> None:
    """Add columns and the table of workers."""
    with op.batch_alter_table("documents") as table:
        table.add_column(sa.Column("attempt", sa.Integer, nullable=False, server_default="1"))
        table.add_column(sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("priority", sa.Integer, nullable=False, server_default="1"))
        table.add_column(sa.Column("added_by", sa.String, nullable=False, server_default=""))
        table.add_column(sa.Column("started_at", sa.String))
        table.add_column(sa.Column("pages_at_start", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("finished_at", sa.String))
        table.create_index("documents_by_state", ["state"])
    op.create_table(
        "workers",
        sa.Column("executor_id", sa.String, primary_key=True),
        sa.Column("beat", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("workers")
    with op.batch_alter_table("documents") as table:
        table.drop_index("documents_by_state")
        for name in _ADDED:
            table.drop_column(name)
