"""A page of the index as a query: what is like it, by its vectors and its words as they are stored."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vdr.errors import BadInput, NotFound
from vdr.index import VectorIndex
from vdr.merging import merged
from vdr.models.many_vectors import many_query
from vdr.objects.store import ObjectStore
from vdr.search.request import all_of
from vdr.types import (
    AllOf,
    Condition,
    Filter,
    FloatArray,
    Not,
    Operator,
    PageRef,
    PageWords,
    QueryVectors,
    SearchRequest,
    VectorShape,
)
from vdr.words import ASKING_WORDS, wholes

# A dense page has 400 distinct terms; those beyond its most frequent ones cost time and say little about it.
_MOST_TERMS = 64


def page_query(
    page: PageRef, index: VectorIndex, objects: ObjectStore, dense_weights: Sequence[float]
) -> QueryVectors:
    """The vectors of a page as those of a query: its embeddings, and its most frequent terms.

    A term that stands on the page n times counts 1 + ln n; the embedding by each embedder counts its
    `dense_weights`, as for a question. Raises NotFound if the page is not indexed, IndexMismatch if it is
    without an embedding, BadInput if nothing is on it.
    """
    embeddings = index.page_embeddings(page)
    if embeddings is None:
        raise NotFound(f"Page {page.page_number:,} of document {page.document_id} is not indexed.")
    counts = _counts(objects.page_words(page)).most_common(_MOST_TERMS)
    if not counts and not any(map(np.any, embeddings)):
        raise BadInput(f"Page {page.page_number:,} is empty.", remedy="Choose another page.")
    shapes = (named.shape for named in index.schema.vectors)
    first, *others = map(_query, embeddings, shapes, dense_weights)
    return replace(
        first,
        terms=tuple(term for term, _ in counts),
        term_weights={term: 1 + math.log(count) for term, count in counts},
        more=tuple(others),
    )


def asked_by_page(request: SearchRequest, page: PageRef) -> SearchRequest:
    """A request for what is like a page: not for the page itself, which would always be first."""
    return replace(request, filter=all_of(request.filter, _other_than(page)))


def _query(embedding: FloatArray, shape: VectorShape, dense_weight: float) -> QueryVectors:
    if shape.has_many_vectors:
        return many_query(embedding, dense_weight)
    return QueryVectors(embedding, dense_weight=dense_weight)


def _other_than(page: PageRef) -> Filter:
    is_document = Condition("document_id", Operator.EQ, page.document_id)
    return Not(AllOf((is_document, Condition("page_number", Operator.EQ, page.page_number))))


def _counts(words: PageWords) -> Counter[str]:
    """How often each term that names something stands on a page; of the text layer, if it has one."""
    found = merged(words) or words.read
    return Counter(term for word in found for term in wholes(word.text) if term not in ASKING_WORDS)
