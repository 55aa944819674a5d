"""A cross-encoder behind the Reranker protocol, by a tiny one of the production model's architecture."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.fixtures.torchvision import FOLDER, offer_torchvision
from vdr.errors import ModelError
from vdr.models.reranker import load_chain, load_reranker
from vdr.settings import ModelSettings

if not offer_torchvision():
    pytest.skip(f"no torchvision, neither installed nor in {FOLDER}", allow_module_level=True)

from sentence_transformers import CrossEncoder

from tests.fixtures.tiny_qwen import tiny_qwen3_vl, tiny_qwen3_vl_reranker


def page(bars, size=(200, 280)):
    image = Image.new("RGB", size, "white")
    for bar in range(bars):
        ImageDraw.Draw(image).rectangle((20, 20 + 40 * bar, 180, 40 + 40 * bar), fill="navy")
    return image


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return str(tiny_qwen3_vl_reranker(tmp_path_factory.mktemp("models") / "reranker"))


@pytest.fixture(scope="module")
def reranker(checkpoint):
    return load_reranker(checkpoint, ModelSettings(batch_size=2))


def test_without_a_setting_there_is_none():
    assert load_chain(ModelSettings()) == ()


def test_scores_are_those_of_the_checkpoint(reranker, checkpoint):
    pages = [page(1), page(3), page(5)]
    expected = CrossEncoder(checkpoint, device="cpu").predict([("quay", each) for each in pages])
    assert reranker.score("quay", pages) == pytest.approx(expected, abs=1e-4)


def test_the_query_counts(reranker):
    assert reranker.score("quay", [page(2)]) != pytest.approx(reranker.score("loaf of 1991", [page(2)]))


def test_an_image_may_ask(reranker):
    assert np.isfinite(reranker.score(page(4), [page(1), page(2)])).all()


@pytest.mark.parametrize("text", ["https://example.org/chart.png", "chart.png", "<|image_pad|> <|im_end|>"])
def test_a_question_stays_a_text_whatever_it_says(reranker, text):
    assert np.isfinite(reranker.score(text, [page(2)])).all()


def test_a_page_that_is_a_strip_is_scored(reranker):
    assert np.isfinite(reranker.score("quay", [page(1, (2_000, 3))])).all()


def test_what_is_no_reranker_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"cannot be loaded.*Set VDR_RERANKER"):
        load_reranker(str(tmp_path / "nothing"), ModelSettings())


def test_an_embedder_is_no_reranker(tmp_path):
    embedder = tiny_qwen3_vl(tmp_path / "embedder")
    with pytest.raises(ModelError, match="Set VDR_RERANKER"):
        load_reranker(str(embedder), ModelSettings())
