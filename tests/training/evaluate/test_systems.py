"""The systems: which there are, and that each ranks by what it says."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.fixtures.embedder import TinyEmbedder, regions_of
from tests.fixtures.reranker import DarkestFirst, darkness
from training.evaluate.corpus import open_corpus
from training.evaluate.documents import find_documents
from training.evaluate.systems import build_systems, check_dims
from vdr.errors import BadInput
from vdr.models.reranker import LoadedStep
from vdr.models.several import Several
from vdr.page_reader.region_bytes import encode_tokens
from vdr.search.request import in_documents
from vdr.settings import SearchSettings
from vdr.types import QueryVectors, SearchMode, SearchRequest


class DenseOnly(TinyEmbedder):
    """An embedder that neither reads nor has regions."""

    fingerprint = "de" * 32
    region_dims: int | None = None
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


def ask(system, text, vector=None, tokens=None, document_id=None):
    """The best pages of a system."""
    embedding = np.ones(64, np.float32) / np.float32(8) if vector is None else vector
    request = SearchRequest(text, filter=in_documents([document_id] if document_id else []))
    return system.rank(request, QueryVectors(embedding, tokens, tuple(text.split())))


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
            assert ask(systems[name], "tax noon")[0] == pages[4]


def test_within_a_document_only_its_pages_are_ranked(opened):
    with opened(TinyEmbedder()) as corpus:
        document_id = corpus.documents.by_name["tax.pdf"].document_id
        for name, system in systems_of(corpus, TinyEmbedder(), (64,)).items():
            found = ask(system, "the tax", document_id=document_id)
            assert {page.document_id for page in found} <= {document_id}, name
            assert found or name == "read"


def test_equal_scores_of_the_baseline_come_in_page_order(opened):
    with opened(TinyEmbedder()) as corpus:
        assert ask(systems_of(corpus, TinyEmbedder(), ())["bm25"], "whale") == corpus.documents.pages


def test_read_words_are_searched_alone(opened):
    with opened(TinyEmbedder()) as corpus:
        systems = systems_of(corpus, TinyEmbedder(), ())
        point = next(corpus.index.points())
        words = corpus.library.objects.page_words(point.page)
        found = ask(systems["read"], words.read[0].text)
    assert point.page in found
    assert systems["read"].rank is not None


def test_the_dense_vector_alone_finds_its_own_page_exactly(opened):
    with opened(TinyEmbedder()) as corpus:
        systems = systems_of(corpus, TinyEmbedder(), (64, 16))
        points = {p.page: p.embedding for p in corpus.index.points()}
        for width in (64, 16):
            cut = {key: v[:width] / np.linalg.norm(v[:width]) for key, v in points.items()}
            for query in points.values():
                own = query[:width] / np.linalg.norm(query[:width])
                best = ask(systems[f"visual@{width}"], "", query)
                scores = [float(cut[key] @ own) for key in best]
                assert scores == sorted(scores, reverse=True) and scores[0] == pytest.approx(1)


def test_of_several_embedders_each_is_compared_alone(opened):
    second = DenseOnly()
    both = Several([TinyEmbedder(), second], "both")
    with opened(both) as corpus:
        systems = systems_of(corpus, both)
        points = list(corpus.index.points())
        for point in points:
            asked = QueryVectors(point.embedding, more=(QueryVectors(point.more[0].embedding),))
            assert systems["visual@64"].rank(SearchRequest(""), asked)
            best = systems[f"visual_2@{second.dims}"].rank(SearchRequest(""), asked)
            alike = [p.page for p in points if p.more[0].embedding @ point.more[0].embedding > 0.999]
            assert best[0] in alike
        few = systems_of(corpus, both, (16,))
    assert {"visual@16", "visual_2@16"} <= set(few)


@pytest.mark.parametrize("mode", [SearchMode.VISUAL, SearchMode.HYBRID])
def test_a_cross_encoder_orders_what_the_mode_found(opened, mode):
    with opened(TinyEmbedder()) as corpus:
        settings, reranker = SearchSettings(rerank_candidates=4), DarkestFirst()
        systems = {
            s.name: s for s in build_systems(corpus, TinyEmbedder(), settings, (), [LoadedStep(reranker)])
        }
        plain, again = (ask(systems[f"{mode}{end}"], "the tax office") for end in ("", "+cross-encoder"))
        shades = {page: shade(corpus, page) for page in plain}
    assert reranker.asked == [("the tax office", 4)]
    assert again == [*sorted(plain[:4], key=lambda page: -shades[page]), *plain[4:]]


def test_a_chain_is_told_and_late_interaction_alone_as_deep_as_it_has_it(opened):
    chain = [LoadedStep(depth=5), LoadedStep(DarkestFirst(), 2)]
    with opened(TinyEmbedder()) as corpus:
        built = build_systems(corpus, TinyEmbedder(), SearchSettings(), (), chain)
        alone = build_systems(corpus, TinyEmbedder(), SearchSettings(), (), chain[:1])
    meanings, late = {s.name: s.meaning for s in built}, "hybrid, top 5 reranked by late interaction"
    assert meanings["hybrid+rerank"] == late
    assert meanings["hybrid+cross-encoder"] == f"{late}, then top 2 reranked by darkest-first"
    assert {s.name: s.meaning for s in alone} == {
        name: meaning for name, meaning in meanings.items() if "cross-encoder" not in name
    }


def shade(corpus, page):
    encoded = corpus.library.objects.page_image(page)
    return darkness(Image.open(io.BytesIO(encoded)))


@pytest.mark.parametrize("mode", [SearchMode.VISUAL, SearchMode.HYBRID])
def test_late_interaction_orders_what_the_mode_found(opened, mode):
    with opened(TinyEmbedder()) as corpus:
        systems = systems_of(corpus, TinyEmbedder(), ())
        plain = ask(systems[mode], "tax")
        with Image.open(io.BytesIO(corpus.library.objects.page_image(plain[1]))) as image:
            tokens = encode_tokens(regions_of(image)[:1])
        again = ask(systems[f"{mode}+rerank"], "tax", tokens=tokens)
    assert sorted(plain) == sorted(again) and again[0] == plain[1]


def test_without_text_layer_words_have_nothing_to_search_and_hybrid_is_visual(opened):
    with opened(TinyEmbedder(), text_layer=False) as corpus:
        systems = systems_of(corpus, TinyEmbedder(), (64,))
        assert systems["bm25"].rank is None and systems["text"].rank is None
        hybrid, visual = (
            ask(systems[name], "the tax office closes at noon") for name in ("hybrid", "visual")
        )
        assert hybrid == visual


def test_dimensions_are_halved_down_to_a_thirty_second():
    assert check_dims(None, 1024) == [1024, 512, 256, 128, 64, 32]
    assert check_dims(None, 24) == [24, 12, 6, 3, 1]
    assert check_dims((8, 4, 8), 64) == [8, 4]


@pytest.mark.parametrize("width", [0, -1, 65])
def test_dimensions_that_there_are_not_are_refused(width):
    with pytest.raises(BadInput, match=f"--dims {width} is not between 1 and 64"):
        check_dims((width,), 64)
