"""How many inputs a model takes at once, found by trying where the device's memory is small."""

import logging
from collections.abc import Callable
from typing import TypeVar

import torch

from vdr.errors import OutOfMemory

T = TypeVar("T")
_ON_GPU, _ELSEWHERE = 8, 4  # pages: as many as are drawn at once; on a CPU a larger batch is no faster
_WINDOWS = 32  # of a text, which are far smaller
_LOG = logging.getLogger(__name__)


class BatchSize:
    """Begins with `largest`, and is halved for good each time the memory ends. Threads may share one."""

    def __init__(self, largest: int) -> None:
        self.current = largest

    @classmethod
    def of_pages(cls, setting: int | None, device: torch.device) -> "BatchSize":
        """That of page images: by the setting, else by what kind of device it is."""
        return cls(setting or (_ON_GPU if device.type == "cuda" else _ELSEWHERE))

    @classmethod
    def of_windows(cls, setting: int | None) -> "BatchSize":
        """That of stretches of text, where the setting does not say it."""
        return cls(setting or _WINDOWS)

    def fitting(self, compute: Callable[[int], T]) -> T:
        """What `compute` makes with the first size that fits. Raises OutOfMemory where one input does not."""
        while True:
            size = self.current
            try:
                return compute(size)
            except torch.OutOfMemoryError as error:
                if size == 1:
                    raise OutOfMemory(
                        "The device's memory is too small for this model with one page.",
                        remedy="Set VDR_PRECISION=bfloat16, VDR_DEVICE=cpu or a smaller VDR_PAGE_LONG_SIDE.",
                    ) from error
            # Here, because what did not fit is held by the error's frames.
            self.current = min(self.current, size // 2)
            torch.cuda.empty_cache()
            _LOG.warning("The memory is too small for %d at once: from now on %d.", size, self.current)
