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

_SMALLER_IMAGES = "if the model looks at images, lower model.max_pixels"


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
            f"Out of memory while evaluating (batch size {size}).",
            remedy=f"Set evaluation.batch_size = {max(size // 2, 1)}, or {_SMALLER_IMAGES}.",
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
    cached = _cached_loss(trainer)
    if cached is None:
        knob, size = "optimizer.batch_size", config.optimizer.batch_size
        at, harm = f"batch size {size}", ""
    else:
        knob, size = "loss.mini_batch_size", cached.mini_batch_size
        at, harm = f"mini-batch size {size}", ", and the result stays the same"
    fitting = _fitting(_Trial(trainer, cached, size // 2), say)
    lower = [f"lower {knob}"] if size > 1 else []
    if fitting is not None:
        lower = [f"set {knob} = {fitting} (tested: it fits{harm})"]
    raise OutOfMemory(f"Out of memory at {at}.", remedy=_remedy(config, lower)) from failed


def _is_out_of_memory(error: RuntimeError | MemoryError) -> bool:
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or should_reduce_batch_size(error)


def _fitting(trial: "_Trial", say: Say) -> int | None:
    """The largest half, quarter, ... of what did not fit that does; None if none does or none was tried.

    It is not where processes train together: the others would wait for a step that this one does not take.
    """
    if trial.size < 1 or (distributed.is_initialized() and distributed.get_world_size() > 1):
        return None
    say("Out of memory. Looking for a batch size that fits.")
    try:
        found: int = find_executable_batch_size(trial.step, trial.size, trial.halve)()
    except RuntimeError:  # even one was too much
        return None
    return found


class _Trial:
    """A step with so many at once, tried on the trainer as it is, with all that it holds in memory."""

    def __init__(self, trainer: Trainer, cached: Any | None, size: int) -> None:  # noqa: ANN401 - a loss
        self._trainer, self._cached, self.size = trainer, cached, size

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
        self.size //= 2
        return self.size

    def _batch(self, size: int) -> Any:  # noqa: ANN401 - what the trainer's own collator makes
        if self._cached is None:
            rows: Any = self._trainer.train_dataset
            return self._trainer.data_collator([rows[row] for row in range(min(size, len(rows)))])
        self._cached.mini_batch_size = size
        return next(iter(self._trainer.get_train_dataloader()))


def _cached_loss(trainer: Any) -> Any | None:  # noqa: ANN401 - a loss that has a mini_batch_size
    return next((part for part in trainer.loss.modules() if hasattr(part, "mini_batch_size")), None)


def _remedy(config: RunConfig, lower: list[str]) -> str:
    knobs = list(lower)
    if not config.model.gradient_checkpointing:
        knobs.append("set model.gradient_checkpointing = true")
    if config.model.lora is None:
        knobs.append("train an adapter with [model.lora]")
    knobs.append(_SMALLER_IMAGES)
    return "; ".join(knobs).capitalize() + "."
