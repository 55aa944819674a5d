"""Checkpoints for texts run by OpenVINO: what torch gives, quick the second time, else torch."""

import logging
import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector, tiny_bert_reranker
from tests.fixtures.words import said
from vdr.errors import ModelError
from vdr.models import backend, compiled_cache
from vdr.models.compiled_cache import cache_folder
from vdr.models.compiled_encoder import CompiledEncoder
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.reranker import load_reranker
from vdr.settings import Backend, ModelSettings, Precision
from vdr.types import FloatArray, PageWords

CLOSE = 1e-4
# Odd lengths, none, one, and more than the checkpoint takes at once.
TEXTS = ("a b c", "", "q", "x y z " * 11, "k l " * 900)
PAGES = [PageWords(tuple(said(text.split()))) for text in TEXTS]
MAKERS = {"one vector": tiny_bert, "many vectors": tiny_bert_multi_vector}


@pytest.fixture(scope="module", params=MAKERS)
def checkpoint(request, tmp_path_factory):
    return MAKERS[request.param](tmp_path_factory.mktemp("models") / "bert")


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return tiny_bert(tmp_path_factory.mktemp("models") / "bert")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache with nothing in it."""
    monkeypatch.setattr(compiled_cache, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def nothing_converts(cache, monkeypatch):
    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("No conversion rule for aten::odd.\nMore lines.")

    monkeypatch.setattr("openvino.convert_model", refuse)


def load(folder: Path, chosen: Backend = Backend.OPENVINO, **settings: Any) -> Any:
    settings = {"device": "cpu", **settings}
    return load_embedder(ModelSettings(embedder=str(folder), reader=None, backend=chosen, **settings))


def is_compiled(embedder: Any) -> bool:
    model = getattr(embedder._model, "_model", embedder._model)  # that of windows is a part of a part
    return isinstance(model[0].model, CompiledEncoder)


def vectors_of(embedder: Embedder, pages: list[PageWords] = PAGES) -> list[FloatArray]:
    return [page.embedding for page in embedder.encode_pages((), pages)]


def assert_close(found: list[FloatArray], wanted: list[FloatArray]) -> None:
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(got, want, atol=CLOSE)


def test_pages_and_questions_have_the_vectors_that_torch_gives(checkpoint):
    by_torch, by_openvino = load(checkpoint, Backend.TORCH), load(checkpoint)
    assert (is_compiled(by_torch), is_compiled(by_openvino)) == (False, True)
    assert_close(vectors_of(by_openvino), vectors_of(by_torch))
    asked = ["a b", "", "z " * 700]
    assert_close(
        [query.embedding for query in by_openvino.encode_queries(asked)],
        [query.embedding for query in by_torch.encode_queries(asked)],
    )


def test_an_index_may_be_built_by_one_and_searched_by_the_other(checkpoint):
    assert load(checkpoint, Backend.TORCH).fingerprint == load(checkpoint).fingerprint


def test_a_batch_gives_what_each_page_gives_alone(checkpoint):
    embedder = load(checkpoint)
    assert_close(vectors_of(embedder), [vectors_of(embedder, [page])[0] for page in PAGES])


def test_threads_share_one(checkpoint):
    embedder = load(checkpoint)
    wanted = vectors_of(embedder)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: vectors_of(embedder), range(8)):
            assert_close(found, wanted)


def test_a_cross_encoder_has_the_scores_that_torch_gives(tmp_path):
    folder = str(tiny_bert_reranker(tmp_path / "reranker"))
    pages = [("x y z a",), ("a b c", "d " * 600), ("q", "")]
    by_torch, by_openvino = (
        load_reranker(folder, ModelSettings(backend=chosen, device="cpu")).score_words("a b c d", pages)
        for chosen in (Backend.TORCH, Backend.OPENVINO)
    )
    np.testing.assert_allclose(by_openvino, by_torch, atol=CLOSE)
    assert len(set(by_torch.round(3))) == len(pages)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_auto_is_openvino_where_that_was_measured(bert, monkeypatch, machine):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert is_compiled(load(bert, Backend.AUTO)) is (machine == "x86_64")


def test_auto_leaves_an_encoder_of_another_kind_to_torch(bert, monkeypatch):
    monkeypatch.setattr(backend, "_KNOWN", frozenset({"roberta"}))
    assert not is_compiled(load(bert, Backend.AUTO))


def test_the_second_start_converts_nothing(bert, cache, monkeypatch):
    wanted = vectors_of(load(bert))
    monkeypatch.setattr(compiled_cache, "_converted", lambda *_: pytest.fail("converted again"))
    assert_close(vectors_of(load(bert)), wanted)


def test_other_weights_are_another_entry_of_the_cache(bert, cache, tmp_path):
    load(bert)
    other = SentenceTransformer(str(bert), device="cpu")
    torch.nn.init.constant_(next(other.parameters())[5], 1.0)
    other.save_pretrained(str(tmp_path / "other"), create_model_card=False)
    assert_close(vectors_of(load(tmp_path / "other")), vectors_of(load(tmp_path / "other", Backend.TORCH)))
    assert len(list(cache.glob("*/encoder.xml"))) == 2


@pytest.mark.parametrize("file", ["encoder.xml", "encoder.bin"])
@pytest.mark.parametrize("damage", [b"", b"\0" * 4096], ids=["empty", "zeros"])
def test_a_damaged_entry_of_the_cache_is_made_again(bert, cache, caplog, file, damage):
    wanted = vectors_of(load(bert))
    (damaged,) = cache.glob(f"*/{file}")
    size = damaged.stat().st_size
    damaged.unlink()  # its memory is still mapped
    damaged.write_bytes(damage[:size])
    with caplog.at_level(logging.WARNING):
        assert_close(vectors_of(load(bert)), wanted)
    assert "is damaged" in caplog.text
    caplog.clear()
    assert_close(vectors_of(load(bert)), wanted)
    assert not caplog.records


def test_a_cache_that_cannot_be_written_costs_only_time(bert, cache, caplog):
    cache.write_text("a file is in the way")
    with caplog.at_level(logging.WARNING):
        assert is_compiled(load(bert))
    assert "Cannot keep compiled encoders" in caplog.text


@pytest.mark.usefixtures("nothing_converts")
def test_auto_falls_back_to_torch_and_says_so_in_one_line(bert, caplog):
    with caplog.at_level(logging.WARNING):
        assert not is_compiled(load(bert, Backend.AUTO))
    (record,) = caplog.records
    reason = "OpenVINO cannot run it: No conversion rule for aten::odd."
    assert record.getMessage() == f"{bert} is run by torch, as {reason}"


@pytest.mark.usefixtures("nothing_converts")
def test_what_was_asked_for_and_cannot_be_had_is_an_error(bert):
    with pytest.raises(ModelError, match=r"OpenVINO cannot run .*: No conversion rule") as caught:
        load(bert)
    assert "VDR_BACKEND=auto" in caught.value.remedy


def test_a_net_with_other_outputs_than_torch_is_not_used(bert, cache, monkeypatch):
    monkeypatch.setattr(compiled_cache, "_TOLERANCE", 0.0)
    with pytest.raises(ModelError, match="not those of torch"):
        load(bert)


def test_another_device_than_the_cpu_is_an_error_only_where_openvino_is_asked_for(bert):
    assert not is_compiled(load(bert, Backend.AUTO, device="meta"))
    with pytest.raises(ModelError, match="no encoder of texts in float32 on a CPU"):
        load(bert, device="meta")


@pytest.mark.parametrize("precision", [Precision.BFLOAT16, Precision.FLOAT16])
def test_fewer_bits_are_computed_by_torch_and_give_nearly_the_same(bert, precision):
    exact, rough = (
        vectors_of(load(bert, Backend.AUTO, precision=each)) for each in (Precision.AUTO, precision)
    )
    assert not is_compiled(load(bert, Backend.AUTO, precision=precision))
    for one, other in zip(exact, rough, strict=True):
        assert other.dtype == np.float32
        np.testing.assert_allclose(other, one, atol=0.05)
    assert any((one != other).any() for one, other in zip(exact, rough, strict=True))


def test_the_cache_is_where_the_hub_keeps_its_downloads():
    from huggingface_hub import constants

    assert cache_folder().parent == Path(constants.HF_HOME)
