"""The ways of searching that are compared, each a function from a question to its best pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from training.evaluate.bm25 import Bm25, Values
from training.evaluate.corpus import Corpus
from training.evaluate.documents import PageKey
from vdr.errors import BadInput
from vdr.index import SearchPlan, VectorIndex, plan_search
from vdr.index.schema import coarse_embedding
from vdr.reranking import rerank_by_images
from vdr.settings import SearchSettings
from vdr.types import DocumentFilter, QueryVectors, SearchMode

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.embedder import Embedder
    from vdr.models.reranker import Reranker

DEPTH = 10
BASELINE = "bm25"
_SMALLEST_SHARE = 32  # Matryoshka dimensions are halved down to this share of them


class Scope(StrEnum):
    """What is ranked: the pages of the question's own document, or of all documents."""

    WITHIN = "within"
    CORPUS = "corpus"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question as the systems see it; without `document_id` all pages are ranked."""

    text: str
    vectors: QueryVectors
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class System:
    """A way of searching; `rank` gives the best pages, DEPTH at most, and is None for nothing to search."""

    name: str
    meaning: str
    rank: Callable[[Asked], list[PageKey]] | None


def build_systems(
    corpus: Corpus,
    embedder: "Embedder",
    settings: SearchSettings,
    dims: Sequence[int] | None = None,
    reranker: "Reranker | None" = None,
) -> list[System]:
    """All systems that these models and this corpus allow; `dims` are those to try the dense vector alone at.

    Raises BadInput for dimensions that the embedder does not have.
    """
    dims = check_dims(dims, embedder.dims)
    by_words = [_exact(BASELINE, "exact BM25 over the text layer, the baseline", corpus.texts, corpus)]
    if any(corpus.ocr_texts):
        by_words.append(
            _exact("ocr", "exact BM25 over what OCR read, nothing else", corpus.ocr_texts, corpus)
        )
    by_words.append(_text(corpus, settings))
    by_images = [] if reranker is None else _by_images(corpus, settings, reranker)
    return [*by_words, *_indexed(corpus.index, embedder, settings), *by_images, *_dense(corpus, dims)]


def check_dims(dims: Sequence[int] | None, most: int) -> list[int]:
    """The dimensions asked for, else the embedder's and their halves down to 1/32. Raises BadInput."""
    if dims is None:
        halves = (most // 2**n for n in range(_SMALLEST_SHARE.bit_length()))
        return list(dict.fromkeys(width for width in halves if width))
    for width in dims:
        if not 1 <= width <= most:
            raise BadInput(f"--dims {width} is not among the {most} dimensions of the embedder.", remedy="")
    return list(dict.fromkeys(dims))


def _exact(name: str, meaning: str, texts: Sequence[str], corpus: Corpus) -> System:
    """Exact BM25 over a text for each page."""
    bm25, keys = Bm25(texts), corpus.documents.pages

    def rank(asked: Asked) -> list[PageKey]:
        return _best(bm25.scores(asked.text), keys, asked.document_id)

    return System(name, meaning, None if bm25.is_empty else rank)


def _text(corpus: Corpus, settings: SearchSettings) -> System:
    meaning = "the index's own BM25 of the text layer, completed by OCR as VDR_OCR says"
    system = _planned("text", meaning, corpus.index, settings, SearchMode.TEXT)
    has_text = any(page.text_terms is not None for page in corpus.index.points())
    return system if has_text else replace(system, rank=None)


def _indexed(index: VectorIndex, embedder: "Embedder", settings: SearchSettings) -> list[System]:
    """The systems that go through the index, by the very plans that the service makes."""
    systems = [_read(index, settings)] if embedder.reads_words else []
    looks = "pixels alone: dense vector, and read words if any"
    for mode, meaning in ((SearchMode.VISUAL, looks), (SearchMode.HYBRID, "pixels and text layer")):
        systems.append(_planned(mode, meaning, index, settings, mode))
        if embedder.region_dims is not None:
            again = f"{mode}, its best {settings.rerank_candidates} reranked by late interaction"
            systems.append(_planned(f"{mode}+rerank", again, index, settings, mode, rerank=True))
    return systems


def _by_images(corpus: Corpus, settings: SearchSettings, reranker: "Reranker") -> list[System]:
    """What the index finds, reranked by a cross-encoder as the service does it."""

    def system(mode: SearchMode) -> System:
        def rank(asked: Asked) -> list[PageKey]:
            limit = max(DEPTH, settings.rerank_candidates)
            plan = _plan(asked, corpus.index, settings, mode, limit=limit)
            found = corpus.index.search(plan)
            best = rerank_by_images(reranker, asked.text, found, corpus.library.objects)
            return [(page.document_id, page.page_number) for page in best[:DEPTH]]

        meaning = f"{mode}, its best {settings.rerank_candidates} reranked by {reranker.name}"
        return System(f"{mode}+cross-encoder", meaning, rank)

    return [system(mode) for mode in (SearchMode.VISUAL, SearchMode.HYBRID)]


def _planned(
    name: str,
    meaning: str,
    index: VectorIndex,
    settings: SearchSettings,
    mode: SearchMode,
    *,
    rerank: bool = False,
) -> System:
    def rank(asked: Asked) -> list[PageKey]:
        return _search(index, _plan(asked, index, settings, mode, rerank=rerank))

    return System(name, meaning, rank)


def _read(index: VectorIndex, settings: SearchSettings) -> System:
    def rank(asked: Asked) -> list[PageKey]:
        plan = _plan(asked, index, settings, SearchMode.VISUAL)
        return _search(index, replace(plan, dense=None))

    return System("read", "BM25 of the words read from the pixels, nothing else", rank)


def _dense(corpus: Corpus, dims: Sequence[int]) -> list[System]:
    """The dense vector alone, compared with every page exactly, at each of these dimensions."""
    if not dims:
        return []
    found = {(page.document_id, page.page_number): page.embedding for page in corpus.index.points()}
    keys = [key for key in corpus.documents.pages if key in found]

    def system(width: int) -> System:
        pages = np.stack([coarse_embedding(found[key], width) for key in keys])  # (pages, width)

        def rank(asked: Asked) -> list[PageKey]:
            return _best(pages @ coarse_embedding(asked.vectors.embedding, width), keys, asked.document_id)

        return System(f"visual@{width}", f"the dense vector alone, its first {width} dimensions", rank)

    return [system(width) for width in dims]


def _plan(
    asked: Asked,
    index: VectorIndex,
    settings: SearchSettings,
    mode: SearchMode,
    *,
    rerank: bool = False,
    limit: int = DEPTH,
) -> SearchPlan:
    return plan_search(
        asked.vectors,
        index.schema,
        mode=mode,
        limit=limit,
        filter=DocumentFilter((asked.document_id,)) if asked.document_id else DocumentFilter(),
        candidates=settings.candidates,
        rerank_candidates=settings.rerank_candidates if rerank else 0,
    )


def _search(index: VectorIndex, plan: SearchPlan) -> list[PageKey]:
    return [(found.document_id, found.page_number) for found in index.search(plan)]


def _best(scores: Values, keys: Sequence[PageKey], document_id: str | None) -> list[PageKey]:
    """The pages of the highest scores; equal ones, be they 0, in page order."""
    places = [n for n, (document, _) in enumerate(keys) if document_id in (None, document)]
    best = np.argsort(-scores[places], kind="stable")[:DEPTH]
    return [keys[places[n]] for n in best]
