"""Searches that are kept, what people say of what they found, and questions that people have labelled."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Create the tables and their indexes; nothing was kept before."""
    op.create_table(
        "searches",
        sa.Column("collection", sa.String, primary_key=True),
        sa.Column("search_id", sa.String, primary_key=True),
        sa.Column("generation", sa.String, nullable=False),
        sa.Column("asked_at", sa.String, nullable=False),
        sa.Column("query", sa.String, nullable=False),
        sa.Column("request", _JSON, nullable=False),
        sa.Column("plan", _JSON, nullable=False),
        sa.Column("hits", _JSON, nullable=False),
        sa.Column("key_id", sa.String),
    )
    op.create_table(
        "feedback",
        sa.Column("collection", sa.String, primary_key=True),
        sa.Column("feedback_id", sa.String, primary_key=True),
        sa.Column("search_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("document_id", sa.String),
        sa.Column("page_number", sa.Integer),
        sa.Column("reporter", sa.String, nullable=False),
        sa.Column("key_id", sa.String),
        sa.Column("dwelt_ms", sa.BigInteger),
        sa.Column("noted_at", sa.String, nullable=False),
    )
    op.create_table(
        "questions",
        sa.Column("collection", sa.String, primary_key=True),
        sa.Column("query_id", sa.String, primary_key=True),
        sa.Column("query", sa.String, nullable=False),
        sa.Column("document_id", sa.String, nullable=False),
        sa.Column("page_numbers", _JSON, nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("added_at", sa.String, nullable=False),
    )
    op.create_index("searches_by_age", "searches", ["asked_at"])
    op.create_index("searches_by_key", "searches", ["collection", "key_id"])
    op.create_index("feedback_by_search", "feedback", ["collection", "search_id"])
    op.create_index("feedback_by_document", "feedback", ["collection", "document_id"])
    op.create_index("feedback_by_age", "feedback", ["noted_at"])
    op.create_index("questions_by_document", "questions", ["collection", "document_id"])


def downgrade() -> None:
    """Drop them, with all that was kept."""
    for table in ("questions", "feedback", "searches"):
        op.drop_table(table)
