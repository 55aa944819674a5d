"""All names that a document was sent under, composed; and which documents are to be replaced by which."""

import sqlalchemy as sa
from alembic import op

from vdr.names import composed

revision = "0006"
down_revision = "0005"

_KEY = ("collection", "document_id")


def upgrade() -> None:
    """Make the tables, and enter the name that each document has, in composed form."""
    op.create_table(
        "document_names",
        *(sa.Column(name, sa.String, primary_key=True) for name in (*_KEY, "name")),
        sa.Column("noted_at", sa.String, nullable=False),
    )
    op.create_index("document_names_by_name", "document_names", ["collection", "name"])
    op.create_table(
        "replacements", *(sa.Column(name, sa.String, primary_key=True) for name in (*_KEY, "replaced_id"))
    )
    _compose_names()
    op.execute(
        "INSERT INTO document_names (collection, document_id, name, noted_at) "
        "SELECT collection, document_id, name, created_at FROM documents"
    )


def downgrade() -> None:
    """Keep the names that are shown, and forget all others."""
    for table in ("replacements", "document_names"):
        op.drop_table(table)


def _compose_names() -> None:
    connection = op.get_bind()
    change = sa.text(
        "UPDATE documents SET name = :name WHERE collection = :collection AND document_id = :document_id"
    )
    for row in (
        connection.execute(sa.text("SELECT collection, document_id, name FROM documents")).mappings().all()
    ):
        if (name := composed(row["name"])) != row["name"]:
            connection.execute(change, {**row, "name": name})
