"""Nets that OpenVINO runs; those for texts take them side by side, each in its own length."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from vdr.types import FloatArray

# OpenVINO's binding sets itself up when a tensor is first looked at. Two threads that do so at once wait for
# each other for ever: one for the interpreter's lock, which the other holds while it waits for the set-up.
FIRST_USE = threading.Lock()
# float32 also where the CPU has bfloat16, which moves vectors. Pinned, as is the default, the nets of several
# processes would share the first cores.
OPTIONS = {
    "PERFORMANCE_HINT": "THROUGHPUT",
    "INFERENCE_PRECISION_HINT": "f32",
    "ENABLE_CPU_PINNING": False,
}
# Short texts go together, as a run of the net has its own cost: 40 texts of 10 tokens take half the time.
# Long ones are run alone, and what is computed stays in the CPU's caches.
_TOKENS_AT_ONCE = 256


class SideBySide:
    """A compiled net. Threads may share one.

    Where it `trims`, no time is spent on padding behind a text, and its outputs are 0.
    """

    def __init__(self, net: Any, *, trims: bool) -> None:  # noqa: ANN401 - OpenVINO has no types
        self._net, self._trims = net, trims
        self._at_once = int(net.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))

    def run(self, inputs: Sequence[Any], mask: Any) -> FloatArray:  # noqa: ANN401 - arrays of integers
        """The net's only output, (texts, tokens, dims) or (texts, dims).

        `inputs` are (texts, tokens) each, in the net's order; so is `mask`, 1 where there is a token.
        """
        lengths = _lengths(mask, trims=self._trims)
        groups = list(_groups(lengths))
        found = self._run([[array[rows, : lengths[rows[0]]] for array in inputs] for rows in groups])
        axes = mask.shape[: found[0].ndim - 1]
        whole = np.zeros((*axes, found[0].shape[-1]), np.float32)
        for rows, output in zip(groups, found, strict=True):
            if output.ndim == 3:
                whole[rows, : output.shape[1]] = output
            else:
                whole[rows] = output
        return whole

    def _run(self, batches: Sequence[Sequence[Any]]) -> list[FloatArray]:
        """The net's output for each batch, as many at once as there are cores."""
        requests = [self._net.create_infer_request() for _ in range(min(self._at_once, len(batches)))]
        outputs: list[FloatArray] = []
        for place, batch in enumerate(batches):
            request = requests[place % len(requests)]
            if place >= len(requests):
                outputs.append(_taken(request))
            request.start_async(list(batch))
        left = range(len(outputs), len(batches))
        return outputs + [_taken(requests[place % len(requests)]) for place in left]


def _lengths(mask: Any, *, trims: bool) -> Any:  # noqa: ANN401 - arrays of integers
    """How many tokens of each text are run (texts,): all, unless only padding follows."""
    longest = mask.shape[1]
    lengths = mask.sum(axis=1)
    is_behind = (mask == (np.arange(longest) < lengths[:, None])).all()
    return np.maximum(lengths, 1) if trims and is_behind else np.full(len(mask), longest)


def _groups(lengths: Any) -> Iterator[list[int]]:  # noqa: ANN401
    """Places of texts that are run together, longest first."""
    group: list[int] = []
    for place in np.argsort(-lengths, kind="stable").tolist():
        if group and (len(group) + 1) * lengths[group[0]] > _TOKENS_AT_ONCE:
            yield group
            group = []
        group.append(place)
    yield group


def _taken(request: Any) -> FloatArray:  # noqa: ANN401
    request.wait()
    found: FloatArray = request.output_tensors[0].data.copy()
    return found
