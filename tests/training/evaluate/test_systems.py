"""The systems: which there are, and that each ranks by what it says."""

import numpy as np
import pytest

from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.reranker import DarkestFirst
from training.evaluate.corpus import open_corpus
from training.evaluate.documents import find_documents
from training.evaluate.systems import Asked, build_systems, check_dims
from vdr.errors import BadInput
from vdr.search import Searcher
from vdr.settings import SearchSettings
from vdr.types import QueryVectors, SearchMode, Stage


class DenseOnly(TinyEmbedder):
    """An embedder that neither reads nor has regions."""

    fingerprint = "de" * 32
    region_dims = None
    reads_words = False


@pytest.fixture
def opened(folder, settings, tmp_path):
    def open_(embedder, *, text_layer=True):
        documents = find_documents(folder, settings.ingest)
        return open_corpus(
            folder, documents, settings, embedder, cache=tmp_path / "cache", text_layer=text_layer, say=str
        )

    return open_


def systems_of(corpus, embedder, dims=None):
    return {system.name: system for system in build_systems(corpus, embedder, SearchSettings(), dims)}


def ask(text, vector=None, tokens=None, document_id=None):
    embedding = np.ones(64, np.float32) / 8 if vector is None else vector
    return Asked(text, QueryVectors(embedding, tokens, tuple(text.split())), document_id)  # type: ignore[arg-type]


def test_a_reader_with_regions_has_every_system(opened):
    with opened(TinyEmbedder()) as corpus:
        names = list(systems_of(corpus, TinyEmbedder(), (64, 8)))
    modes = ["read", "visual", "visual+rerank", "hybrid", "hybrid+rerank"]
    assert names == ["bm25", "text", *modes, "visual@64", "visual@8"]


def test_one_vector_alone_is_neither_read_nor_reranked(opened):
    with opened(DenseOnly()) as corpus:
        assert list(systems_of(corpus, DenseOnly(), ())) == ["bm25", "text", "visual", "hybrid"]


def test_words_find_the_page_that_holds_them(opened):
    with opened(TinyEmbedder()) as corpus:
        systems, pages = systems_of(corpus, TinyEmbedder(), ()), corpus.documents.pages
        for name in ("bm25", "text"):
            assert systems[name].rank(ask("tax noon"))[0] == pages[4]


def test_within_a_document_only_its_pages_are_ranked(opened):
    with opened(TinyEmbedder()) as corpus:
        document_id = corpus.documents.by_name["tax.pdf"].document_id
        for name, system in systems_of(corpus, TinyEmbedder(), (64,)).items():
            found = system.rank(ask("the tax", document_id=document_id))
            assert {document for document, _ in found} <= {document_id}, name
            assert found or name == "read"


def test_equal_scores_of_the_baseline_come_in_page_order(opened):
    with opened(TinyEmbedder()) as corpus:
        assert systems_of(corpus, TinyEmbedder(), ())["bm25"].rank(ask("whale")) == corpus.documents.pages


def test_read_words_are_searched_alone(opened):
    with opened(TinyEmbedder()) as corpus:
        systems = systems_of(corpus, TinyEmbedder(), ())
        point = next(corpus.index.points())
        words = corpus.library.objects.page_words(point.document_id, point.page_number)
        found = systems["read"].rank(ask(words.read[0].text))
    assert (point.document_id, point.page_number) in found
    assert systems["read"].rank is not None


def test_the_dense_vector_alone_finds_its_own_page_exactly(opened):
    with opened(TinyEmbedder()) as corpus:
        systems = systems_of(corpus, TinyEmbedder(), (64, 16))
        points = {(p.document_id, p.page_number): p.embedding for p in corpus.index.points()}
        for width in (64, 16):
            cut = {key: v[:width] / np.linalg.norm(v[:width]) for key, v in points.items()}
            for query in points.values():
                own = query[:width] / np.linalg.norm(query[:width])
                best = systems[f"visual@{width}"].rank(ask("", query))
                scores = [float(cut[key] @ own) for key in best]
                assert scores == sorted(scores, reverse=True) and scores[0] == pytest.approx(1)


@pytest.mark.parametrize("mode", [SearchMode.VISUAL, SearchMode.HYBRID])
@pytest.mark.parametrize("rerank", [False, True])
def test_what_goes_through_the_index_is_what_the_service_answers(opened, mode, rerank):
    embedder = TinyEmbedder()
    question = ask("the tax office", tokens=np.eye(8, dtype=np.float32))
    with opened(embedder) as corpus:
        searcher = Searcher(embedder, corpus.index, corpus.library.objects, SearchSettings())
        served = searcher.search_embedded(question.text, question.vectors, mode=mode, rerank=rerank).hits
        name = f"{mode}+rerank" if rerank else str(mode)
        found = systems_of(corpus, embedder, ())[name].rank(question)
    assert found == [(hit.document_id, hit.page_number) for hit in served]
    assert all((Stage.RERANK in hit.stages) == rerank for hit in served)


def test_a_cross_encoder_reranks_as_in_the_service(opened):
    embedder, reranker, question = TinyEmbedder(), DarkestFirst(), ask("the tax office")
    with opened(embedder) as corpus:
        settings = SearchSettings(rerank_candidates=4)
        systems = {s.name: s for s in build_systems(corpus, embedder, settings, (), reranker)}
        searcher = Searcher(embedder, corpus.index, corpus.library.objects, settings, reranker)
        for mode in (SearchMode.VISUAL, SearchMode.HYBRID):
            served = searcher.search_embedded(question.text, question.vectors, mode=mode).hits
            found = systems[f"{mode}+cross-encoder"].rank(question)  # type: ignore[misc]
            assert found == [(hit.document_id, hit.page_number) for hit in served]


def test_without_text_layer_words_have_nothing_to_search_and_hybrid_is_visual(opened):
    with opened(TinyEmbedder(), text_layer=False) as corpus:
        systems = systems_of(corpus, TinyEmbedder(), (64,))
        assert systems["bm25"].rank is None and systems["text"].rank is None
        question = ask("the tax office closes at noon")
        assert systems["hybrid"].rank(question) == systems["visual"].rank(question)


def test_dimensions_are_halved_down_to_a_thirty_second():
    assert check_dims(None, 1024) == [1024, 512, 256, 128, 64, 32]
    assert check_dims(None, 24) == [24, 12, 6, 3, 1]
    assert check_dims((8, 4, 8), 64) == [8, 4]


@pytest.mark.parametrize("width", [0, -1, 65])
def test_dimensions_that_there_are_not_are_refused(width):
    with pytest.raises(BadInput, match=f"--dims {width} is not among the 64"):
        check_dims((width,), 64)
