"""How long a search takes, with each question embedded as a user's would be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vdr.types import SearchRequest

if TYPE_CHECKING:  # takes seconds to import
    from vdr.search.searcher import Searcher

WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds that half, and that 95 % of the searches took at most."""

    p50: float
    p95: float


def measure_searches(searcher: "Searcher", queries: Sequence[str], limit: int = 10) -> dict[str, Latency]:
    """Hybrid searches with rerank over everything, one after the other: each part, and "total".

    The first queries are asked once more beforehand, so that nothing is paid for being the first.
    """
    requests = [SearchRequest(query, limit=limit) for query in queries]
    for request in requests[:WARM_UP]:
        searcher.search(request)
    timings = [searcher.search(request).timings_ms for request in requests]
    return {part: _latency([each[part] for each in timings]) for part in timings[0]}


def _latency(milliseconds: Sequence[float]) -> Latency:
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return Latency(float(p50), float(p95))
