"""Search: a query becomes vectors, the index finds and reranks pages, and each hit gets its snippet."""

import logging
from dataclasses import dataclass
from time import perf_counter

from vdr.errors import BadInput, NotFound, ObjectDamaged
from vdr.index import VectorIndex, plan_search
from vdr.models.embedder import Embedder
from vdr.models.inputs import QueryInput
from vdr.models.reranker import Reranker
from vdr.objects.store import ObjectStore
from vdr.reranking import rerank_by_images
from vdr.settings import SearchSettings
from vdr.snippets import snippet
from vdr.types import Candidate, DocumentFilter, Hit, QueryVectors, SearchMode, SearchResult, Snippet

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Searcher:
    """Answers queries from ready parts; threads may share one."""

    embedder: Embedder
    index: VectorIndex
    objects: ObjectStore
    settings: SearchSettings
    reranker: Reranker | None = None

    def search(
        self,
        query: QueryInput,
        *,
        limit: int = 10,
        mode: SearchMode = SearchMode.HYBRID,
        filter: DocumentFilter = DocumentFilter(),  # noqa: B008 (frozen)
        rerank: bool = True,
    ) -> SearchResult:
        """The best pages for a text or an image.

        Raises BadInput for an empty text. What shows no word finds nothing in TEXT mode.
        """
        if isinstance(query, str) and not query.strip():
            raise BadInput("The query is empty.", remedy="Ask in a few words.")
        start = perf_counter()
        vectors = self.embedder.encode_queries([query])[0]
        embed_ms = _ms_since(start)
        result = self.search_embedded(query, vectors, limit=limit, mode=mode, filter=filter, rerank=rerank)
        total = embed_ms + result.timings_ms["total"]
        return SearchResult(result.hits, {"embed": embed_ms, **result.timings_ms, "total": total})

    def search_embedded(
        self,
        query: QueryInput,
        vectors: QueryVectors,
        *,
        limit: int = 10,
        mode: SearchMode = SearchMode.HYBRID,
        filter: DocumentFilter = DocumentFilter(),  # noqa: B008 (frozen)
        rerank: bool = True,
    ) -> SearchResult:
        """The best pages for a query that is embedded already.

        With a cross-encoder all pages returned were looked at twice, and its score is theirs.
        """
        again = self.settings.rerank_candidates if rerank else 0
        by_images = self.reranker if again else None
        start = perf_counter()
        plan = plan_search(
            vectors,
            self.index.schema,
            mode=mode,
            limit=limit if by_images is None else max(limit, again),
            filter=filter,
            candidates=self.settings.candidates,
            rerank_candidates=again if by_images is None else 0,
        )
        candidates = self.index.search(plan)
        timings = {"index": _ms_since(start)}
        if by_images is not None:
            start = perf_counter()
            candidates = rerank_by_images(by_images, query, candidates, self.objects)[:limit]
            timings["rerank"] = _ms_since(start)
        start = perf_counter()
        hits = tuple(self._hit(rank, c, vectors) for rank, c in enumerate(candidates, start=1))
        timings["snippets"] = _ms_since(start)
        return SearchResult(hits, {**timings, "total": sum(timings.values())})

    def _hit(self, rank: int, found: Candidate, asked: QueryVectors) -> Hit:
        try:
            texts = self.objects.page_texts(found.document_id, found.page_number)
            text = snippet(texts, asked.terms, tuple(asked.term_weights))
        except NotFound:  # the document was deleted between the search and now
            text = Snippet("")
        except ObjectDamaged as error:
            _LOG.warning("No snippet: %s", error)
            text = Snippet("")
        return Hit(
            rank, found.document_id, found.document_name, found.page_number, found.score, found.stages, text
        )


def _ms_since(start: float) -> float:
    return (perf_counter() - start) * 1_000
