"""The search plan: which stages a query goes through, as a value that can be printed; engines execute it."""

from dataclasses import dataclass

import numpy as np

from vdr.index.bm25 import query_terms
from vdr.index.schema import IndexSchema, check_width, coarse_embedding
from vdr.types import DocumentFilter, FloatArray, QueryVectors, SearchMode, SparseVector, Stage

# Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion", 2009, found k = 60 for many equal judges. Here are
# two, of which one knows better: a smaller k lets its first places count (docs/decisions/0005-ranking.md).
RRF_K = 10
WORDS_WEIGHT = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class DenseStage:
    """The best pages by coarse embedding (None: not stored), rescored by full embedding."""

    embedding: FloatArray  # (dims,)
    coarse: FloatArray | None  # (coarse_dims,)
    candidates: int
    weight: float

    def __str__(self) -> str:
        first = (
            "" if self.coarse is None else f"coarse {self.coarse.size} dims -> {self.candidates} pages -> "
        )
        return f"{first}full {self.embedding.size} dims -> {self.candidates} pages, weight {self.weight:g}"


@dataclass(frozen=True, slots=True)
class SparseStage:
    """The best pages by BM25 over the text layer (TEXT) or over the words read from pixels (READ)."""

    stage: Stage
    terms: SparseVector
    candidates: int
    weight: float

    def __str__(self) -> str:
        count = len(self.terms.indices)
        return f"{self.stage} {count} terms -> {self.candidates} pages, weight {self.weight:g}"


@dataclass(frozen=True, slots=True, eq=False)
class RerankStage:
    """Late interaction over the best `candidates` fused pages."""

    tokens: FloatArray  # (tokens, region_dims)
    candidates: int

    def __str__(self) -> str:
        tokens, dims = self.tokens.shape
        return f"rerank: late interaction of {tokens} tokens x {dims} over the best {self.candidates}"


@dataclass(frozen=True, slots=True, eq=False)
class SearchPlan:
    """Stages whose ranked lists are fused by weighted reciprocal ranks, reranked, and cut to `limit`.

    Where there are words, what a document tells of its pages joins them; names count by `name_terms`.
    """

    mode: SearchMode
    limit: int
    filter: DocumentFilter
    dense: DenseStage | None = None
    sparse: tuple[SparseStage, ...] = ()
    rerank: RerankStage | None = None
    rrf_k: int = RRF_K
    name_terms: tuple[str, ...] = ()

    def __str__(self) -> str:
        documents = len(self.filter.document_ids)
        where = f"{documents} document(s)" if documents else "all documents"
        steps = [
            *([self.dense] if self.dense else []),
            *self.sparse,
            *([f"documents by their pages{' and names' if self.name_terms else ''}"] if self.sparse else []),
            f"fusion: reciprocal ranks, k = {self.rrf_k}",
        ]
        steps += [self.rerank] if self.rerank else []
        return "\n  ".join([f"{self.mode} search for {self.limit} pages of {where}", *map(str, steps)])


def plan_search(
    query: QueryVectors,
    schema: IndexSchema,
    *,
    mode: SearchMode,
    limit: int,
    filter: DocumentFilter,
    candidates: int,
    rerank_candidates: int,
) -> SearchPlan:
    """The plan for a query: VISUAL looks at pixels only, TEXT at the text layer only, HYBRID at both.

    A query without terms skips the sparse stages, one whose embedding is all zeros the dense stage, one
    without token vectors (or `rerank_candidates` of 0) the rerank. Raises IndexMismatch if the query's
    vectors are not as wide as the index's.
    """
    check_width("query embedding", query.embedding.shape, (schema.dims,))
    candidates = max(candidates, limit)
    return SearchPlan(
        mode=mode,
        limit=limit,
        filter=filter,
        dense=_dense(query, schema, candidates) if mode is not SearchMode.TEXT else None,
        sparse=_sparse(query, mode, candidates),
        rerank=_rerank(query, schema, rerank_candidates) if mode is not SearchMode.TEXT else None,
        name_terms=query.terms if mode is not SearchMode.VISUAL else (),
    )


def _dense(query: QueryVectors, schema: IndexSchema, candidates: int) -> DenseStage | None:
    if not np.any(query.embedding):
        return None
    coarse = coarse_embedding(query.embedding, schema.coarse_dims) if schema.has_coarse else None
    return DenseStage(query.embedding, coarse, candidates, query.dense_weight)


def _sparse(query: QueryVectors, mode: SearchMode, candidates: int) -> tuple[SparseStage, ...]:
    stages = {
        SearchMode.VISUAL: (Stage.READ,),
        SearchMode.TEXT: (Stage.TEXT,),
        SearchMode.HYBRID: (Stage.TEXT, Stage.READ),
    }[mode]
    terms = query_terms(query.terms, query.term_weights)
    if not terms.indices:
        return ()
    return tuple(SparseStage(stage, terms, candidates, WORDS_WEIGHT) for stage in stages)


def _rerank(query: QueryVectors, schema: IndexSchema, candidates: int) -> RerankStage | None:
    if schema.region_dims is None or query.tokens is None or not len(query.tokens) or not candidates:
        return None
    check_width("query token matrix", query.tokens.shape, (None, schema.region_dims))
    return RerankStage(query.tokens, candidates)
