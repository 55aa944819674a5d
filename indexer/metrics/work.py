"""What a worker does, counted: pages, documents, the time of each step, and what went wrong by code."""

from collections import Counter as Counts
from contextlib import AbstractContextManager
from dataclasses import asdict

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from indexer.progress import PagesIndexed
from vdr.types import FINISHED, Document

_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)  # pages


class WorkMetrics:
    """The metrics of one worker; threads may share them. Of no registry they are counted but not shown."""

    def __init__(self, registry: CollectorRegistry | None) -> None:
        self._pages = Counter("vdr_pages_indexed", "Pages indexed.", registry=registry)
        self._batches = Histogram(
            "vdr_page_batch_size", "Pages embedded together.", buckets=_BATCHES, registry=registry
        )
        self._steps = Counter(
            "vdr_indexing_step_seconds",
            "Seconds spent in each step of indexing, summed over threads.",
            ["step"],
            registry=registry,
        )
        self._documents = Counter(
            "vdr_documents_finished",
            "Documents finished, by the state they ended in.",
            ["state"],
            registry=registry,
        )
        self._errors = Counter(
            "vdr_indexing_errors",
            "Documents that failed and pages that were skipped, by code.",
            ["subject", "code"],
            registry=registry,
        )
        self._active = Gauge(
            "vdr_jobs_at_work", "Jobs that this process works on.", ["kind"], registry=registry
        )
        self._taken_over = Counter(
            "vdr_jobs_taken_over", "Jobs taken over from workers that died.", registry=registry
        )

    def pages_done(self, report: PagesIndexed) -> None:
        """Count a run of pages."""
        self._pages.inc(report.page_count)
        self._batches.observe(report.page_count)
        for step, seconds in asdict(report.seconds).items():
            self._steps.labels(step).inc(seconds)

    def ended(self, document: Document | None) -> None:
        """Count a document if it is finished, with the errors that are noted on it."""
        if document is None or document.indexing.state not in FINISHED:
            return
        indexing = document.indexing
        self._documents.labels(indexing.state.value).inc()
        if indexing.error_code is not None:
            self._errors.labels("document", indexing.error_code).inc()
        for code, count in Counts(error.code for error in indexing.page_errors).items():
            self._errors.labels("page", code).inc(count)

    def at_work(self, kind: str) -> AbstractContextManager[None]:
        """Counts a job of a kind as long as the `with` block takes."""
        return self._active.labels(kind).track_inprogress()

    def took_over(self, count: int) -> None:
        """Count the jobs of a worker that died."""
        self._taken_over.inc(count)
