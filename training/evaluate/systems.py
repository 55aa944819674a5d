"""The ways of searching that are compared, each a function from a question to its best pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from training.evaluate.bm25 import Bm25, Values
from training.evaluate.corpus import Corpus
from vdr.errors import BadInput
from vdr.models.reranker import LoadedStep
from vdr.rerank_chain import depths
from vdr.search.searcher import Searcher
from vdr.settings import SearchSettings
from vdr.types import (
    Condition,
    Filter,
    FloatArray,
    PagePoint,
    PageRef,
    QueryVectors,
    SearchMode,
    SearchRequest,
)
from vdr.vectors import best_of_each, truncate

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.embedder import Embedder

DEPTH = 10
BASELINE = "bm25"
_SMALLEST_SHARE = 32  # Matryoshka dimensions are halved down to this share of them


class Scope(StrEnum):
    """What is ranked: the pages of the question's own document, or of all documents."""

    WITHIN = "within"
    CORPUS = "corpus"


Rank = Callable[[SearchRequest, QueryVectors], list[PageRef]]


@dataclass(frozen=True, slots=True)
class System:
    """A way of searching; `rank` gives the best pages for a request, and is None for nothing to search.

    Those of the index are plans, made and executed as for the service.
    """

    name: str
    meaning: str
    rank: Rank | None


def build_systems(
    corpus: Corpus,
    embedder: "Embedder",
    settings: SearchSettings,
    dims: Sequence[int] | None = None,
    rerankers: Sequence[LoadedStep] = (),
) -> list[System]:
    """All systems that these models and this corpus allow; `dims` are those to try the dense vector alone at.

    Those that are reranked end in late interaction, or in all of `rerankers`. Raises BadInput for dimensions
    that the embedder does not have; of several, further ones may have fewer.
    """
    check_dims(dims, embedder.dims)
    late = [step for step in rerankers if step.model is None]
    searcher = Searcher(embedder, corpus.index, corpus.library.objects, settings, late)
    by_words = [_exact(BASELINE, "exact BM25 over the text layer, the baseline", corpus.texts, corpus)]
    if any(corpus.ocr_texts):
        by_words.append(_exact("ocr", "exact BM25 over the OCR text only", corpus.ocr_texts, corpus))
    by_words.append(_text(corpus, searcher))
    chained = _chained(replace(searcher, rerankers=rerankers)) if len(rerankers) > len(late) else []
    return [*by_words, *_indexed(searcher), *chained, *_dense(corpus, embedder, dims)]


