"""Says which knob to turn when the memory is out."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from training.fit.config import RunConfig
from vdr.errors import OutOfMemory


@contextmanager
def explaining_memory(config: RunConfig) -> Iterator[None]:
    """Turns running out of memory into OutOfMemory, with the settings that need less."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise OutOfMemory(f"The memory is out at {_at(config)}.", remedy=f"{_knobs(config)}.") from error


def _at(config: RunConfig) -> str:
    mini = getattr(getattr(config, "loss", None), "mini_batch_size", None)
    return f"batches of {config.optimizer.batch_size}" + (f", {mini} at once" if mini else "")


def _knobs(config: RunConfig) -> str:
    knobs = []
    mini = getattr(getattr(config, "loss", None), "mini_batch_size", 1)
    if mini > 1:
        knobs.append(f"set loss.mini_batch_size = {mini // 2} (it changes nothing else)")
    if not config.model.gradient_checkpointing:
        knobs.append("set model.gradient_checkpointing = true")
    if config.model.lora is None:
        knobs.append("train an adapter with [model.lora]")
    knobs.append("lower model.max_pixels")
    return ("; ".join(knobs)).capitalize()
