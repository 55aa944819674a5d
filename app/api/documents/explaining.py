"""Why a page was found: which parts of it answer a question."""

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import StringConstraints

from app.api.documents.answers import READING_OBJECTS
from app.api.documents.reading import PageOf
from app.api.documents.schemas import ExplanationOut
from app.api.search.asking import MAX_QUERY_CHARACTERS
from app.problems import documented
from app.state import LibraryOf, ServicesOf
from indexer.library import Library
from vdr.errors import EmbedderUnavailable, IndexMismatch
from vdr.search.explaining import explain
from vdr.types import Explanation, PageRef, SearchRequest

router = APIRouter(prefix="/documents/{document_id}", tags=["documents"])


@router.get(
    "/pages/{page_number}/explanation",
    name="explain_page",
    responses=documented(EmbedderUnavailable, IndexMismatch, *READING_OBJECTS),
)
async def explain_page(
    page: PageOf,
    services: ServicesOf,
    library: LibraryOf,
    query: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY_CHARACTERS),
        Query(description="The question to explain the page for.", examples=["net sales by region"]),
    ],
) -> ExplanationOut:
    """Explain which regions of a page answer a question, by the model that the collection is searched with.

    Takes as long as indexing the page or, with a model that gives one vector to an image, some dozen pages.
    """
    explained = await to_thread.run_sync(
        partial(_explained, library, SearchRequest(query), page), limiter=services.explanations
    )
    return ExplanationOut.of(page, explained)


def _explained(library: Library, request: SearchRequest, page: PageRef) -> Explanation:
    embedder = library.embedder
    with library.models.embedding:
        return explain(embedder, library.objects, request, page)