def check_dims(dims: Sequence[int] | None, most: int) -> list[int]:
    """The dimensions asked for, else the embedder's and their halves down to 1/32. Raises BadInput."""
    if dims is None:
        halves = (most // 2**n for n in range(_SMALLEST_SHARE.bit_length()))
        return list(dict.fromkeys(width for width in halves if width))
    for width in dims:
        if not 1 <= width <= most:
            raise BadInput(
                f"--dims {width} is not between 1 and {most}, the dimensions of the embedder.", remedy=""
            )
    return list(dict.fromkeys(dims))


def _exact(name: str, meaning: str, texts: Sequence[str], corpus: Corpus) -> System:
    """Exact BM25 over a text for each page."""
    bm25, pages = Bm25(texts), corpus.documents.pages

    def rank(request: SearchRequest, _: QueryVectors) -> list[PageRef]:
        return _best(bm25.scores(request.text or ""), pages, request)

    return System(name, meaning, None if bm25.is_empty else rank)


def _text(corpus: Corpus, searcher: Searcher) -> System:
    meaning = "the index's BM25 over the text layer, completed by OCR as set by VDR_OCR"
    system = _served("text", meaning, searcher, SearchMode.TEXT)
    has_text = any(page.text_terms is not None for page in corpus.index.points())
    return system if has_text else replace(system, rank=None)


def _indexed(searcher: Searcher) -> list[System]:
    """The systems that go through the index, without a cross-encoder."""
    systems = [_read(searcher)] if searcher.embedder.reads_words else []
    looks = "pixels only: dense vector, and words read if any"
    for mode, meaning in ((SearchMode.VISUAL, looks), (SearchMode.HYBRID, "pixels and text layer")):
        systems.append(_served(mode, meaning, searcher, mode))
        if searcher.embedder.region_dims is not None:
            again = f"{mode}, {_told(searcher)}"
            systems.append(_served(f"{mode}+rerank", again, searcher, mode, rerank=True))
    return systems


def _chained(searcher: Searcher) -> list[System]:
    """The systems that end in the searcher's rerankers, one cross-encoder at least."""
    return [
        _served(f"{mode}+cross-encoder", f"{mode}, {_told(searcher)}", searcher, mode, rerank=True)
        for mode in (SearchMode.VISUAL, SearchMode.HYBRID)
    ]


def _told(searcher: Searcher) -> str:
    """Which rerankers work one after the other, and how deep."""
    steps = searcher.rerankers or (LoadedStep(),)
    counts = depths((step.depth for step in steps), searcher.settings.rerank_candidates)
    names = ("late interaction" if step.model is None else step.name for step in steps)
    return ", then ".join(
        f"top {count} reranked by {name}" for count, name in zip(counts, names, strict=True)
    )


def _served(name: str, meaning: str, searcher: Searcher, mode: SearchMode, *, rerank: bool = False) -> System:
    """What the service answers to the request in this mode."""

    def rank(request: SearchRequest, vectors: QueryVectors) -> list[PageRef]:
        asked = replace(request, mode=mode, rerank=rerank)
        return [found.page for found in searcher.find(asked, vectors).found.candidates]

    return System(name, meaning, rank)


def _read(searcher: Searcher) -> System:
    def rank(request: SearchRequest, vectors: QueryVectors) -> list[PageRef]:
        plan = searcher.plan(replace(request, mode=SearchMode.VISUAL, rerank=False), vectors)
        return [found.page for found in searcher.execute(replace(plan, dense=())).candidates]

    return System("read", "BM25 over the words read from pixels only", rank)


def _dense(corpus: Corpus, embedder: "Embedder", dims: Sequence[int] | None) -> list[System]:
    """The dense vectors of each embedder alone, at each width, compared with every page exactly."""
    if dims is not None and not dims:
        return []
    points = {point.page: point for point in corpus.index.points()}
    keys = [page for page in corpus.documents.pages if page in points]
    systems: list[System] = []
    for place, each in enumerate((embedder, *embedder.more)):
        made = [_embeddings(points[key])[place] for key in keys]
        chosen = None if dims is None else [width for width in dims if width <= each.dims]
        systems += [_of_width(place, width, made, keys) for width in check_dims(chosen, each.dims)]
    return systems


def _embeddings(page: PagePoint | QueryVectors) -> list[FloatArray]:
    """Those of each embedder."""
    return [page.embedding, *(each.embedding for each in page.more)]


def _of_width(place: int, width: int, made: Sequence[FloatArray], keys: Sequence[PageRef]) -> System:
    """The embedder at this place, at a width; `made` are its embeddings of the pages."""
    pages = [truncate(np.atleast_2d(each), width) for each in made]  # each (vectors, width)
    counts = list(map(len, pages))
    rows = np.concatenate(pages)

    def rank(request: SearchRequest, vectors: QueryVectors) -> list[PageRef]:
        query = truncate(np.atleast_2d(_embeddings(vectors)[place]), width)
        best = best_of_each(query @ rows.T, counts)  # (vectors of the query, pages)
        return _best(best.sum(axis=0), keys, request)

    name = f"visual@{width}" if place == 0 else f"visual_{place + 1}@{width}"
    return System(name, f"dense vector only, first {width} dimensions", rank)


def _best(scores: Values, pages: Sequence[PageRef], request: SearchRequest) -> list[PageRef]:
    """The pages of the highest scores; equal ones, be they 0, in page order."""
    places = [n for n, page in enumerate(pages) if _passes(page, request.filter)]
    best = np.argsort(-scores[places], kind="stable")[: request.limit]
    return [pages[places[n]] for n in best]


def _passes(page: PageRef, filter: Filter | None) -> bool:
    match filter:
        case None:
            return True
        case Condition(field="document_id", value=tuple(ids)):
            return page.document_id in ids
        case _:
            raise ValueError(f"An evaluation filters by document, not by {filter}.")
