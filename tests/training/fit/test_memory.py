"""Memory that runs out at a size chosen here: what fits is found by trying, and said."""

import pytest
import torch
from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    EmbedDistillLoss,
)

from training.fit.embedder import train_embedder
from training.fit.memory import measuring_in_memory
from vdr.errors import OutOfMemory

FULL = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
]


def hold(monkeypatch, loss, size_of, most, error=FULL[0]):
    """Memory for `most` at once, of a loss that has `size_of` at once."""
    forward = loss.forward

    def bounded(self, features, labels):
        if size_of(self, features) > most:
            raise error
        return forward(self, features, labels)

    monkeypatch.setattr(loss, "forward", bounded)


def hold_mini_batches(monkeypatch, most, error=FULL[0]):
    hold(monkeypatch, CachedMultipleNegativesRankingLoss, lambda loss, _: loss.mini_batch_size, most, error)


def train(config):
    with pytest.raises(OutOfMemory) as caught:
        train_embedder(config, lambda _: None)
    return str(caught.value)


@pytest.mark.parametrize("error", FULL)
def test_the_largest_mini_batch_that_fits_is_found(configured, monkeypatch, error):
    hold_mini_batches(monkeypatch, 3, error)
    said = train(configured(loss={"mini_batch_size": 16}))
    assert "mini-batch size 16" in said
    assert "Set loss.mini_batch_size = 2 (tested: it fits" in said


def test_a_loss_without_mini_batches_needs_smaller_batches(configured, pairs, monkeypatch):
    hold(monkeypatch, EmbedDistillLoss, lambda _, features: len(features[0]["input_ids"]), 4)
    loss = {"kind": "distill-vectors", "teacher": "page-reader"}
    said = train(configured(loss=loss))
    assert "Set optimizer.batch_size = 3 (tested: it fits)" in said


def test_where_nothing_fits_other_knobs_are_named(configured, monkeypatch):
    hold_mini_batches(monkeypatch, 0)
    said = train(configured(loss={"mini_batch_size": 4}))
    assert "tried" not in said
    assert said.index("gradient_checkpointing") < said.index("[model.lora]") < said.index("max_pixels")


def test_memory_that_is_out_while_measuring_names_that_batch(configured):
    config = configured(evaluation={"batch_size": 16})
    with pytest.raises(OutOfMemory, match=r"evaluation\.batch_size = 8"), measuring_in_memory(config):
        raise FULL[0]


def test_other_errors_pass(configured, monkeypatch):
    with pytest.raises(ZeroDivisionError), measuring_in_memory(configured()):
        raise ZeroDivisionError
    hold_mini_batches(monkeypatch, 0, RuntimeError("something else"))
    with pytest.raises(RuntimeError, match="something else"):
        train_embedder(configured(), lambda _: None)
