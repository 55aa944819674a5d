"""Finds pages whose text is that of another page, or nearly: MinHash proposes, Jaccard decides.

Broder, On the resemblance and containment of documents, 1997.
"""

import zlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import islice

import numpy as np
import numpy.typing as npt

from vdr.words import wholes

THRESHOLD = 0.9
MIN_WORDS = 30  # below it, two pages of the same words may well differ in their pictures
_SHINGLE = 3
# Two pages of Jaccard 0.9 are proposed with probability 1 - (1 - 0.9^8)^16 = 0.9999, two of 0.5 with 0.06.
_BANDS, _ROWS = 16, 8
_PRIME = np.uint64(2**61 - 1)
_FACTORS = np.random.default_rng(0).integers(1, 2**28, (2, _BANDS * _ROWS), dtype=np.uint64)

Signature = npt.NDArray[np.uint64]


def copies(texts: Mapping[str, str]) -> dict[str, str]:
    """For every page whose text was there before, the first page that had it; both by their id.

    Pages of fewer than MIN_WORDS words are left alone.
    """
    buckets: defaultdict[Hashable, list[str]] = defaultdict(list)
    found: dict[str, str] = {}
    for page_id, text in texts.items():
        shingles = _shingles(text)
        if len(shingles) < MIN_WORDS - _SHINGLE:
            continue
        keys = list(_bands(_signature(shingles)))
        near = dict.fromkeys(other for key in keys for other in buckets[key])
        twin = next((o for o in near if jaccard(shingles, _shingles(texts[o])) >= THRESHOLD), None)
        if twin is not None:
            found[page_id] = twin
            continue
        for key in keys:
            buckets[key].append(page_id)
    return found


def is_sparse(text: str) -> bool:
    """Whether a page has too few words for them to tell it from others."""
    return len(_shingles(text)) < MIN_WORDS - _SHINGLE


def jaccard(one: set[int], other: set[int]) -> float:
    """How much two sets share: |A and B| / |A or B|, 1 for two empty ones."""
    return len(one & other) / len(one | other) if one or other else 1.0


def _shingles(text: str) -> set[int]:
    words = wholes(text)
    shifted = (islice(words, start, None) for start in range(_SHINGLE))
    return {zlib.crc32(" ".join(run).encode()) for run in zip(*shifted, strict=False)}


def _signature(shingles: Iterable[int]) -> Signature:
    hashes = np.fromiter(shingles, dtype=np.uint64)[:, None]
    factor, offset = _FACTORS
    signature: Signature = ((hashes * factor + offset) % _PRIME).min(axis=0)
    return signature


def _bands(signature: Signature) -> Iterator[tuple[int, bytes]]:
    for band in range(_BANDS):
        yield band, signature[band * _ROWS : (band + 1) * _ROWS].tobytes()
