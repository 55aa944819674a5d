"""The search plan: which stages a request goes through."""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from vdr.errors import NotCalibrated
from vdr.index.bm25 import query_terms, term_index
from vdr.index.schema import (
    IndexSchema,
    NamedVectors,
    check_type,
    check_width,
    coarse_embedding,
    given_coarse,
    is_quantized,
)
from vdr.models.reranker import AnyReranker, LoadedStep
from vdr.rerank_chain import depths
from vdr.search.calibration import Calibration, ModeCalibration
from vdr.search.kept import Tuned, is_default
from vdr.search.phrases import phrases_in
from vdr.search.places import Places, places_in
from vdr.search.request import in_words, query_of
from vdr.search.sought import sought_by
from vdr.search.stages import (
    AskedWord,
    ConfidenceStage,
    CrossEncoderStage,
    DenseStage,
    DocumentStage,
    ExcludedWord,
    LateInteractionStage,
    PhraseStage,
    PlaceStage,
    RerankStage,
    SparseStage,
    WordsStage,
)
from vdr.settings import SearchSettings
from vdr.types import (
    Condition,
    Effort,
    Filter,
    FloatArray,
    QueryTokens,
    QueryVectors,
    SearchMode,
    SearchRequest,
    SparseVector,
    Stage,
    VectorShape,
)
from vdr.words import wholes

# Below 1, so that other stages still tell pages apart that contain every word as often as any page does.
WORDS_WEIGHT = 0.9
# An image may ask for hundreds of words: the heaviest stand for the rest.
_MOST_SINGLE_TERMS = 64
# Where each mode looks for words.
_SOURCES = {
    SearchMode.VISUAL: (Stage.READ,),
    SearchMode.TEXT: (Stage.TEXT,),
    SearchMode.HYBRID: (Stage.TEXT, Stage.READ),
}
# Of pages that are compared in quantized form; docs/decisions/0021-first-stage.md has what that leaves.
_IN_FULL = 50
# The best 200 * sqrt(pages) / 28 by a quarter of the dimensions hold 0.99 of the ten best pages; by half of
# them 200 do (docs/decisions/0028-scale.md).
_COARSE_PAGES = 28
_COARSE_SHARE = 0.5
# So many times the candidates are found by the mean of many vectors: it tells less than a coarse embedding.
_FIRST_OF_MANY = 5


@dataclass(frozen=True, slots=True, eq=False)
class SearchPlan:
    """First stages, whose lists are fused; rerankers, which put the best in another order; and the cut.

    The order of what is found depends on neither `limit` nor `offset`: these cut `limit` pages out of one
    list, after the first `offset`. That list is as long as the first stages' candidates make it, so an offset
    beyond its end gives nothing. Rerankers work one after the other: each reorders its `candidates` among
    themselves; what comes after them follows in the order it had. Late interaction is the first, as it adds
    to scores that the others replace. `confidence` is told last, and leaves out what is too unsure. With
    `explain` what is found comes with what each stage says of it.
    """

    mode: SearchMode
    limit: int
    offset: int = 0
    filter: Filter | None = None
    excluded: tuple[ExcludedWord, ...] = ()
    dense: tuple[DenseStage, ...] = ()
    sparse: tuple[SparseStage, ...] = ()
    documents: DocumentStage | None = None
    phrases: PhraseStage | None = None
    place: PlaceStage | None = None
    rerank: tuple[RerankStage, ...] = ()
    confidence: ConfidenceStage | None = None
    explain: bool = False

    @property
    def place_words(self) -> frozenset[str]:
        """Words of the question that only say which page is meant."""
        return frozenset() if self.place is None else self.place.places.words

    @property
    def late_interaction(self) -> LateInteractionStage | None:
        """The first reranker, if it is late interaction."""
        return next((stage for stage in self.rerank[:1] if isinstance(stage, LateInteractionStage)), None)

    def __str__(self) -> str:
        after = f" after the first {self.offset}" if self.offset else ""
        first = (*self.excluded, *self.dense, *self.sparse, self.documents, self.phrases, self.place)
        stages = (*first, "fusion: shares of the question", *self.rerank, self.confidence)
        steps = [str(stage) for stage in stages if stage is not None]
        return "\n  ".join([f"{self.mode} search for {self.limit} pages{after}{_told(self.filter)}", *steps])


