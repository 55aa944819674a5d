"""The encoder of a checkpoint for texts as OpenVINO runs it: texts side by side, each in its own length."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from vdr.types import FloatArray

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
_MASK = "attention_mask"


class CompiledEncoder(torch.nn.Module):
    """Stands where the encoder of a Sentence Transformers `Transformer` was. Threads may share one.

    `names` are the net's inputs in order, `key` is the output that the `Transformer` takes. Where `trims`, no
    time is spent on padding behind a text, and its outputs are 0.
    """

    def __init__(self, net: Any, config: Any, names: Sequence[str], key: str, *, trims: bool) -> None:  # noqa: ANN401 - OpenVINO has no types
        super().__init__()
        self.config = config
        self._net, self._names, self._key, self._trims = net, tuple(names), key, trims
        self._side_by_side = int(net.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))

    def forward(self, **inputs: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401
        """The output (texts, tokens, dims), or (texts, scores) of a cross-encoder."""
        arrays = [inputs[name].numpy() for name in self._names]  # (texts, tokens) each
        lengths = _lengths(inputs[_MASK].numpy(), trims=self._trims)
        groups = list(_groups(lengths))
        found = self._run([[array[rows, : lengths[rows[0]]] for array in arrays] for rows in groups])
        axes = inputs[_MASK].shape[: found[0].ndim - 1]
        whole = np.zeros((*axes, found[0].shape[-1]), np.float32)
        for rows, output in zip(groups, found, strict=True):
            if output.ndim == 3:
                whole[rows, : output.shape[1]] = output
            else:
                whole[rows] = output
        return {self._key: torch.from_numpy(whole)}

    def _run(self, batches: Sequence[Sequence[Any]]) -> list[FloatArray]:
        """The net's output for each batch, as many at once as there are cores."""
        requests = [self._net.create_infer_request() for _ in range(min(self._side_by_side, len(batches)))]
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
