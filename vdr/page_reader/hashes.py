"""Words as rows of hashes, and the random signs that hashes stand for; numpy alone."""

import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from vdr.types import FloatArray

NO_HASH = -1
_NGRAMS = (3, 4, 5)
NGRAM_SHARE = 0.4


def hash_table(words: Sequence[str]) -> npt.NDArray[np.int64]:
    """The hashes (words, longest) of each word, filled up with NO_HASH.

    First the word's checksum, which finds its weight; then its two halves of one digest, so that words that
    collide in one still differ in the other; then one checksum for each of its n-grams.
    """
    rows = [_hashes(word) for word in words]
    table = np.full((len(rows), max(map(len, rows), default=1)), NO_HASH, np.int64)
    for place, row in zip(table, rows, strict=True):
        place[: len(row)] = row
    return table


def part_shares(is_part: npt.NDArray[np.bool_]) -> FloatArray:
    """The share of every part (parts,) in its word's code: two for the word, the rest for its n-grams."""
    ngrams = np.maximum(is_part.sum(axis=1, keepdims=True) - 2, 1)
    each = np.sqrt(np.float32(NGRAM_SHARE) / ngrams.astype(np.float32))
    shares = np.array(np.broadcast_to(each, is_part.shape))
    shares[:, :2] = ((1 - NGRAM_SHARE) / 2) ** 0.5
    return shares[is_part]


def signs_of(buckets: int, dims: int, seed: int) -> Callable[[npt.NDArray[np.int64]], FloatArray]:
    """Looks up rows of a (buckets, dims) table of +-1, unpacked only as they are asked for.

    They come from the one numpy generator whose stream is frozen for good.
    """
    packed = np.frombuffer(np.random.RandomState(seed).bytes(buckets * dims // 8), np.uint8)
    bits = np.unpackbits if dims % 8 else None
    whole = bits(packed).reshape(buckets, dims) if bits else packed.reshape(buckets, dims // 8)

    def rows(places: npt.NDArray[np.int64]) -> FloatArray:
        chosen = whole[places] if bits else np.unpackbits(whole[places], axis=1)
        signs: FloatArray = chosen.astype(np.float32) * 2 - 1
        return signs

    return rows


@lru_cache(maxsize=200_000)
def _hashes(word: str) -> npt.NDArray[np.int64]:
    bounded = f"<{word}>"
    ngrams = [bounded[i : i + n] for n in _NGRAMS for i in range(len(bounded) - n + 1)]
    raw = word.encode()
    digest = blake2b(raw, digest_size=8).digest()
    whole = [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")]
    return np.array([zlib.crc32(raw), *whole, *(zlib.crc32(ngram.encode()) for ngram in ngrams)], np.int64)