def plan_search(
    request: SearchRequest,
    vectors: QueryVectors,
    schema: IndexSchema,
    settings: SearchSettings,
    *,
    rerankers: Sequence[LoadedStep] = (),
    calibration: Calibration | None = None,
    tuned: Tuned | None = None,
    pages: int = 0,
) -> SearchPlan:
    """The plan for a request: VISUAL looks at pixels only, TEXT at the text layer only, HYBRID at both.

    A query without terms skips the sparse stages, one whose embedding is all zeros the dense stage. Of the
    `rerankers`, cross-encoders of words are skipped for what is no question in words, late interaction in
    TEXT mode and where index or query has no vectors for it; where none is left, or there are none, late
    interaction reranks. Nothing does without `request.rerank`, or with `rerank_candidates` of 0. A question
    in words that names places prefers their pages, and the words that name a page are not looked for. Phrases
    that it quotes prefer pages that have them, and pages with words that it leaves out ("-marine") are not
    found. `request.effort` says how many pages are looked at, and how often; in an index of more `pages` more
    are found by their coarse embeddings. With a `calibration` it is told how sure a search of words is.
    Default requests go by `tuned` instead of settings, rerankers and calibration. Raises IndexMismatch if the
    query's vectors are not those of the index, NotCalibrated where only sure pages are asked for and nobody
    knows.
    """
    without: Set[int] = frozenset()
    if tuned is not None and is_default(request):
        settings, rerankers, without, fitted = tuned.settings, tuned.rerankers, tuned.without, tuned.fitted
    else:
        fitted = _fitted(request, settings, calibration)
        settings = _at_effort(settings, request.effort)
    asked = in_words(request.text or "")
    if asked.excluded:
        request = replace(request, text=asked.text)
    places = places_in(asked.text)
    vectors = without_words(vectors, places.words)
    sparse = _sparse(vectors, request.mode, settings.candidates)
    dense = _dense(vectors, schema, settings.candidates, request.offset + request.limit, without, pages)
    return SearchPlan(
        mode=request.mode,
        limit=request.limit,
        offset=request.offset,
        filter=request.filter,
        excluded=tuple(_excluded(word, request.mode) for word in asked.excluded),
        dense=dense if request.mode is not SearchMode.TEXT else (),
        sparse=sparse,
        documents=_documents(vectors, request.mode) if sparse else None,
        phrases=_phrases(asked.text, request.effort),
        place=_place(places, request.effort),
        rerank=_rerank(request, vectors, schema, settings.rerank_candidates, rerankers),
        confidence=_confidence(request, fitted),
        explain=request.explain,
    )


