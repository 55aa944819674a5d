"""Checkpoints for texts run by ONNX Runtime, where the extra is installed: what torch gives."""

import importlib.util
import logging
from typing import Any

import numpy as np
import pytest

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector, tiny_bert_reranker
from tests.fixtures.words import said
from vdr.errors import ModelError
from vdr.models import compiled_cache, engines
from vdr.models.compiled_encoder import CompiledEncoder
from vdr.models.embedder import load_embedder
from vdr.models.reranker import load_reranker
from vdr.settings import Backend, ModelSettings
from vdr.types import PageWords

CLOSE = 1e-4
# Odd lengths, none, one, and more than the checkpoint takes at once.
TEXTS = ("a b c", "", "q", "x y z " * 11, "k l " * 900)
PAGES = [PageWords(tuple(said(text.split()))) for text in TEXTS]
INSTALLED = pytest.mark.skipif(bool(engines.missing_for_onnx()), reason="the extra `onnx` is not installed")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache with nothing in it."""
    monkeypatch.setattr(compiled_cache, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def load(folder: Any, backend: Backend, **settings: Any) -> Any:
    settings = {"device": "cpu", **settings}
    return load_embedder(ModelSettings(embedder=str(folder), reader=None, backend=backend, **settings))


def encoder_of(embedder: Any) -> Any:
    return getattr(embedder._model, "_model", embedder._model)[0].model


def assert_same(found: Any, wanted: Any) -> None:
    queries = ["a b", "", "z " * 700]
    pairs = [
        *zip(found.encode_pages((), PAGES), wanted.encode_pages((), PAGES), strict=True),
        *zip(found.encode_queries(queries), wanted.encode_queries(queries), strict=True),
    ]
    for got, want in pairs:
        np.testing.assert_allclose(got.embedding, want.embedding, atol=CLOSE)


@INSTALLED
@pytest.mark.parametrize("make", [tiny_bert, tiny_bert_multi_vector])
def test_vectors_are_those_of_torch_and_converted_once(make, cache, tmp_path, monkeypatch):
    folder = make(tmp_path / "bert")
    by_torch, by_onnx = load(folder, Backend.TORCH), load(folder, Backend.ONNX)
    assert isinstance(encoder_of(by_onnx), CompiledEncoder)
    assert_same(by_onnx, by_torch)
    assert by_onnx.fingerprint == by_torch.fingerprint
    assert len(list(cache.glob("*/encoder.onnx"))) == 1
    monkeypatch.setattr(compiled_cache, "_converted", lambda *_: pytest.fail("converted again"))
    assert_same(load(folder, Backend.ONNX), by_torch)


@INSTALLED
def test_a_cross_encoder_has_the_scores_of_torch(cache, tmp_path):
    folder = str(tiny_bert_reranker(tmp_path / "reranker"))
    pages = [("x y z a",), ("a b c", "d " * 600), ("q", "")]
    by_torch, by_onnx = (
        load_reranker(folder, ModelSettings(backend=chosen, device="cpu")).score_words("a b c d", pages)
        for chosen in (Backend.TORCH, Backend.ONNX)
    )
    np.testing.assert_allclose(by_onnx, by_torch, atol=CLOSE)


@INSTALLED
@pytest.mark.parametrize("damage", [b"", b"\0" * 4096], ids=["empty", "zeros"])
def test_a_damaged_file_is_made_again(cache, tmp_path, caplog, damage):
    folder = tiny_bert(tmp_path / "bert")
    load(folder, Backend.ONNX)
    (file,) = cache.glob("*/encoder.onnx")
    file.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        assert_same(load(folder, Backend.ONNX), load(folder, Backend.TORCH))
    assert "is damaged" in caplog.text


@INSTALLED
def test_an_encoder_with_other_outputs_than_torch_is_refused(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(compiled_cache, "_TOLERANCE", 0.0)
    with pytest.raises(ModelError, match=r"ONNX Runtime cannot run .*: its outputs are not those of torch"):
        load(tiny_bert(tmp_path / "bert"), Backend.ONNX)


@INSTALLED
def test_a_cache_that_cannot_be_written_costs_only_time(cache, tmp_path, caplog):
    cache.write_text("a file is in the way")
    folder = tiny_bert(tmp_path / "bert")
    assert_same(load(folder, Backend.ONNX), load(folder, Backend.TORCH))
    assert "Cannot keep compiled encoders" in caplog.text


@INSTALLED
def test_another_device_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="no encoder of texts in float32 on a CPU"):
        load(tiny_bert(tmp_path / "bert"), Backend.ONNX, device="meta")


@pytest.mark.parametrize("missing", [("onnxruntime",), ("onnx", "onnxruntime", "onnxscript")])
def test_without_the_extra_it_says_how_to_install_it(tmp_path, monkeypatch, missing):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        engines,
        "find_spec",
        lambda name: None if name in missing else find("json"),
    )
    with pytest.raises(ModelError, match=f"not installed: {', '.join(missing)}") as caught:
        load(tiny_bert(tmp_path / "bert"), Backend.ONNX)
    assert "[onnx]" in str(caught.value) and "\n" not in str(caught.value)
