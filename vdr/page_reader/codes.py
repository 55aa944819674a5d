"""Word codes: every word, known or not, as a vector of its letters, and pages as weighted sums of them.

A code adds pseudo-random +-1 vectors, one for the word itself and one for each of its letter n-grams
(hashed as in Bojanowski et al., Enriching Word Vectors with Subword Information, TACL 2017), so that two
spellings of one word stay close and different words are nearly orthogonal. Any first k dimensions of a code
are again such a code: truncation costs only the noise of a shorter random projection.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

_NGRAMS = (3, 4, 5)
_NGRAM_SHARE = 0.4
_SATURATION = 1.2


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
        if not words:
            return torch.zeros(0, self.dims)
        parts = [_parts(word, self.buckets) for word in words]
        buckets = torch.from_numpy(np.concatenate([b for b, _ in parts]))
        shares = torch.from_numpy(np.concatenate([s for _, s in parts]))
        offsets = torch.from_numpy(np.cumsum([0, *(len(b) for b, _ in parts[:-1])]))
        summed = F.embedding_bag(buckets, self.signs, offsets, mode="sum", per_sample_weights=shares)
        return F.normalize(summed, dim=-1)

    def page(self, words: Sequence[str], counts: Sequence[float]) -> torch.Tensor:
        """The unit superposition (dims,) of distinct words; BM25's k1 saturates their `counts`."""
        occurrences = torch.tensor(counts)
        saturated = occurrences * (_SATURATION + 1) / (occurrences + _SATURATION)
        weights = self.document_weights[self.weight_buckets_of(words)] * saturated
        return F.normalize(weights @ self.codes(words), dim=-1)

    def query(self, words: Sequence[str]) -> torch.Tensor:
        """The unit superposition (dims,) of a query's words; zeros for none."""
        return F.normalize(self.word_weights(words) @ self.codes(words), dim=-1)

    def word_weights(self, words: Sequence[str]) -> torch.Tensor:
        """How much each word of a query matters (words,)."""
        return self.query_weights[self.weight_buckets_of(words)]

    def weight_buckets_of(self, words: Sequence[str]) -> torch.Tensor:
        """The bucket (words,) whose weight each word has."""
        return torch.tensor(
            [zlib.crc32(word.encode()) % self.weight_buckets for word in words], dtype=torch.long
        )


def _random_signs(buckets: int, dims: int, seed: int) -> torch.Tensor:
    """A (buckets, dims) table of +-1, from the one numpy generator whose stream is frozen for good."""
    packed = np.frombuffer(np.random.RandomState(seed).bytes(buckets * dims // 8), np.uint8)
    return torch.from_numpy(np.unpackbits(packed).reshape(buckets, dims).astype(np.float32) * 2 - 1)


@lru_cache(maxsize=200_000)
def _parts(word: str, buckets: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Buckets of a word and of its n-grams, and the share each has in the code.

    The word itself takes two buckets of one digest, so that words that collide in one still differ in the
    other; two checksums of nearly the same bytes would collide together.
    """
    bounded = f"<{word}>"
    ngrams = [bounded[i : i + n] for n in _NGRAMS for i in range(len(bounded) - n + 1)]
    digest = blake2b(word.encode(), digest_size=8).digest()
    whole = [int.from_bytes(digest[:4], "little") % buckets, int.from_bytes(digest[4:], "little") % buckets]
    hashed = whole + [zlib.crc32(ngram.encode()) % buckets for ngram in ngrams]
    shares = [((1 - _NGRAM_SHARE) / 2) ** 0.5] * 2 + [(_NGRAM_SHARE / max(len(ngrams), 1)) ** 0.5] * len(
        ngrams
    )
    return np.array(hashed, np.int64), np.array(shares, np.float32)
