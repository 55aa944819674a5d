"""Word codes: every word, known or not, as a vector of its letters, for weighted sums of them.

A code adds pseudo-random +-1 vectors, one for the word itself and one for each of its letter n-grams
(hashed as in Bojanowski et al., Enriching Word Vectors with Subword Information, TACL 2017), so that two
spellings of one word stay close and different words are nearly orthogonal. Any first k dimensions of a code
are again such a code: truncation costs only the noise of a shorter random projection.

Words come as rows of hashes, so that a batch of them is one tensor, whatever the table sizes of a checkpoint.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from vdr.page_reader.hashes import NGRAM_SHARE, NO_HASH, hash_table, signs_of

# BM25 has 1.2; among a page's words, all added up, often is worth more (docs/decisions/0014-print.md).
_SATURATION = 5.0


def hash_words(words: Sequence[str]) -> torch.Tensor:
    """The hashes (words, longest) of each word; see `hash_table`."""
    return torch.from_numpy(hash_table(words))


class WordCodes(nn.Module):
    """Codes and weights of words; `document_weights` and `query_weights` are (weight_buckets,)."""

    def __init__(
        self, dims: int = 1_024, buckets: int = 16_384, weight_buckets: int = 65_536, seed: int = 7
    ) -> None:
        super().__init__()
        self.dims, self.buckets, self.weight_buckets, self.seed = dims, buckets, weight_buckets, seed
        self.register_buffer("signs", _random_signs(buckets, dims, seed), persistent=False)
        self.document_weights = nn.Parameter(torch.ones(weight_buckets))
        self.query_weights = nn.Parameter(torch.ones(weight_buckets))
        self.signs: torch.Tensor

    def codes(self, words: Sequence[str]) -> torch.Tensor:
        """Unit codes (words, dims)."""
        return self.codes_of(hash_words(words))

    def codes_of(self, hashes: torch.Tensor) -> torch.Tensor:
        """Unit codes (words, dims) of words given by their hashes (words, longest)."""
        if len(hashes) == 0:
            return torch.zeros(0, self.dims)
        parts = hashes[:, 1:]
        is_part = parts != NO_HASH
        counts = is_part.sum(1)
        offsets = counts.cumsum(0) - counts
        buckets = parts[is_part] % self.buckets
        summed = F.embedding_bag(
            buckets, self.signs, offsets, mode="sum", per_sample_weights=_shares(is_part, self.signs.dtype)
        )
        return F.normalize(summed, dim=-1)

    def page_weights_of(self, hashes: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """How much each word (words,) of a page tells; how often it stands there saturates as in BM25."""
        saturated = counts * (_SATURATION + 1) / (counts + _SATURATION)
        return self.document_weights[hashes[:, 0] % self.weight_buckets] * saturated

    def query_weights_of(self, hashes: torch.Tensor) -> torch.Tensor:
        """How much each word (words,) of a query matters."""
        return self.query_weights[hashes[:, 0] % self.weight_buckets]


def _shares(is_part: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """The share of every part (parts,) in its word's code: two for the word, the rest for its n-grams."""
    ngrams = (is_part.sum(1, keepdim=True) - 2).clamp(min=1)
    shares = (NGRAM_SHARE / ngrams).sqrt().expand(is_part.shape).clone()
    shares[:, :2] = ((1 - NGRAM_SHARE) / 2) ** 0.5
    return shares[is_part].to(dtype)


def _random_signs(buckets: int, dims: int, seed: int) -> torch.Tensor:
    """A (buckets, dims) table of +-1."""
    return torch.from_numpy(signs_of(buckets, dims, seed)(np.arange(buckets)))