def _at_effort(settings: SearchSettings, effort: Effort) -> SearchSettings:
    """FAST considers a quarter of the pages and reranks none, BEST considers twice as many."""
    match effort:
        case Effort.FAST:
            fewer = {"candidates": max(settings.candidates // 4, 1), "rerank_candidates": 0}
            return settings.model_copy(update=fewer)
        case Effort.BALANCED:
            return settings
        case Effort.BEST:
            more = {
                "candidates": 2 * settings.candidates,
                "rerank_candidates": 2 * settings.rerank_candidates,
            }
            return settings.model_copy(update=more)


def _phrases(question: str, effort: Effort) -> PhraseStage | None:
    phrases = phrases_in(question)
    return PhraseStage(phrases) if phrases and effort is not Effort.FAST else None


def _place(places: Places, effort: Effort) -> PlaceStage | None:
    """FAST goes by numbers and labels alone, and reads no captions."""
    if not places:
        return None
    return PlaceStage(places, candidates=0) if effort is Effort.FAST else PlaceStage(places)


def without_words(query: QueryVectors, words: Set[str]) -> QueryVectors:
    """The query without terms for these words; as it is where it has no others."""
    kept = tuple(term for term in query.terms if term not in words)
    if not kept or len(kept) == len(query.terms):
        return query
    forms = {term: word for term, word in query.forms.items() if word not in words}
    related = {term: word for term, word in query.related.items() if word not in words}
    left = {*kept, *forms, *related}
    weights = {term: weight for term, weight in query.term_weights.items() if term in left}
    return replace(query, terms=kept, forms=forms, related=related, term_weights=weights)


def _dense(
    query: QueryVectors, schema: IndexSchema, candidates: int, exact: int, without: Set[int], pages: int
) -> tuple[DenseStage, ...]:
    """A stage for each embedder of the index but some; a query may have vectors of the first alone."""
    in_full = min(candidates, max(exact, _IN_FULL))
    stages = [
        _dense_stage(vectors, named, candidates, in_full if is_quantized(named.full, schema) else None, pages)
        for named, vectors in zip(schema.vectors, (query, *query.more), strict=False)
        if named.place not in without
    ]
    return tuple(stage for stage in stages if stage is not None)


def _dense_stage(
    query: QueryVectors, named: NamedVectors, candidates: int, exact: int | None, pages: int
) -> DenseStage | None:
    check_width("query embedding", query.embedding.shape, named.full_shape)
    if not np.any(query.embedding):
        return None
    first = math.ceil(candidates * _first_of(named.shape, pages))
    coarse = _coarse(query, named)
    return DenseStage(
        query.embedding, coarse, candidates, first, query.dense_weight, named.place, exact, query.noise
    )


def _first_of(shape: VectorShape, pages: int) -> float:
    """How many times the candidates are found by the coarse embedding."""
    if shape.has_many_vectors:
        return _FIRST_OF_MANY
    tells_enough = shape.coarse_dims >= _COARSE_SHARE * shape.dims
    return 1.0 if tells_enough else max(1.0, math.sqrt(pages) / _COARSE_PAGES)


def _coarse(query: QueryVectors, named: NamedVectors) -> FloatArray | None:
    if named.shape.has_many_vectors:
        return given_coarse(query.coarse, named.shape)
    return coarse_embedding(query.embedding, named.shape.coarse_dims) if named.has_coarse else None


def _sparse(query: QueryVectors, mode: SearchMode, candidates: int) -> tuple[SparseStage, ...]:
    terms = query_terms(query.terms, query.term_weights)
    if not terms.indices:
        return ()
    reach, scale = _reach(query, terms)
    stages = _SOURCES[mode]
    return tuple(SparseStage(stage, terms, candidates, WORDS_WEIGHT, reach, scale) for stage in stages)


def _excluded(word: str, mode: SearchMode) -> ExcludedWord:
    terms = (SparseVector((term_index(each),), (1.0,)) for each in dict.fromkeys(wholes(word)))
    return ExcludedWord(word, tuple(terms), _SOURCES[mode])


def _reach(query: QueryVectors, terms: SparseVector) -> tuple[tuple[AskedWord, ...], float]:
    """The words that are asked for one by one, the heaviest, and by how much all of them weigh more.

    Words of like meaning stand for these and add nothing to what there is to find.
    """
    weights = dict(zip(terms.indices, terms.values, strict=True))
    asked = {term_index(word): word for word in query.terms}
    heaviest = sorted(asked, key=lambda index: (-weights[index], index))[:_MOST_SINGLE_TERMS]
    scale = sum(weights[index] for index in asked) / max(sum(weights[index] for index in heaviest), 1e-9)
    stand_ins: dict[str, list[str]] = {}
    for other, word in (*query.forms.items(), *query.related.items()):
        stand_ins.setdefault(word, []).append(other)
    words = (
        AskedWord(
            asked[index],
            SparseVector((index,), (weights[index],)),
            query_terms(stand_ins.get(asked[index], ())),
        )
        for index in heaviest
    )
    return tuple(words), scale


def _documents(query: QueryVectors, mode: SearchMode) -> DocumentStage:
    # A name is not in the pixels.
    return DocumentStage(query.terms if mode is not SearchMode.VISUAL else ())


def _fitted(
    request: SearchRequest, settings: SearchSettings, calibration: Calibration | None
) -> ModeCalibration | None:
    """None for a search that goes through fewer stages than those that the calibration was fitted to."""
    is_whole = request.effort is not Effort.FAST and request.rerank and settings.rerank_candidates > 0
    is_of_words = request.text is not None and request.image is None and request.page is None
    if calibration is None or not (is_whole and is_of_words):
        return None
    return calibration.modes.get(request.mode)


def _confidence(request: SearchRequest, fitted: ModeCalibration | None) -> ConfidenceStage | None:
    if fitted is not None:
        return ConfidenceStage(fitted, request.min_confidence or 0.0)
    if request.min_confidence is not None:
        raise NotCalibrated("It is not known how sure this search is: min_confidence cannot be used.")
    return None


def _rerank(
    request: SearchRequest,
    vectors: QueryVectors,
    schema: IndexSchema,
    candidates: int,
    rerankers: Sequence[LoadedStep],
) -> tuple[RerankStage, ...]:
    """The rerankers that apply to the request; where none does, late interaction, if that does."""
    if not request.rerank or not candidates:
        return ()
    for chain in (rerankers, (LoadedStep(),)):
        counts = depths((step.depth for step in chain), candidates)
        stages = (
            _rerank_stage(step.model, count, request, vectors, schema)
            for step, count in zip(chain, counts, strict=True)
        )
        if planned := tuple(stage for stage in stages if stage is not None):
            return planned
    return ()


def _rerank_stage(
    model: AnyReranker | None,
    candidates: int,
    request: SearchRequest,
    vectors: QueryVectors,
    schema: IndexSchema,
) -> RerankStage | None:
    if model is None:
        is_text = request.mode is SearchMode.TEXT
        return None if is_text else _late_interaction(vectors.tokens, schema, candidates)
    if model.reads_words is False:
        return CrossEncoderStage(model.name, query_of(request), candidates)
    if request.text is None:
        return None
    return WordsStage(model.name, request.text, sought_by(vectors, request.text), candidates)


def _late_interaction(
    tokens: QueryTokens | None, schema: IndexSchema, candidates: int
) -> LateInteractionStage | None:
    if schema.region_dims is None or tokens is None or not len(tokens.rows):
        return None
    check_width("query token matrix", tokens.rows.shape, (None, schema.region_dims))
    check_type("query token matrix", tokens.rows, schema.region_type)
    return LateInteractionStage(tokens, candidates)


def _told(filter: Filter | None) -> str:
    match filter:
        case None:
            return ""
        case Condition(field=field, operator=operator, value=tuple(values)):
            return f" where {field} {operator} {len(values)} values"
        case Condition(field=field, operator=operator, value=value):
            return f" where {field} {operator} {value}"
        case _:
            return " that pass a filter"
