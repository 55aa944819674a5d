import pytest
import torch

from training.fit.memory import explaining_memory
from vdr.errors import OutOfMemory


def run_out(config, error):
    with pytest.raises(OutOfMemory) as caught, explaining_memory(config):
        raise error
    return str(caught.value)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError()])
def test_the_batch_and_the_knobs_are_named_the_cheapest_first(configured, error):
    said = run_out(configured(loss={"mini_batch_size": 16}), error)
    assert "batches of 6, 16 at once" in said
    assert said.index("loss.mini_batch_size = 8") < said.index("gradient_checkpointing")
    assert "[model.lora]" in said


def test_knobs_already_turned_are_not_named(configured):
    model = {"lora": {"rank": 4}, "gradient_checkpointing": True}
    said = run_out(configured(loss={"mini_batch_size": 1}, model=model), MemoryError())
    assert "mini_batch_size" not in said.split(".", 1)[1]
    assert "lora" not in said
    assert "max_pixels" in said


def test_other_errors_pass(configured):
    with pytest.raises(ZeroDivisionError), explaining_memory(configured()):
        raise ZeroDivisionError
