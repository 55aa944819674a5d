"""What the service counts for Prometheus: requests, errors by code, searches by stage and effort, batches."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.registry import Collector

from indexer.metrics.process import new_registry
from indexer.metrics.work import WorkMetrics
from vdr.spans import Listener
from vdr.types import Effort, SearchRequest, SearchResult

_REQUEST_S = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 5, 10, 30)
_STAGE_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_BATCHES = (1, 2, 4, 8, 16, 32, 64)  # queries
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class ServiceMetrics:
    """The metrics of one service, in a registry of its own; threads may share them.

    Labels have few values: routes are templates, and nothing of a question or a document is among them.
    """

    def __init__(self) -> None:
        self.registry = registry = new_registry()
        self.work = WorkMetrics(registry)
        self._requests = _counter(
            registry, "vdr_http_requests", "Requests answered.", "method", "route", "status"
        )
        self._request_s = _histogram(
            registry,
            "vdr_http_request_seconds",
            "Time to the end of the answer.",
            _REQUEST_S,
            "method",
            "route",
        )
        self._errors = _counter(
            registry, "vdr_http_errors", "Requests that failed, by code.", "route", "code"
        )
        self._searches = _counter(registry, "vdr_searches", "Searches answered.", "effort", "mode", "by")
        self._search_s = _histogram(
            registry, "vdr_search_seconds", "Time that a search took.", _REQUEST_S, "effort"
        )
        self._stage_s = _histogram(
            registry,
            "vdr_search_stage_seconds",
            "Time of the parts of a search; some are parts of others.",
            _STAGE_S,
            "stage",
            "effort",
        )
        self._left_out = _counter(
            registry, "vdr_search_stages_left_out", "Stages left out for want of time.", "stage"
        )
        self._empty = _counter(
            registry, "vdr_searches_without_hits", "Searches that found nothing.", "effort"
        )
        self._batches = _histogram(registry, "vdr_query_batch_size", "Queries embedded together.", _BATCHES)

    @contextmanager
    def showing(self, collector: Collector) -> Iterator[None]:
        """Shows what else a collector knows, for the time of the block."""
        self.registry.register(collector)
        try:
            yield
        finally:
            self.registry.unregister(collector)

    def answered(self, method: str, route: str, status: int, seconds: float, code: str | None) -> None:
        """Count a request, and its error if it has one."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._request_s.labels(method, route).observe(seconds)
        if code is not None:
            self._errors.labels(route, code).inc()

    def searched(self, request: SearchRequest, result: SearchResult) -> None:
        """Count a search that was answered."""
        self._searches.labels(request.effort.value, request.mode.value, _by(request)).inc()
        self._search_s.labels(request.effort.value).observe(result.timings_ms["total"] / 1_000)
        for stage in result.left_out:
            self._left_out.labels(stage).inc()
        if not result.hits:
            self._empty.labels(request.effort.value).inc()

    def batched(self, count: int) -> None:
        """Count a batch of queries."""
        self._batches.observe(count)

    def stages_of(self, effort: Effort) -> Listener:
        """Hears of the parts of searches of this effort."""
        return lambda name: self._stage_s.labels(name, effort.value).time()


def _by(request: SearchRequest) -> str:
    """What a search goes by: the names are those of the request, joined where there are several."""
    sides = {"text": request.text, "image": request.image, "page": request.page}
    return "+".join(name for name, side in sides.items() if side is not None)


def _counter(registry: CollectorRegistry, name: str, told: str, *labels: str) -> Counter:
    return Counter(name, told, labels, registry=registry)


def _histogram(
    registry: CollectorRegistry, name: str, told: str, buckets: tuple[float, ...], *labels: str
) -> Histogram:
    return Histogram(name, told, labels, buckets=buckets, registry=registry)
