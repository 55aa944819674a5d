"""What it costs a search to be kept, and how fast searches are written down.

    python -m benchmarks.keeping [--searches 2000]

Searches of a small collection are asked one after the other, by turns with and without being kept, in the
same run; then as many are handed in at once as the keeper takes. The last line is JSON.
"""

import argparse
import json
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.services import Services, open_services
from tests.fixtures.libraries import index_into, library_settings, tiny_models
from tests.fixtures.pdfs import write_report
from vdr.search.keeping import kept
from vdr.types import SearchRequest, SearchResult

_PAGES = 40
_BURST = 1_500  # fewer than may wait


@dataclass(frozen=True)
class Result:
    """Medians in milliseconds: of a search alone, and of one that is kept; of keeping alone; and the rate."""

    searches: int
    alone_ms: float
    kept_ms: float
    keeping_ms: float
    written_per_s: float
    dropped: int


def measure(folder: Path, searches: int) -> Result:
    """The figures, of a library made in a folder."""
    settings = library_settings(folder / "data")
    index_into(settings, [write_report(folder / "report.pdf", _PAGES)])
    with open_services(settings, tiny_models()) as services:
        alone, with_it, keeping = _by_turns(services, searches)
        rate = _rate(services)
        return Result(
            searches,
            alone_ms=_median(alone),
            kept_ms=_median(with_it),
            keeping_ms=_median(keeping),
            written_per_s=round(rate),
            dropped=services.keeper.dropped,
        )


def _by_turns(services: Services, searches: int) -> tuple[list[float], list[float], list[float]]:
    alone, with_it, keeping = list[float](), list[float](), list[float]()
    generation = services.library().generation
    for turn in range(searches):
        request = SearchRequest(f"report page {turn // 2 % _PAGES}")
        started = time.perf_counter()
        found = _found(services, request)
        middle = time.perf_counter()
        if turn % 2:
            kept(services.keeper, generation, request, found)
            keeping.append(1_000 * (time.perf_counter() - middle))
            with_it.append(1_000 * (time.perf_counter() - started))
        else:
            alone.append(1_000 * (middle - started))
    return alone, with_it, keeping


def _median(times: list[float]) -> float:
    return round(statistics.median(times), 3)


def _rate(services: Services) -> float:
    """Searches written a second, of many that come at once."""
    request, generation = SearchRequest("report"), services.library().generation
    found = _found(services, request)
    services.keeper.flush()
    started = time.perf_counter()
    for _ in range(_BURST):
        kept(services.keeper, generation, request, found)
    services.keeper.flush()
    return _BURST / (time.perf_counter() - started)


def _found(services: Services, request: SearchRequest) -> SearchResult:
    library = services.library()
    index = library.index
    assert index is not None
    return library.searcher(services.settings.search, index, library.embedder).search(request)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--searches", type=int, default=2_000)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        result = measure(Path(folder), arguments.searches)
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
