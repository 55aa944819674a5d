"""When the memory is out: finds by trying what would have fitted, and says which knob to turn."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from accelerate.utils.memory import find_executable_batch_size, should_reduce_batch_size
from torch import distributed
from transformers import Trainer

from training.fit.callbacks import Say
from training.fit.config import RunConfig
from vdr.errors import OutOfMemory


@contextmanager
def measuring_in_memory(config: RunConfig) -> Iterator[None]:
    """Turns running out of memory while a model is measured into OutOfMemory, with the setting to lower."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not _is_out_of_memory(error):
            raise
        size = config.evaluation.batch_size
        raise OutOfMemory(
            f"The memory is out at measuring {size} at once.",
            remedy=f"Set evaluation.batch_size = {max(size // 2, 1)}, or lower model.max_pixels.",
        ) from error


def train_in_memory(trainer: Trainer, config: RunConfig, checkpoint: str | None, say: Say) -> None:
    """Train, from a checkpoint if there is one.

    Raises OutOfMemory where it does not fit, which names what does: half as much is tried again and again by
    a step of this very training, whose result is thrown away.
    """
    failed: RuntimeError | MemoryError
    try:
        trainer.train(resume_from_checkpoint=checkpoint)
    except (RuntimeError, MemoryError) as error:
        if not _is_out_of_memory(error):
            raise
        # Its frames hold what did not fit.
        traceback.clear_frames(error.__traceback__)
        failed = error
    else:
        return
    fitting = _fitting(trainer, config, say)
    raise OutOfMemory(f"The memory is out at {_at(config)}.", remedy=_remedy(config, fitting)) from failed


def _is_out_of_memory(error: RuntimeError | MemoryError) -> bool:
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or should_reduce_batch_size(error)


def _fitting(trainer: Trainer, config: RunConfig, say: Say) -> int | None:
    """The largest half, quarter, ... of what did not fit that does; None if none does or none was tried.

    It is not where processes train together: the others would wait for a step that this one does not take.
    """
    most = _at_once(config) // 2
    if most < 1 or (distributed.is_initialized() and distributed.get_world_size() > 1):
        return None
    say("The memory is out. Looking for a batch that fits.")
    trial = _Trial(trainer, most)
    try:
        found: int = find_executable_batch_size(trial.step, most, trial.halve)()
    except RuntimeError:  # even one was too much
        return None
    return found


class _Trial:
    """A step with so many at once, tried on the trainer as it is, with all that it holds in memory."""

    def __init__(self, trainer: Trainer, size: int) -> None:
        self._trainer, self._size = trainer, size
        self._cached = _cached_loss(trainer)

    def step(self, size: int) -> int:
        """Run forwards and backwards with `size` at once, and give it back."""
        model = self._trainer.model_wrapped
        model.zero_grad(set_to_none=True)
        try:
            self._trainer.training_step(model, self._batch(size))
        except (MemoryError, torch.OutOfMemoryError) as error:
            traceback.clear_frames(error.__traceback__)
            raise RuntimeError("CUDA out of memory.") from None  # the form that the search for a size knows
        return size

    def halve(self) -> int:
        """The next size to try."""
        self._size //= 2
        return self._size

    def _batch(self, size: int) -> Any:  # noqa: ANN401 - what the trainer's own collator makes
        if self._cached is None:
            rows: Any = self._trainer.train_dataset
            return self._trainer.data_collator([rows[row] for row in range(min(size, len(rows)))])
        self._cached.mini_batch_size = size
        return next(iter(self._trainer.get_train_dataloader()))


def _cached_loss(trainer: Any) -> Any | None:  # noqa: ANN401 - a loss that has a mini_batch_size
    return next((part for part in trainer.loss.modules() if hasattr(part, "mini_batch_size")), None)


def _at_once(config: RunConfig) -> int:
    """How much is in memory at once: a mini-batch where the loss has such, the whole batch else."""
    return _mini_batch_size(config) or config.optimizer.batch_size


def _mini_batch_size(config: RunConfig) -> int | None:
    loss = getattr(config, "loss", None)
    is_whole = getattr(loss, "kind", "ranking") in ("binary", "distill-vectors", "distill-scores")
    return None if is_whole else getattr(loss, "mini_batch_size", None)


def _at(config: RunConfig) -> str:
    mini = _mini_batch_size(config)
    return f"batches of {config.optimizer.batch_size}" + (f", {mini} at once" if mini else "")


def _remedy(config: RunConfig, fitting: int | None) -> str:
    knobs = []
    if fitting is not None:
        if _mini_batch_size(config) is None:
            knobs.append(f"set optimizer.batch_size = {fitting} (tried: it fits)")
        else:
            knobs.append(f"set loss.mini_batch_size = {fitting} (tried: it fits, and changes nothing else)")
    elif _at_once(config) > 1:
        name = "optimizer.batch_size" if _mini_batch_size(config) is None else "loss.mini_batch_size"
        knobs.append(f"lower {name}")
    if not config.model.gradient_checkpointing:
        knobs.append("set model.gradient_checkpointing = true")
    if config.model.lora is None:
        knobs.append("train an adapter with [model.lora]")
    knobs.append("lower model.max_pixels")
    return "; ".join(knobs).capitalize() + "."
