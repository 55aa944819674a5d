"""What a ranking is worth: nDCG and recall with binary relevance."""

from collections.abc import Collection, Hashable, Sequence
from math import log2

import numpy as np

from vdr.types import FloatArray


def ndcg(ranking: Sequence[Hashable], relevant: Collection[Hashable], depth: int) -> float:
    """Normalized discounted cumulative gain of the first `depth` of a ranking, from 0 to 1.

    DCG = sum of 1 / log2(rank + 1) over the relevant ones found, divided by the DCG of a ranking that begins
    with all of them (Järvelin and Kekäläinen, 2002). Ranked items must differ; 0 where nothing is relevant.
    """
    gains = (_discount(rank) for rank, item in enumerate(ranking[:depth], start=1) if item in relevant)
    best = sum(_discount(rank) for rank in range(1, min(len(relevant), depth) + 1))
    return sum(gains) / best if best else 0.0


def mean_ndcg(scores: FloatArray, right: Sequence[int], depth: int) -> float:
    """Mean nDCG of rows (queries, pages) with one right page each, by its place."""
    best = np.argsort(-scores, axis=1)[:, :depth].tolist()
    pairs = zip(best, right, strict=True)
    return float(np.mean([ndcg(ranking, {page}, depth) for ranking, page in pairs]))


def recall(ranking: Sequence[Hashable], relevant: Collection[Hashable], depth: int) -> float:
    """The share of what is relevant that the first `depth` of a ranking hold; 0 where nothing is relevant."""
    found = sum(item in relevant for item in ranking[:depth])
    return found / len(relevant) if relevant else 0.0


def _discount(rank: int) -> float:
    return 1 / log2(rank + 1)
