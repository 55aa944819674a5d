"""A deleted collection leaves nothing behind, whatever was under way in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from pydantic import SecretStr

from indexer.ingest import index_document
from indexer.library import Library
from indexer.services import Services, open_services
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import content, library_settings, tiny_models
from tests.fixtures.pdfs import write_report
from tests.fixtures.traces import traces
from vdr.errors import CollectionNotFound, IndexLocked, NotFound
from vdr.index import EdgeIndex, schema_of
from vdr.settings import IndexSettings, Settings


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    made = library_settings(tmp_path / "data")
    if request.param == "sqlite":
        return made
    url = SecretStr(request.getfixturevalue("database_url"))
    return made.model_copy(update={"index": IndexSettings(data_dir=tmp_path / "data", database_url=url)})


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return write_report(tmp_path / "a.pdf", 2)


def add(library: Library, report: Path) -> str:
    return library.add(report, report.name)[0].document_id


@contextmanager
def with_invoices(
    settings: Settings, report: Path, embedder: TinyEmbedder | None = None
) -> Iterator[tuple[Services, Library]]:
    """Services with the same document in two collections, indexed in the default one alone."""
    with open_services(settings, tiny_models(embedder)) as services:
        index_document(services.library(), add(services.library(), report))
        invoices = services.library("invoices", create=True)
        add(invoices, report)
        yield services, invoices


def delete(services: Services, name: str) -> None:
    """Delete a collection, also what a job would delete."""
    services.delete_collection(name)
    services.finish_deletion(name)


def test_nothing_is_left_of_it_and_the_others_stay(settings: Settings, report: Path) -> None:
    with with_invoices(settings, report) as (services, invoices):
        before = content(services.library())
        [document] = invoices.catalogue.unfinished()
        index_document(invoices, document.document_id)
        assert len(traces(services, "invoices")) > 10
        delete(services, "invoices")
        assert traces(services, "invoices") == []
        assert content(services.library()) == before


def test_nothing_is_left_of_one_that_was_empty(settings: Settings) -> None:
    with open_services(settings, tiny_models()) as services:
        services.library("invoices", create=True)
        delete(services, "invoices")
        assert traces(services, "invoices") == []


def test_a_document_under_way_leaves_nothing(settings: Settings, report: Path) -> None:
    deleting: list[Services] = []

    def delete_once(_: Sequence[Image.Image]) -> None:
        if deleting:
            delete(deleting.pop(), "invoices")

    with with_invoices(settings, report, TinyEmbedder(delete_once)) as (services, invoices):
        [document] = invoices.catalogue.unfinished()
        deleting.append(services)
        with pytest.raises(NotFound):
            index_document(invoices, document.document_id)
        assert traces(services, "invoices") == []


def test_a_handle_from_before_makes_nothing(settings: Settings, report: Path) -> None:
    with with_invoices(settings, report) as (services, invoices):
        [document] = invoices.catalogue.unfinished()
        index_document(invoices, document.document_id)
        index = invoices.index
        assert index is not None
        delete(services, "invoices")
        with pytest.raises(CollectionNotFound):
            index.count()
        with pytest.raises(CollectionNotFound):
            add(invoices, report)
        invoices.erase(document.document_id)
        assert traces(services, "invoices") == []


def test_an_index_that_another_process_uses_is_deleted_afterwards(settings: Settings, report: Path) -> None:
    with with_invoices(settings, report) as (services, invoices):
        [document] = invoices.catalogue.unfinished()
        index_document(invoices, document.document_id)
        services.indexes.close()
        schema = schema_of(invoices.generation)
        assert schema is not None
        other = EdgeIndex.open(settings.index.data_dir, schema)
        services.collections.mark_deleted("invoices")
        with pytest.raises(IndexLocked):
            services.finish_deletion("invoices")
        assert other.count() == 2
        other.close()
        services.finish_deletion("invoices")
        assert traces(services, "invoices") == []
