"""What every embedder keeps to, the tests' own fake as well as real ones: what vdr.types says of it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.torchvision import FOLDER, offer_torchvision
from vdr.models.embedder import Embedder, load_embedder
from vdr.settings import ModelSettings
from vdr.types import PageVectors, QueryVectors, StoredRows

# What sums in another order, for a batch of other shapes, may change.
CLOSE = 1e-4
LINES = ("Annual harbour report", "Net sales rose to 1,452", "Minutes of the board")


@pytest.fixture(scope="module", params=["fake", "page reader", "dense checkpoint"])
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    if request.param == "fake":
        return TinyEmbedder()
    if request.param == "page reader":
        return load_embedder(ModelSettings())
    if not offer_torchvision():
        pytest.skip(f"no torchvision, neither installed nor in {FOLDER}")
    from tests.fixtures.tiny_qwen import tiny_qwen3_vl  # after torchvision

    folder = tiny_qwen3_vl(tmp_path_factory.mktemp("contract") / "tiny-qwen")
    return load_embedder(ModelSettings(embedder=str(folder), batch_size=2))


def page(text: str, size: tuple[int, int] = (600, 800)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((60, 200), text, fill="black", font=ImageFont.load_default(32))
    return image


PAGES = [page(line) for line in LINES]


@pytest.fixture(scope="module")
def vectors(embedder: Embedder) -> list[PageVectors]:
    return embedder.encode_pages(PAGES)


@pytest.fixture(scope="module")
def asked(embedder: Embedder) -> list[QueryVectors]:
    return embedder.encode_queries(["harbour report", PAGES[1], "net sales"])


def same(one: PageVectors, other: PageVectors) -> bool:
    texts = [[word.text for word in each.words] for each in (one, other)]
    return (
        texts[0] == texts[1]
        and np.allclose(one.embedding, other.embedding, atol=CLOSE)
        and same_codes(one.regions, other.regions)
    )


def same_codes(one: StoredRows | None, other: StoredRows | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and np.allclose(
        one.astype(np.float32), other.astype(np.float32), atol=CLOSE
    )


class TestPages:
    def test_an_embedding_is_a_row_of_length_one(
        self, embedder: Embedder, vectors: Sequence[PageVectors]
    ) -> None:
        assert len(vectors) == len(PAGES)
        for each in vectors:
            assert (each.embedding.shape, each.embedding.dtype) == ((embedder.dims,), np.dtype(np.float32))
            assert np.linalg.norm(each.embedding) == pytest.approx(1, abs=CLOSE)

    def test_words_come_from_what_reads_alone(
        self, embedder: Embedder, vectors: Sequence[PageVectors]
    ) -> None:
        assert {bool(each.words) for each in vectors} == {embedder.reads_words}
        for word in (word for each in vectors for word in each.words):
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
            assert (each.regions.shape[1], each.regions.dtype) == (embedder.region_dims, np.dtype(np.float32))
            assert each.regions.sum(axis=1) == pytest.approx(0, abs=1e-3)
            assert (np.linalg.norm(each.regions, axis=1) <= 1 + CLOSE).all()
            assert each.regions.any()

    def test_a_batch_gives_what_each_page_gives_alone(
        self, embedder: Embedder, vectors: Sequence[PageVectors]
    ) -> None:
        alone = [embedder.encode_pages([image])[0] for image in PAGES]
        assert all(map(same, vectors, alone))

    def test_pages_that_differ_have_vectors_that_differ(self, vectors: Sequence[PageVectors]) -> None:
        assert not any(same(*pair) for pair in pairwise(vectors))

    def test_no_pages_have_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.encode_pages([]) == []

    @pytest.mark.parametrize("image", [Image.new("RGB", (600, 800), "white"), Image.new("L", (64, 2_000))])
    def test_an_empty_or_odd_page_has_finite_vectors(self, embedder: Embedder, image: Image.Image) -> None:
        (each,) = embedder.encode_pages([image])
        assert np.isfinite(each.embedding).all()
        assert each.embedding.shape == (embedder.dims,)


class TestQueries:
    def test_an_embedding_is_a_row_of_length_one(
        self, embedder: Embedder, asked: Sequence[QueryVectors]
    ) -> None:
        for each in asked:
            assert (each.embedding.shape, each.embedding.dtype) == ((embedder.dims,), np.dtype(np.float32))
            assert np.linalg.norm(each.embedding) == pytest.approx(1, abs=CLOSE)

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
        assert asked[1].embedding @ vectors[1].embedding > 0.8

    def test_a_batch_gives_what_each_query_gives_alone(
        self, embedder: Embedder, asked: Sequence[QueryVectors]
    ) -> None:
        alone = [embedder.encode_queries([query])[0] for query in ("harbour report", PAGES[1], "net sales")]
        for one, other in zip(asked, alone, strict=True):
            assert one.embedding == pytest.approx(other.embedding, abs=CLOSE)
            assert one.terms == other.terms

    def test_no_queries_have_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.encode_queries([]) == []

    def test_related_terms_stand_for_terms_of_the_query(self, embedder: Embedder) -> None:
        related = embedder.related_terms("revenue of cetaceans")
        assert set(related.values()) <= {"revenue", "cetaceans"}
        assert not set(related) & {"revenue", "cetaceans"}


def test_it_says_which_model_it_is(embedder: Embedder) -> None:
    assert embedder.name
    assert len(bytes.fromhex(embedder.fingerprint)) == 32
