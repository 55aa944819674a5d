"""A worker counts pages, documents and what went wrong."""

from prometheus_client import CollectorRegistry

from indexer.jobs.worker import Worker
from indexer.metrics.work import WorkMetrics
from tests.fixtures import pdfs
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.jobs import job_setup, wait_until
from tests.fixtures.libraries import library_settings
from vdr.types import DocumentState


def test_what_is_indexed_is_counted_once_it_is_finished(tmp_path):
    registry = CollectorRegistry()
    with job_setup(library_settings(tmp_path / "data")) as made:
        made.start(metrics=WorkMetrics(registry))
        made.wait_for(made.add(pdfs.write_report(tmp_path / "a.pdf", 11)), DocumentState.INDEXED)
        wait_until(lambda: registry.get_sample_value("vdr_documents_finished_total", {"state": "indexed"}))
    assert value(registry, "vdr_pages_indexed_total") == 11
    assert value(registry, "vdr_page_batch_size_sum") == 11
    assert value(registry, "vdr_page_batch_size_count") >= 2
    assert value(registry, "vdr_indexing_step_seconds_total", step="rasterize") > 0
    assert value(registry, "vdr_jobs_at_work", kind="ingest") == 0


def value(registry, name, **labels):
    return registry.get_sample_value(name, labels)


def test_failures_are_counted_by_their_code(tmp_path):
    def explode(images):
        raise MemoryError("no more")

    registry = CollectorRegistry()
    with job_setup(library_settings(tmp_path / "data"), TinyEmbedder(explode)) as made:
        made.start(metrics=WorkMetrics(registry))
        made.wait_for(made.add(pdfs.write_report(tmp_path / "a.pdf", 1)), DocumentState.FAILED)
        wait_until(lambda: registry.get_sample_value("vdr_documents_finished_total", {"state": "failed"}))
    of_the_document = {"subject": "document", "code": "internal_error"}
    assert registry.get_sample_value("vdr_indexing_errors_total", of_the_document) == 1
    assert registry.get_sample_value("vdr_pages_indexed_total") == 0


def test_two_workers_count_for_themselves(tmp_path):
    one, other = CollectorRegistry(), CollectorRegistry()
    with job_setup(library_settings(tmp_path / "data")) as made:
        Worker(made.services, metrics=WorkMetrics(other))
        made.start(metrics=WorkMetrics(one))
        made.wait_for(made.add(pdfs.write_report(tmp_path / "a.pdf", 1)), DocumentState.INDEXED)
    assert one.get_sample_value("vdr_pages_indexed_total") == 1
    assert other.get_sample_value("vdr_pages_indexed_total") == 0
