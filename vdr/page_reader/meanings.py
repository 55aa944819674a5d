"""Meanings of words: short vectors in which words of like meaning are near, found by the words' checksums."""

from typing import Self

import torch
from torch import nn
from torch.nn import functional as F

_LARGEST = 127


class Meanings(nn.Module):
    """The meanings of `count` words, each `dims` numbers of eight bits; other words have none.

    Words are known by their checksums (see `hash_words`): another word has one of them with a chance of 4 in
    a million.
    """

    def __init__(self, count: int, dims: int) -> None:
        super().__init__()
        self.register_buffer("checksums", torch.zeros(count, dtype=torch.int64))
        self.register_buffer("vectors", torch.zeros(count, dims, dtype=torch.int8))
        self.checksums: torch.Tensor
        self.vectors: torch.Tensor

    @classmethod
    def of(cls, checksums: torch.Tensor, vectors: torch.Tensor) -> Self:
        """Those of words by their checksums (words,), from vectors (words, dims) of any length."""
        meanings = cls(*vectors.shape)
        order = checksums.argsort()
        largest = vectors.abs().amax(1, keepdim=True).clamp(min=1e-9)
        meanings.checksums = checksums[order]
        meanings.vectors = (vectors / largest * _LARGEST).round().to(torch.int8)[order]
        return meanings

    def forward(self, checksums: torch.Tensor) -> torch.Tensor:
        """Unit vectors (words, dims) of words; zeros for those that are not known."""
        place = torch.searchsorted(self.checksums, checksums.contiguous()).clamp(max=len(self.checksums) - 1)
        known = self.checksums[place] == checksums
        return F.normalize(self.vectors[place].float(), dim=-1) * known[:, None]
