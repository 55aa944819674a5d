"""A model that is moved after it was loaded gives the same vectors: nothing of it stays where it was.

With one kind of device the move is to other numbers, which is the same call: inputs have to follow the
weights, and vectors come as before, in float32.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector, tiny_bert_reranker
from tests.fixtures.looking import looking, looking_at_patches
from tests.fixtures.words import said
from vdr.models.cross_encoder import load_cross_encoder
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.windows_embedder import WindowsEmbedder
from vdr.settings import Backend, ModelSettings
from vdr.types import FloatArray, PageWords

CLOSE = 1e-4
IMAGES = [Image.new("RGB", (200, 280), color) for color in ("white", "gray", "navy")]
WORDS = [PageWords(tuple(said(text.split()))) for text in ("a b c d", "e f", "x y z")]
QUERIES = ["a b", "x"]


def settings(folder: Path, device: str | None = "cpu") -> ModelSettings:
    return ModelSettings(embedder=str(folder), reader=None, device=device, backend=Backend.TORCH)


def module_of(embedder: Embedder) -> Any:
    holder: Any = embedder._model if isinstance(embedder, WindowsEmbedder) else embedder
    return holder._model


def vectors(embedder: Embedder) -> list[FloatArray]:
    pages, queries = embedder.encode_pages(IMAGES, WORDS), embedder.encode_queries(QUERIES)
    return [*(page.embedding for page in pages), *(query.embedding for query in queries)]


@pytest.fixture(
    scope="module",
    params=[tiny_bert, tiny_bert_multi_vector, looking, looking_at_patches],
    ids=["reads windows", "reads words", "looks", "looks at patches"],
)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    make: Callable[[Path], Path] = request.param
    return make(tmp_path_factory.mktemp("moved") / "tiny")


def test_an_embedder_gives_the_same_vectors_wherever_it_was_moved(folder: Path) -> None:
    embedder = load_embedder(settings(folder))
    before = vectors(embedder)
    for move in (torch.float64, torch.float32, "cpu"):
        module_of(embedder).to(move)
        for made, wanted in zip(vectors(embedder), before, strict=True):
            assert made.dtype == np.dtype(np.float32)
            assert made == pytest.approx(wanted, abs=CLOSE)


def test_a_device_that_is_named_gives_what_the_best_one_gives(folder: Path) -> None:
    if torch.cuda.is_available() or torch.mps.is_available():
        pytest.skip("the best device is another one, with numbers of half the size")
    named, best = (load_embedder(settings(folder, device)) for device in ("cpu", None))
    assert named.fingerprint == best.fingerprint
    for made, wanted in zip(vectors(named), vectors(best), strict=True):
        assert np.array_equal(made, wanted)


def test_a_reranker_gives_the_same_scores_wherever_it_was_moved(tmp_path: Path) -> None:
    reranker: Any = load_cross_encoder(
        str(tiny_bert_reranker(tmp_path / "tiny")), ModelSettings(device="cpu", backend=Backend.TORCH)
    )
    pages = [("a b c",), ("x y", "z a"), ("q",)]
    before = reranker.score_words("a b", pages)
    for move in (torch.float64, torch.float32, "cpu"):
        reranker._model.to(move)
        scores = reranker.score_words("a b", pages)
        assert scores.dtype == np.dtype(np.float32)
        assert scores == pytest.approx(before, abs=CLOSE)
