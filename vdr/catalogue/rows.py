"""Rows of the catalogue's tables: how they are entered, and what they are in the words of vdr.types."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table
from sqlalchemy.dialects import postgresql, sqlite

from vdr.filters import from_stored, to_stored
from vdr.types import Document, DocumentState, DocumentWarning, Indexing, PageError, PdfInfo, Priority

_OF_DOCUMENT = ("document_id", "name", "size_bytes", "created_at", "page_count", "kind", "added_by")
_OF_INDEXING = (
    "generation",
    "pages_done",
    "error_code",
    "error_message",
    "attempt",
    "revision",
    "turn",
    "started_at",
    "pages_at_start",
    "finished_at",
    "ocr_pages",
    "ocr_pages_done",
)


def insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row; False, and nothing changed, if its key is there already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(table).values(row).on_conflict_do_nothing().returning(table.c[0])
    return connection.execute(new).first() is not None  # not every driver counts the rows of an insert


def document_row(collection: str, document: Document) -> dict[str, Any]:
    """A new document as its table has it."""
    told = {name: getattr(document, name) for name in _OF_DOCUMENT}
    return {
        **told,
        "collection": collection,
        "parent_document_id": document.parent_id,
        "metadata": to_stored(document.metadata),
        "is_deleted": False,
    }


def indexing_row(collection: str, document: Document) -> dict[str, Any]:
    """A new document's indexing as its table has it."""
    told = {name: getattr(document.indexing, name) for name in _OF_INDEXING}
    return {
        **told,
        "collection": collection,
        "document_id": document.document_id,
        "state": document.indexing.state,
        "priority": int(document.indexing.priority),
    }


def document_of(row: RowMapping, page_errors: Sequence[PageError], names: Sequence[str] = ()) -> Document:
    """The document of a row that joins it and its indexing; `names` are all that it was sent under."""
    indexing = Indexing(
        **{name: row[name] for name in _OF_INDEXING},
        state=DocumentState(row["state"]),
        priority=Priority(row["priority"]),
        page_errors=tuple(page_errors),
    )
    told = {name: row[name] for name in _OF_DOCUMENT}
    others = tuple(name for name in names if name != row["name"])
    return Document(
        **told,
        indexing=indexing,
        metadata=from_stored(row["metadata"]),
        other_names=others,
        info=_info_of(row),
        warnings=tuple(DocumentWarning(**each) for each in row["warnings"] or ()),
        parent_id=row["parent_document_id"],
        parent_name=row["parent_name"],
    )


def info_row(info: PdfInfo) -> dict[str, str | None]:
    """What a PDF says of itself as the table of documents has it."""
    return {f"pdf_{name}": value or None for name, value in asdict(info).items()}


def _info_of(row: RowMapping) -> PdfInfo:
    dates = row["pdf_created_at"], row["pdf_modified_at"]
    return PdfInfo(row["pdf_title"] or "", row["pdf_author"] or "", *dates)


def now() -> str:
    """The time as the catalogue notes it: ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
