"""How many inputs a model takes at once: by the setting, or found by trying on a GPU."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from time import perf_counter
from typing import Protocol, TypeVar

import torch
from PIL import Image

from vdr.errors import OutOfMemory
from vdr.models.batch_growth import BatchGrowth
from vdr.models.kept_batch_size import Situation, keep_batch_size, kept_batch_size

T = TypeVar("T")
_ON_GPU, _ELSEWHERE = 8, 4  # pages to begin with; on a CPU a larger batch is no faster
_WINDOWS = 32  # of a text, which are far smaller
# As many as the longest run of pages fills (indexer/pdf/rasterize.py).
_MOST_PAGES = 32
# A page of 600 words has four windows of 150.
_WINDOWS_OF_PAGE = 4
_MOST_WINDOWS = _MOST_PAGES * _WINDOWS_OF_PAGE
_LOG = logging.getLogger(__name__)


class Placed(Protocol):
    """A model of Sentence Transformers, as far as it tells where it is and what it computes with."""

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        ...

    @property
    def dtype(self) -> torch.dtype | None:
        """What its weights are; None where it has none that torch runs."""
        ...


class BatchSize:
    """Begins with `smallest`, grows up to `most`, and is halved for good each time the memory ends.

    Where there is a `situation`, it begins with what was found in it before, and keeps what it finds. Threads
    may share one.
    """

    def __init__(
        self,
        smallest: int,
        most: int | None = None,
        situation: Situation | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._growth, self._most = BatchGrowth(smallest, most or smallest), most or smallest
        self._situation, self._is_looked_up, self._clock = situation, situation is None, clock
        self._lock = Lock()

    @classmethod
    def of_pages(cls, setting: int | None, model: Placed, mark: str) -> "BatchSize":
        """That of page images of a checkpoint with the fingerprint `mark`: it grows on a GPU."""
        if setting is not None or model.device.type != "cuda":
            return cls(setting or _ELSEWHERE)
        return cls(_ON_GPU, _MOST_PAGES, _situation(model, mark))

    @classmethod
    def of_windows(cls, setting: int | None, model: Placed, mark: str) -> "BatchSize":
        """That of stretches of text, in the same way."""
        if setting is not None or model.device.type != "cuda":
            return cls(setting or _WINDOWS)
        return cls(_WINDOWS, _MOST_WINDOWS, _situation(model, mark))

    @property
    def current(self) -> int:
        """How many are taken at once now."""
        return self._growth.size

    @property
    def pages_at_once(self) -> int:
        """How many page images fill a batch; while it grows, the largest that may be tried."""
        return self.current if self._growth.is_settled else self._most

    @property
    def pages_of_windows(self) -> int:
        """How many pages fill a batch of stretches of their text."""
        return max(1, self.pages_at_once // _WINDOWS_OF_PAGE)

    def fitting(self, compute: Callable[[int], T], inputs: Sequence[object]) -> T:
        """What `compute` makes of the inputs with the first size that fits.

        Raises OutOfMemory where one input does not.
        """
        self._look_up(inputs)
        while True:
            size, began = self.current, self._clock()
            try:
                made = compute(size)
            except torch.OutOfMemoryError as error:
                if size == 1:
                    raise OutOfMemory(
                        "The device's memory is too small for this model with one page.",
                        remedy="Set VDR_PRECISION=bfloat16, VDR_DEVICE=cpu or a smaller VDR_PAGE_LONG_SIDE.",
                    ) from error
            else:
                self._note(size, len(inputs), self._clock() - began)
                return made
            # Here, because what did not fit is held by the error's frames.
            self._note(size)
            torch.cuda.empty_cache()
            _LOG.warning("The memory is too small for %d at once: from now on %d.", size, self.current)

    def _look_up(self, inputs: Sequence[object]) -> None:
        """Begin with what was found before, once pages come: a query, one by itself, may be of any size."""
        with self._lock:
            if self._is_looked_up or len(inputs) < 2 or self._situation is None:
                return
            self._is_looked_up = True
            self._situation = replace(self._situation, long_side=_long_side(inputs[0]))
            found = kept_batch_size(self._situation, self._most)
            if found is not None:
                self._growth = BatchGrowth(found, self._most)

    def _note(self, size: int, count: int = 0, seconds: float | None = None) -> None:
        """Note how long so many inputs took in batches of `size`, or that they did not fit."""
        with self._lock:
            before = self._growth.found
            if seconds is None:
                self._growth.ran_out(size)
            else:
                self._growth.took(size, count, seconds)
            found = self._growth.found
            if found != before and self._situation is not None and self._is_looked_up:
                keep_batch_size(self._situation, found)


def _situation(model: Placed, mark: str) -> Situation:
    precision = str(model.dtype).removeprefix("torch.")
    return Situation(mark, torch.cuda.get_device_name(model.device), precision)


def _long_side(shown: object) -> int:
    """Of an image, or of that in a query's pair with it; 0 for a text."""
    parts = shown if isinstance(shown, tuple) else (shown,)
    return max((max(part.size) for part in parts if isinstance(part, Image.Image)), default=0)
