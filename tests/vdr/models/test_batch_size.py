"""A batch that does not fit is halved, for good; what fits is not touched."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector
from tests.fixtures.words import said
from vdr.errors import OutOfMemory
from vdr.models.batch_size import BatchSize
from vdr.models.cross_encoder import ImagesCrossEncoder
from vdr.models.embedder import load_embedder
from vdr.models.windows_embedder import WindowsEmbedder
from vdr.settings import Backend, ModelSettings
from vdr.types import PageWords

PAGES = ["page"] * 32


class Memory:
    """Stands for a device where so many inputs fit, and notes the sizes that were tried."""

    def __init__(self, room: int) -> None:
        self.room, self.tried = room, list[int]()

    def compute(self, size: int) -> int:
        self.tried.append(size)
        if size > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return size


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA Tiny")


def on(kind: str) -> Any:
    """Stands for a model on such a device."""
    return SimpleNamespace(device=torch.device(kind), dtype=torch.bfloat16)


@pytest.mark.parametrize(("room", "tried"), [(8, [8]), (7, [8, 4]), (3, [8, 4, 2]), (1, [8, 4, 2, 1])])
def test_the_size_is_halved_until_it_fits_and_remembered(room, tried):
    memory, size = Memory(room), BatchSize(8)
    assert size.fitting(memory.compute, PAGES) == tried[-1]
    assert size.fitting(memory.compute, PAGES) == tried[-1]
    assert memory.tried == [*tried, tried[-1]]


def test_one_that_does_not_fit_is_an_error_with_its_remedy():
    memory = Memory(0)
    with pytest.raises(OutOfMemory, match=r"with one page\. Set VDR_PRECISION"):
        BatchSize(2).fitting(memory.compute, PAGES)
    assert memory.tried == [2, 1]


def test_what_else_goes_wrong_is_not_tried_again():
    def fail(_: int) -> None:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        BatchSize(2).fitting(fail, PAGES)


def test_a_gpu_begins_with_more_and_a_setting_outdoes_both(gpu):
    pages = {kind: BatchSize.of_pages(None, on(kind), "mark") for kind in ("cuda", "cpu", "mps")}
    assert [size.current for size in pages.values()] == [8, 4, 4]
    assert [size.pages_at_once for size in pages.values()] == [32, 4, 4]
    assert BatchSize.of_pages(3, on("cuda"), "mark").pages_at_once == 3
    windows = {kind: BatchSize.of_windows(None, on(kind), "mark") for kind in ("cuda", "cpu")}
    assert [size.current for size in windows.values()] == [32, 32]
    assert [size.pages_of_windows for size in windows.values()] == [32, 8]


class Cramped:
    """A model with room for so many rows, which counts what it had none for."""

    def __init__(self, model: Any, room: int) -> None:
        self.room, self.refused = room, 0
        self._forward, model.forward = model.forward, self

    def __call__(self, **features: Any) -> Any:
        if len(features["input_ids"]) > self.room:
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return self._forward(**features)


@pytest.mark.parametrize("make", [tiny_bert, tiny_bert_multi_vector])
def test_embedders_go_on_with_smaller_batches_and_the_same_vectors(make, tmp_path):
    settings = ModelSettings(
        embedder=str(make(tmp_path / "model")), reader=None, device="cpu", backend=Backend.TORCH
    )
    pages = [PageWords(tuple(said(text))) for text in (["a", "b"], ["c"], ["d", "e", "f"], ["g"], ["h"])]
    wanted = load_embedder(settings).encode_pages((), pages)
    embedder = load_embedder(settings)
    holder = embedder._model if isinstance(embedder, WindowsEmbedder) else embedder
    cramped = Cramped(holder._model[0].model, room=2)
    for _ in range(2):
        for got, want in zip(embedder.encode_pages((), pages), wanted, strict=True):
            np.testing.assert_allclose(got.embedding, want.embedding, atol=1e-5)
    assert cramped.refused == 4  # 32, 16, 8 and 4 at once: the second time it knows


class Scorer:
    """Stands for a cross-encoder with room for two pages."""

    tokenizer = None

    def __init__(self):
        self.sizes = []

    def predict(self, pairs, batch_size, **_):
        self.sizes.append(batch_size)
        if min(batch_size, len(pairs)) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return np.arange(len(pairs), dtype=np.float32)


def test_a_reranker_goes_on_with_smaller_batches():
    scorer, page = Scorer(), Image.new("RGB", (8, 8))
    reranker = ImagesCrossEncoder(scorer, "tiny", BatchSize(4))  # type: ignore[arg-type]
    assert reranker.score("query", [page] * 5).tolist() == [0, 1, 2, 3, 0]
    assert scorer.sizes == [4, 2, 2]
