"""What the catalogue holds in sum: documents and pages by collection, what waits and since when."""

from dataclasses import dataclass

from sqlalchemy import Engine, and_, case, func, select

from vdr.catalogue.tables import collections as _collections
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import indexings as _indexings
from vdr.types import DocumentState, Priority


@dataclass(frozen=True, slots=True)
class Total:
    """The documents of a collection that are in one state, at one priority, in the generation that serves.

    `pages` are those of them that are indexed, `ocr_pages_left` those that OCR is to look at. `waiting_since`
    is when the first of those in their first attempt was added; later attempts have no such time.
    """

    collection: str
    state: DocumentState
    priority: Priority
    documents: int
    pages: int
    ocr_pages_left: int
    waiting_since: str | None


def totals(engine: Engine) -> list[Total]:
    """The sums over all collections, in one query that reads every row once. Raises DatabaseUnavailable."""
    its = _indexings.c
    is_same = and_(its.collection == _documents.c.collection, its.document_id == _documents.c.document_id)
    is_serving = and_(its.collection == _collections.c.collection, its.generation == _collections.c.serving)
    first_added = func.min(case((its.attempt == 1, _documents.c.created_at)))
    chosen = (
        select(
            its.collection,
            its.state,
            its.priority,
            func.count(),
            func.sum(its.pages_done),
            func.sum(its.ocr_pages - its.ocr_pages_done),
            first_added,
        )
        .select_from(_indexings)
        .join(_collections, is_serving)
        .join(_documents, is_same)
        .where(~_documents.c.is_deleted, ~_collections.c.is_deleted)
        .group_by(its.collection, its.state, its.priority)
    )
    with engine.connect() as connection:
        return [
            Total(collection, DocumentState(state), Priority(priority), count, int(pages), int(ocr), since)
            for collection, state, priority, count, pages, ocr, since in connection.execute(chosen)
        ]
