"""What every embedder keeps to, the tests' own fake as well as real ones: what vdr.types says of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector
from tests.fixtures.embed_server import embed_server
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.looking import looking, looking_at_patches
from tests.fixtures.words import said
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.explanation.answers import MOST_REGIONS
from vdr.settings import PAGE_READER, TEXT_ENCODER, Backend, ModelSettings
from vdr.types import Box, PageVectors, PageWords, QueryInput, QueryVectors, StoredRows, Word
from vdr.words import asked_words

# What sums in another order, for a batch of other shapes, may change.
_MIDDLE = 128  # the byte of 0: what the codes of a region sum to is that many times their width
CLOSE = 1e-4
LINES = ("Annual harbour report", "Net sales rose to 1,452", "Minutes of the board")


CHECKPOINTS: Mapping[str, tuple[Callable[[Path], Path], Mapping[str, Any]]] = {
    "looks": (looking, {"reader": None}),
    "looks, pages are read": (looking, {}),
    "looks at patches": (looking_at_patches, {"reader": None}),
    "looks at patches, pooled, cut": (looking_at_patches, {"reader": None, "pooling": 3.0, "dims": 16}),
    "reads windows": (tiny_bert, {"reader": None}),
    "reads words": (tiny_bert_multi_vector, {"reader": None, "backend": Backend.TORCH}),
    "reads words, pages are read": (tiny_bert_multi_vector, {"pooling": 2.0, "backend": Backend.TORCH}),
}


SHIPPED = {
    "page reader": ModelSettings(embedder=PAGE_READER),
    "text encoder": ModelSettings(embedder=TEXT_ENCODER, reader=None, dims=96),
    "text encoder, pages are read": ModelSettings(embedder=TEXT_ENCODER),
}
# The first one makes the vectors of a page itself, the others its `more`.
SEVERAL: Mapping[str, tuple[Sequence[str | Callable[[Path], Path]], Mapping[str, Any]]] = {
    "the default": ((PAGE_READER, TEXT_ENCODER), {}),
    "several, one looks": ((looking, tiny_bert), {"batch_size": 2}),
    "several, none of one vector": ((tiny_bert, tiny_bert_multi_vector), {"backend": Backend.TORCH}),
    "several, nobody reads": ((looking_at_patches, looking), {"reader": None, "dims": 16}),
}
SERVED = {"server": {"reader": None}, "server, pages are read": {}}


@pytest.fixture(scope="module", params=["fake", *SHIPPED, *SERVED, *CHECKPOINTS, *SEVERAL])
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedder]:
    if request.param == "fake":
        yield TinyEmbedder()
    elif request.param in SHIPPED:
        yield load_embedder(SHIPPED[request.param])
    elif request.param in SERVED:
        with embed_server() as server:
            yield load_embedder(ModelSettings(embedder=server.url).model_copy(update=SERVED[request.param]))
    elif request.param in SEVERAL:
        makers, chosen = SEVERAL[request.param]
        root = tmp_path_factory.mktemp("several")
        names = [
            each if isinstance(each, str) else str(each(root / str(place)))
            for place, each in enumerate(makers)
        ]
        yield load_embedder(ModelSettings(embedder=",".join(names)).model_copy(update=chosen))
    else:
        make, chosen = CHECKPOINTS[request.param]
        folder = make(tmp_path_factory.mktemp("contract") / "tiny")
        yield load_embedder(ModelSettings(embedder=str(folder), batch_size=2).model_copy(update=chosen))


def encoded(embedder: Embedder, images: Sequence[Image.Image], texts: Sequence[str]) -> list[PageVectors]:
    """As whoever indexes hands pages in: with their text layers, and read where something reads beside it."""
    read = [()] * len(images) if embedder.reader is None else embedder.reader.read(images)
    layers = [tuple(said(text.split())) for text in texts]
    return embedder.encode_pages(images, list(map(PageWords, layers, read)))


def cosines(query: QueryVectors, page: PageVectors) -> float:
    """Cosine of one vector each, or MaxSim."""
    return float(np.sum(np.max(np.atleast_2d(query.embedding) @ np.atleast_2d(page.embedding).T, axis=1)))


def page(text: str, size: tuple[int, int] = (600, 800)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((60, 200), text, fill="black", font=ImageFont.load_default(32))
    return image


PAGES = [page(line) for line in LINES]


@pytest.fixture(scope="module")
def vectors(embedder: Embedder) -> list[PageVectors]:
    return encoded(embedder, PAGES, LINES)


@pytest.fixture(scope="module")
def asked(embedder: Embedder) -> list[QueryVectors]:
    return embedder.encode_queries(queries(embedder))


def queries(embedder: Embedder) -> list[QueryInput]:
    """The second is an image, but for those that see none: they get what is written on it."""
    sees = embedder.reads_words or not embedder.takes_words
    return ["harbour report", PAGES[1] if sees else LINES[1], "net sales"]


def same(one: PageVectors, other: PageVectors) -> bool:
    texts = [[word.text for word in each.words] for each in (one, other)]
    return (
        texts[0] == texts[1]
        and one.embedding.shape == other.embedding.shape
        and np.allclose(one.embedding, other.embedding, atol=CLOSE)
        and same_codes(one.regions, other.regions)
        and len(one.more) == len(other.more)
        and all(map(same, one.more, other.more))
    )


def same_codes(one: StoredRows | None, other: StoredRows | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and np.allclose(
        one.astype(np.float32), other.astype(np.float32), atol=CLOSE
    )


class TestPages:
    def test_embeddings_are_rows_of_length_one(
        self, embedder: Embedder, vectors: Sequence[PageVectors]
    ) -> None:
        assert len(vectors) == len(PAGES)
        for each in vectors:
            assert (each.embedding.shape[-1], each.embedding.dtype) == (embedder.dims, np.dtype(np.float32))
            assert each.embedding.ndim == (1 if embedder.coarse_dims is None else 2)
            lengths = np.linalg.norm(each.embedding, axis=-1)
            assert lengths == pytest.approx(np.ones_like(lengths), abs=CLOSE)

    def test_a_coarse_embedding_comes_with_many_vectors(
        self, embedder: Embedder, vectors: Sequence[PageVectors], asked: Sequence[QueryVectors]
    ) -> None:
        shape = None if embedder.coarse_dims is None else (embedder.coarse_dims,)
        for coarse in (*(page.coarse for page in vectors), *(query.coarse for query in asked)):
            assert (None if coarse is None else coarse.shape) == shape
            if coarse is not None:
                assert np.linalg.norm(coarse) == pytest.approx(1, abs=CLOSE)

    def test_words_come_from_what_reads_alone(
        self, embedder: Embedder, vectors: Sequence[PageVectors]
    ) -> None:
        beside = None if embedder.reader is None else embedder.reader.read(PAGES)
        read = beside or [each.words for each in vectors]
        assert {bool(words) for words in read} == {embedder.reads_words}
        for word in (word for words in read for word in words):
            assert 0 <= word.box.x0 < word.box.x1 <= 1
            assert 0 <= word.box.y0 < word.box.y1 <= 1
            assert 0 <= word.confidence <= 1

    def test_regions_are_codes_that_fit_the_index(
        self, embedder: Embedder, vectors: Sequence[PageVectors]
    ) -> None:
        for each in vectors:
            if embedder.region_dims is None:
                assert each.regions is None
                continue
            assert each.regions is not None
            width = embedder.region_dims
            assert (each.regions.shape[1], each.regions.dtype) == (width, np.dtype(np.uint8))
            assert (each.regions.sum(axis=1) == _MIDDLE * width).all()
            assert (each.regions != _MIDDLE).any()

    def test_a_batch_gives_what_each_page_gives_alone(
        self, embedder: Embedder, vectors: Sequence[PageVectors]
    ) -> None:
        alone = [encoded(embedder, [image], [line])[0] for image, line in zip(PAGES, LINES, strict=True)]
        assert all(map(same, vectors, alone))

    def test_pages_that_differ_have_vectors_that_differ(self, vectors: Sequence[PageVectors]) -> None:
        assert not any(same(*pair) for pair in pairwise(vectors))

    def test_each_embedder_of_several_gives_its_own(
        self, embedder: Embedder, vectors: Sequence[PageVectors], asked: Sequence[QueryVectors]
    ) -> None:
        wanted = [(model.dims, model.coarse_dims) for model in embedder.more]
        made: list[PageVectors | QueryVectors] = [*vectors, *asked]
        for each in made:
            coarse = [None if part.coarse is None else part.coarse.shape[-1] for part in each.more]
            assert list(zip([part.embedding.shape[-1] for part in each.more], coarse, strict=True)) == wanted

    def test_it_says_how_many_pages_it_is_best_given_together(self, embedder: Embedder) -> None:
        assert embedder.pages_at_once >= 1

    def test_no_pages_have_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.encode_pages([]) == []

    @pytest.mark.parametrize("image", [Image.new("RGB", (600, 800), "white"), Image.new("L", (64, 2_000))])
    def test_an_empty_or_odd_page_has_finite_vectors(self, embedder: Embedder, image: Image.Image) -> None:
        (each,) = encoded(embedder, [image], [""])
        assert np.isfinite(each.embedding).all()
        assert each.embedding.shape[-1] == embedder.dims

    def test_a_page_of_ten_thousand_words_is_taken(self, embedder: Embedder) -> None:
        if not embedder.takes_words:
            pytest.skip("it is given no words")
        many, few = encoded(embedder, [PAGES[0]] * 2, ["wharf " * 10_000, "wharf"])
        pairs = list(zip((many, *many.more), (few, *few.more), strict=True))
        assert all(np.isfinite(long.embedding).all() for long, _ in pairs)
        assert any(len(long.embedding) > len(short.embedding) for long, short in pairs)


class TestQueries:
    def test_its_likeness_with_a_page_is_a_cosine_or_the_mean_of_some(
        self, embedder: Embedder, asked: Sequence[QueryVectors]
    ) -> None:
        for each in asked:
            assert (each.embedding.shape[-1], each.embedding.dtype) == (embedder.dims, np.dtype(np.float32))
            lengths = np.linalg.norm(np.atleast_2d(each.embedding), axis=1)
            assert lengths.sum() == pytest.approx(1, abs=CLOSE)

    def test_tokens_are_as_wide_as_regions(self, embedder: Embedder, asked: Sequence[QueryVectors]) -> None:
        widths = {None if each.tokens is None else each.tokens.rows.shape[1] for each in asked}
        assert widths == {embedder.region_dims}

    def test_a_text_is_looked_up_by_its_words(self, asked: Sequence[QueryVectors]) -> None:
        assert asked[0].terms == ("harbour", "report")
        assert asked[2].terms == ("net", "sales")
        assert all(each.dense_weight > 0 for each in asked)
        assert all(weight > 0 for each in asked for weight in each.term_weights.values())

    def test_an_image_is_like_the_page_that_it_shows(
        self, asked: Sequence[QueryVectors], vectors: Sequence[PageVectors]
    ) -> None:
        assert cosines(asked[1], vectors[1]) > 0.8

    def test_a_batch_gives_what_each_query_gives_alone(
        self, embedder: Embedder, asked: Sequence[QueryVectors]
    ) -> None:
        alone = [embedder.encode_queries([query])[0] for query in queries(embedder)]
        for one, other in zip(asked, alone, strict=True):
            for made, wanted in zip((one, *one.more), (other, *other.more), strict=True):
                assert made.embedding == pytest.approx(wanted.embedding, abs=CLOSE)
            assert one.terms == other.terms

    @pytest.mark.parametrize("query", ["", "a " * 10_000, "chart.png", "<|image_pad|> [CLS]"])
    def test_an_odd_query_has_finite_vectors(self, embedder: Embedder, query: str) -> None:
        (each,) = embedder.encode_queries([query])
        assert np.isfinite(each.embedding).all()

    def test_no_queries_have_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.encode_queries([]) == []

    def test_related_terms_stand_for_terms_of_the_query(self, embedder: Embedder) -> None:
        related = embedder.related_terms("revenue of cetaceans")
        assert set(related.values()) <= {"revenue", "cetaceans"}
        assert not set(related) & {"revenue", "cetaceans"}


class TestExplanations:
    @pytest.mark.parametrize(("query", "number"), [("harbour report", 0), ("What were the net sales?", 1)])
    def test_regions_are_boxes_on_the_page_the_best_of_weight_one(
        self, embedder: Embedder, query: str, number: int
    ) -> None:
        explained = embedder.explain(query, PAGES[number], words_of(embedder, number))
        assert explained[0].weight == max(region.weight for region in explained) == 1
        assert len({region.box for region in explained}) == len(explained) <= MOST_REGIONS
        for region in explained:
            assert 0 <= region.box.x0 < region.box.x1 <= 1
            assert 0 <= region.box.y0 < region.box.y1 <= 1
            assert 0 < region.weight <= 1
            assert set(region.words) <= set(asked_words(query))

    def test_the_same_question_is_explained_alike(self, embedder: Embedder) -> None:
        first, second = (
            embedder.explain("harbour report", PAGES[0], words_of(embedder, 0)) for _ in range(2)
        )
        assert first == second

    def test_an_image_is_explained_where_it_can_be_asked_by(self, embedder: Embedder) -> None:
        _, query, _ = queries(embedder)
        assert embedder.explain(query, PAGES[1], words_of(embedder, 1))[0].weight == 1

    def test_nothing_answers_on_an_empty_page(self, embedder: Embedder) -> None:
        empty = Image.new("RGB", (600, 800), "white")
        assert embedder.explain("harbour report", empty, PageWords()) == ()

    def test_a_query_without_words_is_answered_by_nothing(self, embedder: Embedder) -> None:
        assert embedder.explain("?!", PAGES[0], words_of(embedder, 0)) == ()

    @pytest.mark.parametrize("query", ["wharf " * 500, "chart.png", "<|image_pad|> [CLS] harbour"])
    def test_an_odd_query_is_explained_too(self, embedder: Embedder, query: str) -> None:
        assert all(
            0 < region.weight <= 1 for region in embedder.explain(query, PAGES[0], words_of(embedder, 0))
        )


def words_of(embedder: Embedder, number: int) -> PageWords:
    """A page's words where they stand, as its PDF has them or as they were read."""
    texts = enumerate(LINES[number].split())
    placed = tuple(Word(text, Box(0.1 + n / 10, 0.25, 0.19 + n / 10, 0.29)) for n, text in texts)
    return PageWords((), placed) if embedder.reads_words else PageWords(placed)


def test_threads_may_share_one(embedder: Embedder, vectors: Sequence[PageVectors]) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: encoded(embedder, PAGES, LINES), range(4)))
    assert all(same(*pair) for each in found for pair in zip(each, vectors, strict=True))


def test_it_says_which_model_it_is(embedder: Embedder) -> None:
    assert embedder.name
    assert len(bytes.fromhex(embedder.fingerprint)) == 32
