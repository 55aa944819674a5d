"""Explanations by whole embedders: the page reader as it is shipped, others with tiny random weights."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from tests.fixtures.checkpoints import tiny_bert_multi_vector
from tests.fixtures.embed_server import embed_server
from tests.fixtures.looking import looking_at_patches
from vdr.errors import BadInput
from vdr.models.embedder import load_embedder
from vdr.models.explanation import patches
from vdr.models.several import Several
from vdr.settings import PAGE_READER, Backend, ModelSettings
from vdr.types import Box, PageWords, Word

UPPER = ("The harbour office raised its", "dues for ferries and barges")
LOWER = ("Wind turbines need a new gear", "box every ten years of sales")


def page(upper=UPPER, lower=LOWER, size=(900, 1_200)):
    image = Image.new("RGB", size, "white")
    for y, line in zip((100, 150, 800, 850), (*upper, *lower), strict=True):
        ImageDraw.Draw(image).text((80, y), line, fill="black", font=ImageFont.load_default(32))
    return image


def row(*texts):
    """Words beside each other."""
    return tuple(Word(text, Box(n / 20, 0.1, (n + 1) / 20, 0.12)) for n, text in enumerate(texts))


@pytest.fixture(scope="module")
def reading():
    return load_embedder(ModelSettings(embedder=PAGE_READER))


class TestPageReader:
    @pytest.mark.parametrize(
        ("question", "is_upper"),
        [("What are the harbour dues?", True), ("How long does the gear box of a turbine last?", False)],
    )
    def test_the_paragraph_that_answers_is_shown(self, reading, question, is_upper):
        best, *_ = reading.explain(question, page(), PageWords())
        assert (best.box.y1 < 0.2) is is_upper
        assert (best.box.y0 > 0.6) is not is_upper

    def test_each_word_stands_for_what_it_answers(self, reading):
        explained = reading.explain("harbour revenue", page(), PageWords())
        assert {region.words for region in explained} == {("harbour",), ("revenue",)}
        sales = next(region for region in explained if region.words == ("revenue",))
        assert sales.box.y0 > 0.6  # it stands for sales, in the lower paragraph
        assert sales.weight < 1

    def test_a_page_that_was_read_is_not_read_again(self, reading):
        read = PageWords(read=row("gear", "box"))
        (region,) = reading.explain("What does the box hold?", page(), read)
        assert region.box == read.read[1].box

    def test_another_form_of_a_word_answers_too(self, reading):
        read = PageWords(read=row("ferry", "harbours"))
        (region,) = reading.explain("Where is the harbour?", page(), read)
        assert (region.box, region.words) == (read.read[1].box, ("harbour",))


@pytest.fixture(scope="module")
def looking(tmp_path_factory):
    folder = looking_at_patches(tmp_path_factory.mktemp("explain") / "tiny")
    return load_embedder(ModelSettings(embedder=str(folder), reader=None))


class TestPatches:
    def test_only_printed_parts_are_shown(self, looking):
        image = page(upper=("", ""))
        explained = looking.explain("gear box", image, PageWords())
        assert explained
        assert min(region.box.y1 for region in explained) > 0.6
        assert {word for region in explained for word in region.words} <= {"gear", "box"}

    def test_its_patches_are_those_that_it_is_searched_by(self, looking):
        vectors, boxes = patches.patches_of(looking._model, page(), looking.dims) or pytest.fail()
        (searched,) = looking.encode_pages([page()])
        assert (vectors @ searched.embedding.T).max(axis=1) == pytest.approx(np.ones(len(boxes)), abs=1e-4)

    def test_padding_beside_a_strip_is_no_part_of_it(self, looking):
        strip = Image.new("RGB", (4, 3_000), "white")
        strip.paste("black", (0, 0, 4, 1_000))
        vectors, boxes = patches.patches_of(looking._model, strip, looking.dims) or pytest.fail()
        assert max(box.x1 for box in boxes) == pytest.approx(30 / 4)
        assert len(vectors) == len(boxes)
        explained = looking.explain("gear", strip, PageWords())
        assert explained
        assert max(region.box.x1 for region in explained) <= 1
        assert max(region.box.y0 for region in explained) < 0.4

    def test_without_a_grid_parts_are_covered_instead(self, looking, monkeypatch):
        def none(*_):
            raise NotImplementedError

        monkeypatch.setattr(patches, "get_n_patches", none)
        explained = looking.explain(page(upper=("", "")), page(upper=("", "")), PageWords())
        assert explained[0].weight == 1
        assert min(region.box.y1 for region in explained) > 0.6
        assert {region.words for region in explained} == {()}

    @pytest.mark.parametrize("grid", [(1, 1), (3, 5)])
    def test_a_grid_that_does_not_fit_its_vectors_is_none(self, looking, monkeypatch, grid):
        monkeypatch.setattr(patches, "get_n_patches", lambda *_: grid)
        assert patches.patches_of(looking._model, page(), looking.dims) is None

    @pytest.mark.parametrize(("count", "has_patches"), [(6, True), (7, False)])
    def test_a_model_without_image_tokens_has_patches_alone(self, monkeypatch, count, has_patches):
        made = {"token_embeddings": torch.eye(count)}
        model: Any = SimpleNamespace(processor=SimpleNamespace(), encode_document=lambda *_, **__: [made])
        monkeypatch.setattr(patches, "get_n_patches", lambda *_: (2, 3))
        found = patches.patches_of(model, page(), 8)
        assert (found is not None) is has_patches
        if found is not None:
            assert found[1][:3] == [Box(0, 0, 0.5, 1 / 3), Box(0.5, 0, 1, 1 / 3), Box(0, 1 / 3, 0.5, 2 / 3)]

    def test_an_address_is_not_fetched(self, looking):
        explained = looking.explain("http://localhost:9/gear.png", page(), PageWords())
        assert explained[0].weight == 1


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    folder = tiny_bert_multi_vector(tmp_path_factory.mktemp("explain") / "colbert")
    return load_embedder(ModelSettings(embedder=str(folder), reader=None, backend=Backend.TORCH))


class TestWords:
    def test_the_word_that_a_token_is_nearest_to_is_best(self, words):
        told = PageWords(row(*"qklmrst"))
        (searched,) = words.encode_pages([], [told])  # [CLS], a vector a letter, [SEP]
        (asked,) = words.encode_queries(["q"])
        nearest = np.argmax(searched.embedding[1:-1] @ asked.embedding[1])
        best, *_ = words.explain("q", page(), told)
        assert (best.box, best.words) == (told.text_layer[nearest].box, ("q",))

    def test_where_tokens_do_not_tell_their_words_lines_are_shown(self, words, monkeypatch):
        monkeypatch.setattr(words, "_counter", Slow(words._counter))
        below = tuple(Word("q", Box(0.1, y, 0.2, y + 0.02)) for y in (0.5, 0.6))
        explained = words.explain("q", page(), PageWords((*row("k", "l"), *below)))
        assert {region.box for region in explained} == {word.box for word in below}
        assert {region.words for region in explained} == {()}

    def test_it_sees_no_images(self, words):
        with pytest.raises(BadInput, match="sees no images"):
            words.explain(page(), page(), PageWords())


class Slow:
    """A tokenizer that does not say where its tokens stand."""

    is_fast = False

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer
        self.all_special_tokens = tokenizer.all_special_tokens

    def __call__(self, *given, **options):
        return self._tokenizer(*given, **options)


def test_a_server_explains_by_the_lines_of_the_best_window():
    lines = [("b" * 9, 0.1), ("q" * 9, 0.2), ("c" * 9, 0.3)]
    told = tuple(Word(text, Box(0.1, y, 0.3, y + 0.02)) for text, y in lines)
    with embed_server() as server:
        embedder = load_embedder(ModelSettings(embedder=server.url, reader=None))
        best, *_ = embedder.explain("qqq", page(), PageWords(told))
        with pytest.raises(BadInput, match="sees no images"):
            embedder.explain(page(), page(), PageWords(told))
    assert (best.box, best.weight) == (told[1].box, 1)


def test_lines_are_those_of_the_window_that_fits_best():
    filler = tuple(Word("b", Box(0.1, 0.1, 0.2, 0.12)) for _ in range(160))
    fits = Word("qq", Box(0.1, 0.9, 0.2, 0.92))
    with embed_server() as server:
        embedder = load_embedder(ModelSettings(embedder=server.url, reader=None))
        assert [
            region.box for region in embedder.explain("qq", page(), PageWords((*filler, *[fits] * 160)))
        ] == [fits.box]


def test_several_embedders_show_what_each_of_them_does(reading):
    read = PageWords(row("harbour", "dues"), row("harbour", "dues"))
    with embed_server() as server:
        served = load_embedder(ModelSettings(embedder=server.url, reader=None))
        both = Several([reading, served], "both").explain("harbour", page(), read)
        alone = [each.explain("harbour", page(), read) for each in (reading, served)]
    assert {region.box for region in both} == {region.box for regions in alone for region in regions}


def test_a_reader_adds_where_the_words_stand(reading):
    read = PageWords(read=row("net", "sales", "rose"))
    with embed_server() as server:
        embedder = load_embedder(ModelSettings(embedder=server.url))
        explained = embedder.explain("revenue", page(), read)
    assert {(region.box, region.words) for region in explained} >= {(read.read[1].box, ("revenue",))}
