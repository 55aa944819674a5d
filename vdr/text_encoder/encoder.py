"""Texts as vectors, by a text encoder's checkpoint: tokenizers and OpenVINO alone."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from vdr.nets import FIRST_USE, OPTIONS, SideBySide
from vdr.text_encoder.eight_bits import ROTATION, read_kept
from vdr.text_encoder.graph import GraphBuilder
from vdr.types import FloatArray

_UNKNOWN = "[UNK]"
# What is multiplied by matrices in eight bits is rounded to as many, 32 numbers at a time.
IN_EIGHT_BITS: Mapping[str, str] = {"DYNAMIC_QUANTIZATION_GROUP_SIZE": "32"}
_AT_ONCE = 1_024  # texts whose tokens are laid side by side


class TextEncoder:
    """A checkpoint of `vdr.text_encoder`; threads may share one. `length` counts the tokens of a window."""

    def __init__(self, net: SideBySide, tokenizer: Tokenizer, dims: int, length: int) -> None:
        self._net, self._tokenizer, self.dims = net, tokenizer, dims
        self.length = length - tokenizer.num_special_tokens_to_add(False)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(length)
        self._specials = [token.content for token in tokenizer.get_added_tokens_decoder().values()]

    @classmethod
    def read(cls, folder: Path, options: Mapping[str, str] = IN_EIGHT_BITS) -> Self:
        """The checkpoint in a folder, by these options of OpenVINO.

        Raises OSError, LookupError and ValueError where it is not sound.
        """
        import openvino  # noqa: PLC0415 - takes part of a second

        config = json.loads((folder / "config.json").read_text())
        rotation = load_file(folder / ROTATION / "model.safetensors")["linear.weight"].astype(np.float32)
        heads, epsilon = config["num_attention_heads"], float(config["layer_norm_eps"])
        builder = GraphBuilder(read_kept(folder), heads, epsilon)
        graph = builder.model(config["num_hidden_layers"], rotation)
        with FIRST_USE:
            net: Any = openvino.Core().compile_model(graph, "CPU", {**OPTIONS, **options})
        length = json.loads((folder / "tokenizer_config.json").read_text())["model_max_length"]
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return cls(SideBySide(net, trims=True), tokenizer, len(rotation), length)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, as far as it is read."""
        return [len(each.ids) for each in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def share_known(self, text: str) -> float:
        """The share of a text's words that are in the vocabulary, not cut to pieces; 1 without any words."""
        return share_known(self._tokenizer, text)

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is in the vocabulary."""
        return self._tokenizer.token_to_id(word) is not None

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims) of length 1; of a text too long, of its beginning."""
        parts = [self._embedded(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty((0, self.dims), np.float32)

    def _embedded(self, texts: Sequence[str]) -> FloatArray:
        encoded = self._tokenizer.encode_batch([self._plain(text) for text in texts])
        lengths = np.array([len(each.ids) for each in encoded])
        mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
        ids = np.zeros_like(mask)
        ids[mask == 1] = np.concatenate([each.ids for each in encoded])
        return self._net.run([ids, mask], mask)

    def _plain(self, text: str) -> str:
        """The text without what means the beginning or the end of one to the model."""
        for token in self._specials:
            text = text.replace(token, " ")
        return text


def share_known(tokenizer: Tokenizer, text: str) -> float:
    """The share of a text's words that are in a vocabulary, not cut to pieces; 1 without any words."""
    encoded = tokenizer.encode(text, add_special_tokens=False)
    by_word = groupby(zip(encoded.word_ids, encoded.tokens, strict=True), itemgetter(0))
    pieces = [[token for _, token in word] for _, word in by_word]
    words = [tokens for tokens in pieces if _is_word(tokens[0])]
    return sum(map(_is_whole, words)) / len(words) if words else 1.0


def _is_word(token: str) -> bool:
    """Whether the first token of a word has letters, or is one that the vocabulary lacks."""
    return token == _UNKNOWN or any(map(str.isalpha, token))


def _is_whole(tokens: Sequence[str]) -> bool:
    """Whether these are all of a word. A single letter is none, but for "a" and "i"; nor are characters."""
    (first, *others) = tokens
    return not others and first != _UNKNOWN and (len(first) > 1 or first in "ai")
