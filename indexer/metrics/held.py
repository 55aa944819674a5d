"""What there is, read when Prometheus asks: documents, pages, the queue, workers, the size of the index."""

import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from indexer.jobs.queue import DROP, INGEST, NOTIFY, OCR, Jobs
from indexer.metrics.kept import Kept
from indexer.services import Services
from vdr.catalogue.totals import Total, totals
from vdr.errors import VdrError
from vdr.index.edge_copy import size_on_disk
from vdr.types import UNFINISHED, DocumentState, Priority

# The largest have a label of their own, so that a thousand tenants do not make a thousand time series each.
MOST_COLLECTIONS = 50
OTHERS = "(others)"
_CATALOGUE_S, _FOLDER_S = 10.0, 60.0  # for which what was read is kept
_MOST_JOBS = 1_000  # of those that only the queue knows
_WAITING, _RUNNING = "waiting", "running"
_Labels = tuple[str, ...]
_LOG = logging.getLogger(__name__)


class Held(Collector):
    """Reads the catalogue, the queue and the data folder; what cannot be read just now is left out.

    Every process on one database tells the same of catalogue and queue: take the maximum over them, no sum.
    """

    def __init__(self, services: Services, count_workers: Callable[[], int]) -> None:
        self._data_dir = services.settings.index.data_dir.expanduser()
        self._is_embedded = services.settings.index.qdrant_url is None
        self._totals = Kept(lambda: totals(services.engine), _CATALOGUE_S)
        self._queue = Kept(lambda: _queued(services.with_jobs()), _CATALOGUE_S)
        self._workers = Kept(count_workers, _CATALOGUE_S)
        self._index_bytes = Kept(lambda: size_on_disk(self._data_dir / "index"), _FOLDER_S)

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        for read in (self._of_catalogue, self._of_queue, self._of_workers, self._of_folder):
            try:
                yield from read()
            except (VdrError, OSError) as error:
                _LOG.warning("Some metrics are missing: %s", error)

    def _of_catalogue(self) -> Iterator[Metric]:
        found = self._totals.get()
        shown = _shown(found)
        documents = _summed(((shown[each.collection], each.state.value), each.documents) for each in found)
        yield _family("vdr_documents", "Documents.", ("collection", "state"), documents)
        pages = _summed(((shown[each.collection],), each.pages) for each in found)
        yield _family("vdr_pages", "Pages indexed.", ("collection",), pages)
        left = sum(each.ocr_pages_left for each in found if each.state is DocumentState.INDEXED)
        yield GaugeMetricFamily("vdr_ocr_pages_waiting", "Pages that OCR is to look at.", left)
        yield _family(
            "vdr_queue_age_seconds",
            "How long the first of the documents that wait has been waiting; 0 where none does.",
            ("priority",),
            {(priority.name.lower(),): _age_s(found, priority) for priority in Priority},
        )

    def _of_queue(self) -> Iterator[Metric]:
        yield _family(
            "vdr_jobs",
            f"Jobs that are not finished; of each kind but {INGEST} {_MOST_JOBS:,} at most are counted.",
            ("kind", "state"),
            {**_ingesting(self._totals.get()), **self._queue.get()},
        )

    def _of_workers(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("vdr_workers", "Workers that are alive.", self._workers.get())

    def _of_folder(self) -> Iterator[Metric]:
        if self._is_embedded:
            size = self._index_bytes.get()
            yield GaugeMetricFamily("vdr_index_bytes", "Size of the embedded indexes on the disk.", size)
        disk = shutil.disk_usage(self._data_dir)
        yield GaugeMetricFamily("vdr_disk_bytes", "Size of the disk of VDR_DATA_DIR.", disk.total)
        yield GaugeMetricFamily("vdr_disk_free_bytes", "What is free on it.", disk.free)


def _family(
    name: str, told: str, labels: Sequence[str], values: Mapping[_Labels, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=labels)
    for label, value in values.items():
        family.add_metric(label, value)
    return family


def _summed(values: Iterable[tuple[_Labels, int]]) -> Counter[_Labels]:
    sums: Counter[_Labels] = Counter()
    for labels, value in values:
        sums[labels] += value
    return sums


def _shown(found: Sequence[Total]) -> Mapping[str, str]:
    """The label of each collection: its name, if it is among the largest."""
    sizes = _summed(((each.collection,), each.documents) for each in found)
    largest = {name for (name,), _ in sizes.most_common(MOST_COLLECTIONS)}
    return {name: name if name in largest else OTHERS for (name,) in sizes}


def _age_s(found: Sequence[Total], priority: Priority) -> float:
    waiting = [
        each.waiting_since
        for each in found
        if each.state is DocumentState.QUEUED and each.priority is priority and each.waiting_since
    ]
    if not waiting:
        return 0.0
    return max((datetime.now(UTC) - datetime.fromisoformat(min(waiting))).total_seconds(), 0.0)


def _ingesting(found: Sequence[Total]) -> Mapping[_Labels, int]:
    """The documents to index: the catalogue has counted them already, however many there are."""
    counted = _summed(
        ((INGEST, _WAITING if each.state is DocumentState.QUEUED else _RUNNING), each.documents)
        for each in found
        if each.state in UNFINISHED
    )
    return {(INGEST, state): counted[INGEST, state] for state in (_WAITING, _RUNNING)}


def _queued(jobs: Jobs) -> Mapping[_Labels, int]:
    """The other jobs that wait or are at work."""
    counted: dict[_Labels, int] = {}
    for kind in (OCR, NOTIFY, DROP):
        states = jobs.live(kind, _MOST_JOBS)
        running = states["PENDING"]
        counted |= {(kind, _WAITING): states.total() - running, (kind, _RUNNING): running}
    return counted
