"""Explains a hit: which regions of a page answer a question, and in one sentence how."""

from typing import TYPE_CHECKING

from vdr.objects.store import ObjectStore
from vdr.search.expected import expected
from vdr.search.regions import in_passages
from vdr.search.request import query_of
from vdr.search.reranking import decoded
from vdr.search.sentences import sentence
from vdr.types import Explanation, PageRef, SearchRequest

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.embedder import Embedder


def explain(embedder: "Embedder", objects: ObjectStore, request: SearchRequest, page: PageRef) -> Explanation:
    """Why a page answers the text or image of a request.

    It costs as much as embedding the page once, or some dozen times; nothing of it is kept. Raises BadInput
    for an empty query, NotFound and ObjectDamaged as the store does, and what the embedder raises.
    """
    query, words = query_of(request), objects.page_words(page)
    found = embedder.explain(query, decoded(objects.page_image(page)), words)
    regions = in_passages(found, words, expected(query) if isinstance(query, str) else None)
    (asked,) = embedder.encode_queries([query])
    return Explanation(regions, sentence(asked, words, regions))
