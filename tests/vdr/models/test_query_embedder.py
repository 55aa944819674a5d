"""Questions without torch: the same vectors as the modules give, and nothing heavy imported for them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from vdr.errors import BadSetting, ModelError
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.fingerprint import fingerprint
from vdr.models.loading import Models
from vdr.models.own_modules import OWN_MODULES
from vdr.models.own_queries import load_query_embedder
from vdr.models.query_embedder import QueryEmbedder, folder_of
from vdr.page_reader.modules import PageImage, QueryText, WordSuperposition
from vdr.settings import DEFAULT_EMBEDDER, PAGE_READER, TEXT_ENCODER, ModelSettings
from vdr.types import QueryVectors

QUESTIONS = (
    "How did net sales develop by region in 2023?",
    "whales",
    "SPF 50 lotion for 1,250.75 euros, KX-7721-B",
    "Žluťoučký kůň 中文 مرحبا",
    "a a a A",
    "?",
    "",
)
SETTINGS = ModelSettings(embedder=PAGE_READER)


@pytest.fixture(scope="module")
def whole() -> Embedder:
    return load_embedder(SETTINGS)


@pytest.fixture(scope="module")
def light() -> QueryEmbedder:
    found = load_query_embedder(SETTINGS)
    assert found is not None
    return found


def assert_same(one: QueryVectors, other: QueryVectors) -> None:
    assert np.abs(one.embedding - other.embedding).max(initial=0) < 1e-6
    assert one.tokens is not None and other.tokens is not None
    # Rounded to bytes: a rounding in the last place may tip one of them.
    steps = one.tokens.rows.astype(int) - other.tokens.rows.astype(int)
    assert np.abs(steps).max(initial=0) <= 1
    assert (one.terms, one.forms, one.term_weights) == (other.terms, other.forms, other.term_weights)
    assert (one.related, one.dense_weight) == (other.related, other.dense_weight)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_the_vectors_that_the_modules_give(
    whole: Embedder, light: QueryEmbedder, question: str
) -> None:
    assert_same(light.encode_queries([question])[0], whole.encode_queries([question])[0])


def test_it_is_taken_for_the_same_model(whole: Embedder, light: QueryEmbedder) -> None:
    for part in ("name", "fingerprint", "dims", "region_dims", "reads_words"):
        assert getattr(light, part) == getattr(whole, part)


def test_fewer_dimensions_are_the_same_ones() -> None:
    settings = ModelSettings(embedder=PAGE_READER, dims=64)
    light = load_query_embedder(settings)
    assert light is not None
    whole = load_embedder(settings)
    assert_same(light.encode_queries(["net sales"])[0], whole.encode_queries(["net sales"])[0])
    with pytest.raises(BadSetting, match="VDR_DIMS=5000"):
        load_query_embedder(ModelSettings(embedder=PAGE_READER, dims=5_000))


def test_a_checkpoint_of_another_shape_has_the_vectors_that_its_modules_give(tmp_path: Path) -> None:
    checkpoint = tmp_path / "tuned"
    shutil.copytree(folder_of(SETTINGS.embedder), checkpoint)
    words = WordSuperposition(dims=100, buckets=512, weight_buckets=64, region_dims=20, traits=True)
    generator = torch.Generator().manual_seed(3)
    for weights in words.parameters():
        weights.data = torch.rand(weights.shape, generator=generator)
    words.save(str(checkpoint / "1_WordSuperposition"))
    settings = ModelSettings(embedder=str(checkpoint))
    light = load_query_embedder(settings)
    assert light is not None
    whole = load_embedder(settings)
    for question in QUESTIONS:
        assert_same(light.encode_queries([question])[0], whole.encode_queries([question])[0])


def test_another_checkpoint_is_left_to_the_whole_embedder(tmp_path: Path) -> None:
    assert load_query_embedder(ModelSettings(embedder=str(tmp_path))) is None
    assert load_query_embedder(ModelSettings(embedder="some/model")) is None


def test_a_damaged_page_reader_is_named(tmp_path: Path) -> None:
    checkpoint = tmp_path / "cut"
    shutil.copytree(folder_of(SETTINGS.embedder), checkpoint)
    (checkpoint / "1_WordSuperposition" / "model.safetensors").write_bytes(b"cut off")
    with pytest.raises(ModelError, match="cut cannot be loaded"):
        load_query_embedder(ModelSettings(embedder=str(checkpoint)))


def test_images_are_not_for_it(light: QueryEmbedder) -> None:
    from PIL import Image

    with pytest.raises(ValueError, match="no images"):
        light.encode_queries([Image.new("RGB", (8, 8))])


def test_a_model_that_is_loaded_already_answers_questions_too() -> None:
    models = Models(SETTINGS)
    whole = models.embedder()
    assert models.query_embedder() is whole
    assert models.rerankers() == ()


def test_the_modules_are_called_what_checkpoints_call_them() -> None:
    kinds = (PageImage, QueryText, WordSuperposition)
    assert {f"{kind.__module__}.{kind.__name__}" for kind in kinds} == OWN_MODULES
    path = folder_of(SETTINGS.embedder)
    assert fingerprint(path, {"dims": 8}) != fingerprint(path, {"dims": 16})


HEAVY = {
    "torch",
    "sentence_transformers",
    "transformers",
    "scipy",
    "sklearn",
    "dbos",
    "qdrant_client",
}
ASKS = (
    "from app.cli.search import search; import app.cli.local; "
    "from vdr.models.loading import Models; from vdr.settings import ModelSettings; "
    "Models(ModelSettings({})).query_embedder().encode_queries(['net sales']); "
    "Models(ModelSettings()).rerankers()"
)


@pytest.mark.parametrize(
    ("used", "more"),
    [
        (ASKS.format(""), set()),
        (ASKS.format("embedder='page-reader'"), {"openvino"}),
        ("from app.cli.search import search", {"openvino"}),
        ("from app.cli.documents import documents; import app.cli.local", {"openvino"}),
        ("from app.cli.serve import serve", {"openvino"}),
    ],
)
def test_what_asks_questions_imports_nothing_that_takes_seconds(used: str, more: set[str]) -> None:
    shown = f"{used}; import json, sys; print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert (HEAVY | more).isdisjoint(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("names", [DEFAULT_EMBEDDER, f"{TEXT_ENCODER},{PAGE_READER}"])
def test_several_that_are_ours_have_the_vectors_that_the_whole_ones_give(names: str) -> None:
    settings = ModelSettings(embedder=names, dims=256)
    light, whole = load_query_embedder(settings), load_embedder(settings)
    assert light is not None
    for part in ("name", "fingerprint", "dims", "coarse_dims", "region_dims", "reads_words", "reader_name"):
        assert getattr(light, part) == getattr(whole, part)
    assert [(each.dims, each.coarse_dims) for each in light.more] == [
        (each.dims, each.coarse_dims) for each in whole.more
    ]
    for question in QUESTIONS:
        (one,), (other,) = light.encode_queries([question]), whole.encode_queries([question])
        assert_same(one, other)
        assert np.abs(one.more[0].embedding - other.more[0].embedding).max() < 1e-6
        assert one.more[0].dense_weight == other.more[0].dense_weight


def test_of_several_only_those_that_have_more_dimensions_are_cut() -> None:
    light = load_query_embedder(ModelSettings(dims=512))
    assert light is not None
    assert [light.dims, *(each.dims for each in light.more)] == [512, 384]
    with pytest.raises(BadSetting, match="VDR_DIMS=5000, but page-reader,text-encoder has 1024"):
        load_query_embedder(ModelSettings(dims=5_000))


def test_a_text_encoder_alone_is_left_to_the_whole_embedder() -> None:
    assert load_query_embedder(ModelSettings(embedder=TEXT_ENCODER)) is None
