"""Collections and generations; how far a document has come belongs to it and a generation."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import JSONB

from vdr.types import Generation

revision = "0004"
down_revision = "0003"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
# Columns of documents that become those of indexings.
_MOVED = (
    "state, pages_done, error_code, error_message, attempt, revision, priority, started_at, pages_at_start, "
    "finished_at, ocr_pages, ocr_pages_done"
)

_NEW_GENERATION = (
    "INSERT INTO generations "
    "(collection, generation, created_at, embedder, fingerprint, dims, coarse_dims, region_dims, has_fields) "
    "VALUES (:collection, :generation, :created_at, :embedder, :fingerprint, :dims, :coarse_dims, "
    ":region_dims, :has_fields)"
)
_NEW_COLLECTION = (
    "INSERT INTO collections (collection, created_at, description, settings, serving, is_deleted) "
    "VALUES (:collection, :created_at, '', '{}', :generation, false)"
)
_KEPT = "collection, document_id, name, size_bytes, created_at, page_count, added_by, is_deleted"
# What a document was sent as was not kept: its name tells, where it tells the truth.
_ENDINGS = {
    "image": ("png", "jpg", "jpeg", "webp", "tif", "tiff"),
    "office": ("docx", "pptx", "xlsx", "odt", "odp", "ods", "doc", "ppt", "xls", "rtf"),
}
_WHEN = [
    f"WHEN lower(name) LIKE '%.{ending}' THEN '{kind}'" for kind, ends in _ENDINGS.items() for ending in ends
]
_KIND = f"CASE {' '.join(_WHEN)} ELSE 'pdf' END"


def upgrade() -> None:
    """Make the tables, and enter what there is: each collection's index becomes its serving generation."""
    for table in ("documents", "page_errors"):
        op.rename_table(table, f"old_{table}")
    op.drop_index("documents_by_age", "old_documents")
    op.drop_index("documents_by_state", "old_documents")
    if op.get_bind().dialect.name == "postgresql":  # where the names of keys are those of the whole schema
        for table in ("documents", "page_errors"):
            op.execute(f"ALTER INDEX {table}_pkey RENAME TO old_{table}_pkey")
    _create()
    _enter_generations(_names())
    op.execute(
        f"INSERT INTO documents ({_KEPT}, kind, metadata) SELECT {_KEPT}, {_KIND}, '{{}}' FROM old_documents"
    )
    op.execute(
        f"INSERT INTO indexings (collection, generation, document_id, turn, {_MOVED}) "
        f"SELECT d.collection, c.serving, document_id, 0, {_MOVED} "
        "FROM old_documents d JOIN collections c ON c.collection = d.collection"
    )
    op.execute(
        "INSERT INTO page_errors (collection, generation, document_id, page_number, code, message) "
        "SELECT e.collection, c.serving, document_id, page_number, code, message "
        "FROM old_page_errors e JOIN collections c ON c.collection = e.collection"
    )
    op.drop_table("old_page_errors")
    op.drop_table("old_documents")


def downgrade() -> None:
    """Not possible: what belongs to several generations has no place in the old tables."""
    raise NotImplementedError("Restore a backup made before the upgrade.")


def _names() -> list[str]:
    found = op.get_bind().execute(sa.text("SELECT DISTINCT collection FROM old_documents"))
    return sorted(found.scalars())


def _enter_generations(names: list[str]) -> None:
    """A collection for each name, with the generation that its index was built as, or one still to build."""
    built: Callable[[str], Generation | None] = context.config.attributes["built"]
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    for name in names:
        found = built(name) or Generation(name, "g1", now)
        row: dict[str, Any] = {
            "collection": name,
            "generation": found.name,
            "created_at": now,
            "embedder": found.embedder,
            "fingerprint": found.fingerprint,
            "dims": found.dims,
            "coarse_dims": found.coarse_dims,
            "region_dims": found.region_dims,
            "has_fields": found.has_fields,
        }
        for statement in (_NEW_GENERATION, _NEW_COLLECTION):
            op.get_bind().execute(sa.text(statement), row)


def _create() -> None:
    op.create_table(
        "collections",
        sa.Column("collection", sa.String, primary_key=True),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("settings", _JSON, nullable=False),
        sa.Column("serving", sa.String, nullable=False),
        sa.Column("is_deleted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "generations",
        *_key("collection", "generation"),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("embedder", sa.String),
        sa.Column("fingerprint", sa.String),
        sa.Column("dims", sa.Integer),
        sa.Column("coarse_dims", sa.Integer),
        sa.Column("region_dims", sa.Integer),
        sa.Column("has_fields", sa.Boolean, nullable=False),
    )
    op.create_table(
        "documents",
        *_key("collection", "document_id"),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("added_by", sa.String, nullable=False),
        sa.Column("metadata", _JSON, nullable=False),
        sa.Column("is_deleted", sa.Boolean, nullable=False),
    )
    op.create_index("documents_by_age", "documents", ["collection", "created_at", "document_id"])
    op.create_index("documents_deleted", "documents", ["is_deleted"])
    op.create_table(
        "indexings",
        *_key("collection", "generation", "document_id"),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("error_code", sa.String),
        sa.Column("error_message", sa.String),
        sa.Column("started_at", sa.String),
        sa.Column("finished_at", sa.String),
        *_counts(
            "pages_done",
            "attempt",
            "revision",
            "priority",
            "turn",
            "pages_at_start",
            "ocr_pages",
            "ocr_pages_done",
        ),
    )
    op.create_index("indexings_by_state", "indexings", ["state", "priority", "turn"])
    op.create_index("indexings_by_turn", "indexings", ["priority", "turn"])
    op.create_index("indexings_by_collection", "indexings", ["collection", "priority", "turn"])
    op.create_table(
        "page_errors",
        *_key("collection", "generation", "document_id"),
        sa.Column("page_number", sa.Integer, primary_key=True),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("message", sa.String, nullable=False),
    )


def _key(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String, primary_key=True) for name in names]


def _counts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]
