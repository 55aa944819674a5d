"""The encoder of a checkpoint for texts as OpenVINO runs it."""

from collections.abc import Sequence
from typing import Any

import torch

from vdr.nets import SideBySide

_MASK = "attention_mask"


class CompiledEncoder(torch.nn.Module):
    """Stands where the encoder of a Sentence Transformers `Transformer` was. Threads may share one.

    `names` are the net's inputs in order, `key` is the output that the `Transformer` takes.
    """

    def __init__(self, net: SideBySide, config: Any, names: Sequence[str], key: str) -> None:  # noqa: ANN401 - Transformers'
        super().__init__()
        self.config = config
        self._net, self._names, self._key = net, tuple(names), key

    def forward(self, **inputs: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401 - tensors, and options of torch's encoder
        """The output (texts, tokens, dims), or (texts, scores) of a cross-encoder."""
        arrays = [inputs[name].numpy() for name in self._names]  # (texts, tokens) each
        return {self._key: torch.from_numpy(self._net.run(arrays, inputs[_MASK].numpy()))}
