"""The encoder as OpenVINO's graph, built from its weights: nothing is traced, and nothing needs torch.

BERT (Devlin et al., NAACL 2019) with the names that Transformers gives its weights, then the mean over the
tokens, a rotation and unit length. Matrices stay in eight bits; what is multiplied with them is rounded too,
in groups, where the CPU can do that (docs/decisions/0023-text-encoder.md).
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from vdr.text_encoder.eight_bits import Kept, factors_of
from vdr.types import FloatArray


class GraphBuilder:
    """Puts together the graph of an encoder of `heads` attention heads from its weights, as they are kept."""

    def __init__(self, weights: Mapping[str, Kept], heads: int, epsilon: float) -> None:
        # Takes part of a second, and most commands need none of it.
        from openvino import opset13  # noqa: PLC0415

        self._ops: Any = opset13
        self._weights, self._heads, self._epsilon = weights, heads, epsilon

    def model(self, layers: int, rotation: FloatArray) -> Any:  # noqa: ANN401 - OpenVINO has no types
        """Token ids and their mask, (texts, tokens) each, to embeddings (texts, dims) of length 1."""
        from openvino import Model  # noqa: PLC0415

        ids = self._ops.parameter([-1, -1], np.int64, name="input_ids")
        mask = self._ops.parameter([-1, -1], np.int64, name="attention_mask")
        present = self._ops.convert(mask, np.float32)  # (texts, tokens)
        states = self._embedded(ids)
        allowed = self._allowed(present)
        for layer in range(layers):
            states = self._layer(f"encoder.layer.{layer}.", states, allowed)
        turn = self._ops.constant(rotation)
        rotated = self._ops.matmul(_mean(self._ops, states, present), turn, False, True)
        unit = self._ops.normalize_l2(rotated, np.array([1]), 1e-24, "max")
        return Model([unit], [ids, mask], "text-encoder")

    def _embedded(self, ids: Any) -> Any:  # noqa: ANN401
        """Words in their places (texts, tokens, dims); all tokens are of the first kind."""
        ops, zero = self._ops, np.int64(0)
        count = ops.gather(ops.shape_of(ids), np.int64(1), zero)
        until = ops.range(zero, count, np.int64(1), output_type="i64")
        words, places = self._rows("word", ids), self._rows("position", until)
        summed = ops.add(ops.add(words, places), self._rows("token_type", zero))
        return self._normal("embeddings.LayerNorm.", summed)

    def _allowed(self, present: Any) -> Any:  # noqa: ANN401
        """What is added to the attention to each token (texts, 1, 1, tokens): 0, or what hides it."""
        ops = self._ops
        hidden = ops.multiply(ops.subtract(present, np.float32(1)), np.float32(1e9))
        return ops.unsqueeze(hidden, np.array([1, 2]))

    def _layer(self, name: str, states: Any, allowed: Any) -> Any:  # noqa: ANN401
        ops = self._ops
        query, key, value = (
            self._of_heads(self._linear(f"{name}attention.self.{part}.", states))
            for part in ("query", "key", "value")
        )
        width = self._weights[f"{name}attention.output.LayerNorm.weight"].size // self._heads
        scale = np.float32(1 / math.sqrt(width))
        seen = ops.scaled_dot_product_attention(query, key, value, allowed, scale)
        joined = ops.reshape(ops.transpose(seen, np.array([0, 2, 1, 3])), np.array([0, 0, -1]), True)
        attended = self._linear(f"{name}attention.output.dense.", joined)
        states = self._normal(f"{name}attention.output.LayerNorm.", ops.add(attended, states))
        inner = ops.gelu(self._linear(f"{name}intermediate.dense.", states), "erf")
        outer = self._linear(f"{name}output.dense.", inner)
        return self._normal(f"{name}output.LayerNorm.", ops.add(outer, states))

    def _of_heads(self, states: Any) -> Any:  # noqa: ANN401
        """(texts, tokens, dims) as (texts, heads, tokens, dims / heads)."""
        parted = self._ops.reshape(states, np.array([0, 0, self._heads, -1]), True)
        return self._ops.transpose(parted, np.array([0, 2, 1, 3]))

    def _linear(self, name: str, states: Any) -> Any:  # noqa: ANN401
        product = self._ops.matmul(states, self._matrix(f"{name}weight"), False, True)
        return self._ops.add(product, self._constant(f"{name}bias"))

    def _normal(self, name: str, states: Any) -> Any:  # noqa: ANN401
        """Layer normalization."""
        ops = self._ops
        centred = ops.mvn(states, np.array([-1]), True, self._epsilon, "inside_sqrt")
        scaled = ops.multiply(centred, self._constant(f"{name}weight"))
        return ops.add(scaled, self._constant(f"{name}bias"))

    def _rows(self, name: str, which: Any) -> Any:  # noqa: ANN401
        """Rows of an embedding's matrix, in float32."""
        full, zero = f"embeddings.{name}_embeddings.weight", np.int64(0)
        rows = self._ops.convert(self._ops.gather(self._constant(full), which, zero), np.float32)
        factors = self._ops.gather(self._constant(factors_of(full)), which, zero)
        return self._ops.multiply(rows, self._ops.unsqueeze(factors, np.array([-1])))

    def _matrix(self, name: str) -> Any:  # noqa: ANN401
        """A matrix that is multiplied, for OpenVINO to keep in eight bits."""
        factors = self._ops.unsqueeze(self._constant(factors_of(name)), np.array([1]))
        return self._ops.multiply(self._ops.convert(self._constant(name), np.float32), factors)

    def _constant(self, name: str) -> Any:  # noqa: ANN401
        # Made by itself: an operator that is given an array takes half a second to make one of it.
        return self._ops.constant(self._weights[name])


def _mean(ops: Any, states: Any, present: Any) -> Any:  # noqa: ANN401
    """The mean (texts, dims) over the tokens that are there."""
    column = ops.unsqueeze(present, np.array([2]))
    summed = ops.reduce_sum(ops.multiply(states, column), np.array([1]), False)
    return ops.divide(summed, ops.maximum(ops.reduce_sum(column, np.array([1]), False), np.float32(1e-9)))
