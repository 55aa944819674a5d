"""A page of the index as a query: by what is stored of it, without itself."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from indexer.ingest import index_document
from indexer.library import Library
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import library_in
from tests.fixtures.pdfs import write_pdf
from tests.fixtures.reranker import DarkestFirst, MostOfTheQuestion
from vdr.errors import BadInput, IndexMismatch, NotFound
from vdr.filters import parse_filter
from vdr.index.records import stored_embeddings
from vdr.index.schema import IndexSchema
from vdr.models.reranker import LoadedStep
from vdr.search.page_query import page_query
from vdr.search.searcher import Searcher
from vdr.settings import SearchSettings
from vdr.types import PageRef, SearchMode, SearchRequest, Stage

TIDES = ("Tides of the eastern bay, tides of the western bay", "High water and low water, and tides")
ROPE = ("Rope of hemp costs more", "Rope for the mainsail", "")


def no_query(queries: Sequence[object]) -> None:
    raise AssertionError("A page is not embedded again.")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("pages")
    with library_in(folder / "data") as opened:
        for name, pages in (("tides.pdf", TIDES), ("rope.pdf", ROPE)):
            document, _ = opened.add(write_pdf(folder / name, pages), name)
            index_document(opened, document.document_id)
        yield opened


@pytest.fixture
def searcher(library: Library) -> Searcher:
    embedder = TinyEmbedder()
    embedder.encode_queries = no_query  # type: ignore[assignment]
    return Searcher(embedder, library.claim(), library.objects, SearchSettings())


def page(library: Library, name: str, number: int) -> PageRef:
    [document_id] = library.catalogue.ids(parse_filter({"document_name": name}))
    return PageRef(document_id, number)


def found(searcher: Searcher, asked: PageRef, **options: object) -> list[tuple[str, int]]:
    hits = searcher.search(SearchRequest(page=asked, **options)).hits  # type: ignore[arg-type]
    return [(hit.document_name, hit.page.page_number) for hit in hits]


def test_pages_like_it_come_first_and_itself_not_at_all(library: Library, searcher: Searcher) -> None:
    hits = found(searcher, page(library, "tides.pdf", 1))
    assert hits[0] == ("tides.pdf", 2)
    assert ("tides.pdf", 1) not in hits and len(hits) == 4


def test_text_mode_goes_by_its_words_alone(library: Library, searcher: Searcher) -> None:
    assert found(searcher, page(library, "rope.pdf", 2), mode=SearchMode.TEXT) == [("rope.pdf", 1)]


def test_filter_limit_and_offset_hold(library: Library, searcher: Searcher) -> None:
    asked = page(library, "tides.pdf", 1)
    whole = found(searcher, asked)
    assert found(searcher, asked, limit=1, offset=1) == whole[1:2]
    other = parse_filter({"document_name": "rope.pdf"})
    assert {name for name, _ in found(searcher, asked, filter=other)} == {"rope.pdf"}


def test_a_cross_encoder_is_shown_the_page(library: Library, searcher: Searcher) -> None:
    reranked = replace(searcher, rerankers=[LoadedStep(DarkestFirst())])
    [first, *_] = reranked.search(SearchRequest(page=page(library, "tides.pdf", 1))).hits
    assert Stage.CROSS_ENCODER in first.stages


def test_of_a_chain_what_reads_words_is_not_asked_with_a_page(library: Library, searcher: Searcher) -> None:
    words, images = MostOfTheQuestion(), DarkestFirst()
    chained = replace(searcher, rerankers=[LoadedStep(), LoadedStep(words, 2), LoadedStep(images)])
    [first, *_] = chained.search(SearchRequest(page=page(library, "tides.pdf", 1))).hits
    assert Stage.CROSS_ENCODER in first.stages
    [(shown, _)] = images.asked
    assert isinstance(shown, Image.Image) and words.asked == []


def test_words_that_stand_there_often_count_more(library: Library) -> None:
    asked = page(library, "tides.pdf", 1)
    vectors = page_query(asked, library.claim(), library.objects, [0.3])
    assert vectors.term_weights["tides"] == pytest.approx(1 + math.log(2))
    assert vectors.term_weights["eastern"] == 1.0
    assert not {"of", "the"} & set(vectors.terms)
    assert vectors.dense_weight < 1.0


@pytest.mark.parametrize("unknown", [PageRef("0" * 64, 1), PageRef("f" * 64, 7)])
def test_a_page_that_is_not_indexed(searcher: Searcher, unknown: PageRef) -> None:
    with pytest.raises(NotFound, match="is not indexed"):
        searcher.search(SearchRequest(page=unknown))


def test_an_index_without_its_embedding_says_so() -> None:
    with pytest.raises(IndexMismatch, match="Page 2 of document aa has no embedding"):
        stored_embeddings({"text": [1.0]}, PageRef("aa", 2), IndexSchema("c", "f" * 64, 8, 8))


def test_a_page_with_nothing_on_it(library: Library) -> None:
    class Blank:
        def page_embeddings(self, page: PageRef) -> object:
            return (np.zeros(64, np.float32),)

    class Wordless:
        def page_words(self, page: PageRef) -> object:
            from vdr.types import PageWords

            return PageWords()

    with pytest.raises(BadInput, match="Page 3 is empty"):
        page_query(PageRef("aa", 3), Blank(), Wordless(), [0.3])  # type: ignore[arg-type]
