"""What there is, as it is told when Prometheus asks."""

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import OperationalError

from indexer.ingest import index_document
from indexer.metrics.held import OTHERS, Held
from indexer.services import open_services
from tests.fixtures.libraries import library_settings, tiny_models
from tests.fixtures.pdfs import write_report
from vdr.errors import DatabaseUnavailable
from vdr.types import Priority


@pytest.fixture
def services(tmp_path):
    with open_services(library_settings(tmp_path / "data"), tiny_models(), with_jobs=True) as opened:
        yield opened


def told(services, name, **labels):
    registry = CollectorRegistry()
    registry.register(Held(services, lambda: 2))
    return registry.get_sample_value(name, labels)


def add(services, path, collection=None, **options):
    library = services.library(collection, create=True)
    return library.add(path, path.name, **options)[0].document_id


def test_documents_are_told_by_collection_and_state(services, tmp_path):
    first = add(services, write_report(tmp_path / "a.pdf", 3))
    add(services, write_report(tmp_path / "b.pdf", 1, "b"))
    add(services, write_report(tmp_path / "c.pdf", 1, "c"), "invoices")
    index_document(services.library(), first)
    assert told(services, "vdr_documents", collection="default", state="indexed") == 1
    assert told(services, "vdr_documents", collection="default", state="queued") == 1
    assert told(services, "vdr_documents", collection="invoices", state="queued") == 1
    assert told(services, "vdr_pages", collection="default") == 3
    assert told(services, "vdr_jobs", kind="ingest", state="waiting") == 2
    assert told(services, "vdr_index_bytes") > 0
    assert told(services, "vdr_disk_free_bytes") < told(services, "vdr_disk_bytes")
    assert told(services, "vdr_workers") == 2


def test_what_is_deleted_counts_no_longer(services, tmp_path):
    library = services.library()
    library.delete(add(services, write_report(tmp_path / "a.pdf", 1)))
    assert told(services, "vdr_documents", collection="default", state="queued") is None


def test_the_age_of_the_queue_is_that_of_its_first_document_by_priority(services, tmp_path, monkeypatch):
    assert told(services, "vdr_queue_age_seconds", priority="interactive") == 0
    monkeypatch.setattr("indexer.library.now", lambda: "2020-01-01T00:00:00+00:00")
    add(services, write_report(tmp_path / "a.pdf", 1), priority=Priority.BULK)
    assert told(services, "vdr_queue_age_seconds", priority="bulk") > 365 * 86_400
    assert told(services, "vdr_queue_age_seconds", priority="interactive") == 0


def test_a_document_that_is_tried_again_has_no_age(services, tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.library.now", lambda: "2020-01-01T00:00:00+00:00")
    document_id = add(services, write_report(tmp_path / "a.pdf", 1))
    services.library().catalogue.requeue(document_id)
    assert told(services, "vdr_jobs", kind="ingest", state="waiting") == 1
    assert told(services, "vdr_queue_age_seconds", priority="interactive") == 0


def test_only_the_largest_collections_have_a_label(services, tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.metrics.held.MOST_COLLECTIONS", 1)
    for name in ("a", "b"):
        add(services, write_report(tmp_path / f"{name}.pdf", 1, name))
    for collection in ("small", "tiny"):
        add(services, tmp_path / "a.pdf", collection)
    assert told(services, "vdr_documents", collection="default", state="queued") == 2
    assert told(services, "vdr_documents", collection=OTHERS, state="queued") == 2
    assert told(services, "vdr_documents", collection="small", state="queued") is None


def test_what_cannot_be_read_is_left_out_and_the_rest_is_told(services, monkeypatch, caplog):
    def refuse(_):
        raise DatabaseUnavailable("The database is not responding.") from OperationalError(
            "", {}, Exception()
        )

    monkeypatch.setattr("indexer.metrics.held.totals", refuse)
    assert told(services, "vdr_documents", collection="default", state="queued") is None
    assert told(services, "vdr_disk_bytes") > 0
    assert "not responding" in caplog.text
