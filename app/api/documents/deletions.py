"""Many documents deleted together."""

from fastapi import APIRouter

from app.api.documents.answers import CHANGING
from app.api.documents.schemas import Deletion, DeletionOut, DocumentRef
from app.problems import documented
from app.state import LibraryOf
from vdr.errors import BadFilter, WrongContentType
from vdr.filters import parse_filter
from vdr.types import Listing

router = APIRouter(prefix="/deletions", tags=["documents"])

_NAMES_SHOWN = 100  # of documents that are deleted together


@router.post("", name="delete_documents", responses=documented(BadFilter, WrongContentType, *CHANGING))
def delete_documents(body: Deletion, library: LibraryOf) -> DeletionOut:
    """Delete all documents that pass a filter, or say which would be.

    A deletion cannot be undone, so nothing is deleted unless `dry_run` is false.
    """
    where = parse_filter(body.filter)
    chosen, named = library.catalogue.ids(where), library.catalogue.page(_NAMES_SHOWN, Listing(where))
    if not body.dry_run:
        library.delete_all(chosen)
    documents = [DocumentRef.of(each.document_id, each.name) for each in named]
    return DeletionOut(dry_run=body.dry_run, count=len(chosen), documents=documents)
