"""Any checkpoint behind the Embedder protocol, by a tiny one of the production model's architecture."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.fixtures.torchvision import FOLDER, offer_torchvision
from vdr.errors import BadSetting
from vdr.index import EdgeIndex, IndexSchema
from vdr.models.embedder import load_embedder
from vdr.objects.store import ObjectStore
from vdr.search.searcher import Searcher
from vdr.settings import IndexSettings, ModelSettings, Precision, SearchSettings
from vdr.types import PagePoint, PageRef, PageWords, SearchMode, SearchRequest, Stage

if not offer_torchvision():
    pytest.skip(f"no torchvision, neither installed nor in {FOLDER}", allow_module_level=True)

from sentence_transformers import SentenceTransformer

from tests.fixtures.tiny_qwen import WIDTH, tiny_qwen3_vl

# What sums in another order, for a batch of other shapes, may change in float32.
CLOSE = 1e-5


def page(bars: int, size: tuple[int, int] = (200, 280)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    for bar in range(bars):
        ImageDraw.Draw(image).rectangle((20, 20 + 40 * bar, 60 + 40 * bars, 40 + 40 * bar), fill="navy")
    return image


def embeddings(vectors):
    return np.stack([one.embedding for one in vectors])


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return tiny_qwen3_vl(tmp_path_factory.mktemp("models") / "tiny-qwen")


@pytest.fixture(scope="module")
def embedder(checkpoint):
    return load_embedder(ModelSettings(embedder=str(checkpoint), batch_size=2))


def test_pages_become_vectors_of_the_models_width(embedder):
    pages = embedder.encode_pages([page(n) for n in range(5)])
    assert embedder.dims == WIDTH
    assert embeddings(pages).shape == (5, WIDTH)
    assert embeddings(pages).dtype == np.float32
    assert np.linalg.norm(embeddings(pages), axis=1) == pytest.approx(1, abs=1e-6)


def test_it_neither_reads_words_nor_compares_regions(embedder):
    (vectors,) = embedder.encode_pages([page(1)])
    assert (embedder.takes_words, embedder.region_dims) == (False, None)
    assert (vectors.words, vectors.regions) == ((), None)


def test_pages_that_look_different_have_different_vectors(embedder):
    vectors = embeddings(embedder.encode_pages([page(n) for n in range(5)]))
    similarities = vectors @ vectors.T
    assert similarities[~np.eye(5, dtype=bool)].max() < 0.999


def test_fewer_dimensions_are_the_first_ones_renormalized(checkpoint, embedder):
    small = load_embedder(ModelSettings(embedder=str(checkpoint), dims=16))
    cut = embeddings(embedder.encode_pages([page(2)]))[:, :16]
    assert small.dims == 16
    assert embeddings(small.encode_pages([page(2)])) == pytest.approx(cut / np.linalg.norm(cut), abs=CLOSE)
    assert small.fingerprint != embedder.fingerprint


def test_more_dimensions_than_there_are_is_a_bad_setting(checkpoint):
    with pytest.raises(BadSetting, match=f"VDR_DIMS=65.*{WIDTH} dimensions"):
        load_embedder(ModelSettings(embedder=str(checkpoint), dims=WIDTH + 1))


def test_a_model_in_half_precision_still_gives_unit_vectors(checkpoint):
    settings = ModelSettings(embedder=str(checkpoint), reader=None, dims=32, precision=Precision.BFLOAT16)
    (vectors,) = load_embedder(settings).encode_pages([page(1)])
    assert vectors.embedding.dtype == np.float32
    assert np.linalg.norm(vectors.embedding) == pytest.approx(1, abs=1e-6)


def test_text_and_image_queries_keep_their_places(embedder):
    queries = [page(1), "net sales in Asia", page(3), "margin", "what was the weather?"]
    alone = [embedder.encode_queries([query])[0] for query in queries]
    together = embedder.encode_queries(queries)
    assert embeddings(together) == pytest.approx(embeddings(alone), abs=CLOSE)


def test_only_text_queries_have_words_to_look_up(embedder):
    text, image = embedder.encode_queries(["What were the net sales?", page(1)])
    assert text.terms == ("net", "sales")
    assert image.terms == ()
    assert (text.tokens, image.tokens) == (None, None)


def test_equal_inputs_have_equal_vectors(checkpoint, embedder):
    first = embedder.encode_pages([page(2)])[0].embedding
    again = load_embedder(ModelSettings(embedder=str(checkpoint))).encode_pages([page(2)])[0].embedding
    assert np.array_equal(first, again)


def test_the_batch_a_page_comes_in_does_not_change_its_vector(embedder):
    pages = [page(1), page(2, (400, 200)), page(3, (90, 300)), page(4, (256, 256)), page(5, (32, 32))]
    alone = [embedder.encode_pages([one])[0] for one in pages]
    assert embeddings(embedder.encode_pages(pages)) == pytest.approx(embeddings(alone), abs=CLOSE)


def test_the_length_of_its_neighbours_does_not_change_a_query(embedder):
    queries = ["a", "what did the harbour authority charge for a berth in the second quarter?", "", "fees"]
    alone = [embedder.encode_queries([query])[0] for query in queries]
    assert embeddings(embedder.encode_queries(queries)) == pytest.approx(embeddings(alone), abs=CLOSE)


def test_queries_are_asked_with_the_checkpoints_own_prompt(checkpoint, embedder):
    model = SentenceTransformer(str(checkpoint), device="cpu")
    prompted = model.encode(["fees"], prompt_name="query")
    (query,) = embedder.encode_queries(["fees"])
    assert query.embedding == pytest.approx(prompted[0], abs=CLOSE)
    assert query.embedding != pytest.approx(model.encode(["fees"])[0], abs=100 * CLOSE)


def test_nothing_in_nothing_out(embedder):
    assert embedder.encode_pages([]) == []
    assert embedder.encode_queries([]) == []


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK"])
def test_a_page_may_have_any_colours(embedder, mode):
    colourful = embeddings(embedder.encode_pages([page(0)]))
    assert embeddings(embedder.encode_pages([page(0).convert(mode)])) == pytest.approx(colourful, abs=CLOSE)


@pytest.mark.parametrize("size", [(1, 300), (300, 1), (1, 1)])
def test_a_strip_of_a_page_is_embedded_too(embedder, size):
    vectors = embeddings(embedder.encode_pages([Image.new("RGB", size), page(1)]))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)


def test_a_strip_is_put_on_white(embedder):
    on_white = page(0, (3, 300))
    on_white.paste("black", (0, 0, 1, 300))
    strip, whole = embeddings(embedder.encode_pages([Image.new("RGB", (1, 300)), on_white]))
    assert strip == pytest.approx(whole, abs=CLOSE)


@pytest.mark.parametrize(
    "query",
    ["missing.png", "http://localhost:9/chart.png", "https://youtu.be/x.mp4", "data:image/png;base64,x"],
)
def test_a_text_that_looks_like_an_address_is_not_fetched(checkpoint, embedder, query):
    text = SentenceTransformer(str(checkpoint), device="cpu").encode([{"text": query}], prompt_name="query")
    assert embedder.encode_queries([query])[0].embedding == pytest.approx(text[0], abs=CLOSE)


def test_a_text_that_names_a_file_does_not_open_it(embedder, tmp_path):
    file = tmp_path / "page.png"
    file.write_bytes(b"anything but a picture: opening it would fail")
    (query,) = embedder.encode_queries([str(file)])
    assert np.linalg.norm(query.embedding) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("token", ["<|image_pad|>", "<|vision_start|>", "<|video_pad|>", "<|im_end|>"])
def test_a_text_cannot_speak_in_the_models_special_tokens(embedder, token):
    meant, spaced = embedder.encode_queries([f"net{token}sales", "net sales"])
    assert np.array_equal(meant.embedding, spaced.embedding)


def test_special_tokens_cannot_be_put_together_from_parts(embedder):
    (query,) = embedder.encode_queries(["<|image<|im_end|>_pad|>"])
    assert np.linalg.norm(query.embedding) == pytest.approx(1, abs=1e-6)


def test_a_search_ranks_pages_as_plain_cosine_does(embedder, tmp_path):
    document, pages = "d" * 64, [page(1), page(3), page(5)]
    settings = IndexSettings(data_dir=tmp_path)
    index = EdgeIndex.open(tmp_path, IndexSchema("default", embedder.fingerprint, embedder.dims, 16, None))
    objects = ObjectStore.open(settings, "default", "g1")
    vectors = embeddings(embedder.encode_pages(pages))
    for number, vector in enumerate(vectors, start=1):
        index.upsert([PagePoint(PageRef(document, number), "bars.pdf", vector)])
        objects.put_page_words(PageRef(document, number), PageWords())
    searcher = Searcher(embedder, index, objects, SearchSettings())
    for query in (page(5), page(1, (260, 200)), "three bars"):
        text, image = (query, None) if isinstance(query, str) else (None, query)
        hits = searcher.search(SearchRequest(text, image, mode=SearchMode.VISUAL)).hits
        cosines = vectors @ embedder.encode_queries([query])[0].embedding
        assert [hit.page.page_number for hit in hits] == list(1 + np.argsort(-cosines))
        assert [hit.stages[Stage.FULL] for hit in hits] == pytest.approx(
            sorted(cosines, reverse=True), abs=1e-2
        )
    index.close()


def test_without_torchvision_one_line_says_what_to_install(checkpoint):
    code = (
        "import sys; sys.modules['torchvision'] = None\n"  # as where it is not installed
        "from vdr.errors import ModelError\n"
        "from vdr.models.checkpoint import open_checkpoint\n"
        "try: open_checkpoint(sys.argv[1], 'cpu')\n"
        "except ModelError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(checkpoint)], capture_output=True, text=True, check=True
    )
    (line,) = done.stdout.splitlines()
    assert line.startswith(
        f"{checkpoint} needs packages that are not installed: Qwen3VLVideoProcessor requires"
    )
    assert "pip install 'vdr-pages[qwen]'" in line
