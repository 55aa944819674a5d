"""A data directory of the version before opens with all its documents, and nothing is embedded again."""

import sqlite3
import tarfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from indexer import upkeep
from indexer.fields import resolved
from indexer.ingest import index_document
from indexer.library import Library
from indexer.services import open_services
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import content, library_settings, tiny_models
from tests.fixtures.processes import run_at_once
from tests.fixtures.traces import traces
from vdr.errors import IndexLocked
from vdr.filters import parse_filter
from vdr.index import Nearest
from vdr.index.schema import FULL
from vdr.settings import Settings
from vdr.types import DocumentState, PageRef

ARCHIVE = Path(__file__).parents[1] / "fixtures" / "data" / "library-0.1.0.tar.xz"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """What 0.1.0 left: collections default (five documents) and invoices (one of the same files)."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "data"


def no_embedding(_: Sequence[Image.Image]) -> None:
    pytest.fail("A page was embedded again.")


def names(library: Library) -> dict[str, DocumentState]:
    return {each.name: each.indexing.state for each in library.catalogue.page(10)}


EXPECTED = {
    "a.pdf": DocumentState.INDEXED,
    "b.pdf": DocumentState.INDEXED,
    "c.pdf": DocumentState.QUEUED,
    "d.pdf": DocumentState.CANCELLED,
    "e.pdf": DocumentState.INDEXED,
}


def check_documents(settings: Settings) -> None:
    with open_services(settings, tiny_models(TinyEmbedder(no_embedding))) as services:
        assert [each.name for each in services.collections.list()] == ["default", "invoices"]
        library, invoices = services.library(), services.library("invoices")
        assert names(library) == EXPECTED
        assert names(invoices) == {"same bytes.pdf": DocumentState.INDEXED}
        assert len(content(library)) == 3 + 2 + 2 and len(content(invoices)) == 3
        assert library.embedder.name == "tiny"  # the one that built it is accepted
        assert library.generation.name == "7e577e577e57-64"
        for each in (library, invoices):
            assert all(
                found.fault is upkeep.Fault.OLD_WORDS and upkeep.repair(each, found)
                for found in upkeep.check(each)
            )
            assert list(upkeep.check(each)) == []


def test_all_documents_are_there_and_nothing_is_embedded_again(data_dir: Path) -> None:
    for _ in range(2):
        check_documents(library_settings(data_dir))


def test_what_was_told_of_a_document_is_kept(data_dir: Path) -> None:
    with open_services(library_settings(data_dir), tiny_models()) as services:
        documents = {each.name: each for each in services.library().catalogue.page(10)}
    first, with_error = documents["a.pdf"], documents["e.pdf"].indexing
    assert (first.added_by, first.kind, first.page_count, first.metadata) == ("ada", "pdf", 3, {})
    assert (first.indexing.attempt, first.indexing.pages_done) == (1, 3)
    assert [(each.page_number, each.code) for each in with_error.page_errors] == [(3, "page_failed")]


def test_words_read_then_are_still_there(data_dir: Path) -> None:
    with open_services(library_settings(data_dir), tiny_models()) as services:
        library = services.library()
        [first] = [each for each in library.catalogue.page(10) if each.name == "a.pdf"]
        words = library.objects.page_words(PageRef(first.document_id, 1))
    assert words.read[0].text.startswith("dark") and words.text_layer[0].text == "harbour"


FILTERS = [
    ({"document_name": "a.pdf"}, {("a.pdf", 1), ("a.pdf", 2), ("a.pdf", 3)}),
    ({"document_name": {"$prefix": "b"}}, {("b.pdf", 1), ("b.pdf", 2)}),
    ({"kind": "pdf", "page_number": 2}, {("a.pdf", 2), ("b.pdf", 2), ("e.pdf", 2)}),
    ({"page_count": {"$gte": 3}, "page_number": 1}, {("a.pdf", 1), ("e.pdf", 1)}),
    ({"page_label": "3"}, {("a.pdf", 3)}),
    ({"added_at": {"$gt": "2020-01-01"}, "page_number": 3}, {("a.pdf", 3)}),
    ({"added_at": {"$lt": "2020-01-01"}}, set()),
    ({"year": {"$exists": True}}, set()),
]


def found(library: Library, data: object) -> set[tuple[str, int]]:
    """The pages that pass a filter, asked of the index itself."""
    index = library.index
    assert index is not None
    where = resolved(parse_filter(data), library.catalogue)
    [scores] = index.nearest([Nearest(FULL, np.ones(64, np.float32), 100)], where)
    pages = index.pages([point for point, _ in scores]).values()
    return {(each.document_name, each.page.page_number) for each in pages}


def test_pages_of_then_can_be_filtered(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    for _ in range(2):
        with open_services(library_settings(data_dir), tiny_models()) as services:
            library = services.library()
            for data, expected in FILTERS:
                assert found(library, data) == expected
            assert library.generation.has_fields and services.library().generation.has_fields
            assert not services.library("invoices").generation.has_fields  # nobody has asked for it yet
            assert {each.fault for each in upkeep.check(library)} == {upkeep.Fault.OLD_WORDS}
    told = "Making the pages of 5 documents in collection 'default' filterable."
    assert [each.message for each in caplog.records if each.name == "indexer.fields"] == [told]


def test_filling_in_that_is_cut_off_is_done_again(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("indexer.fields.set_labels", raise_crash)
        with pytest.raises(Crash), open_services(library_settings(data_dir), tiny_models()) as services:
            _ = services.library().index
    with open_services(library_settings(data_dir), tiny_models()) as services:
        library = services.library()
        assert not library.generation.has_fields
        for data, expected in FILTERS:
            assert found(library, data) == expected
        assert library.generation.has_fields


def raise_crash(*_: object) -> None:
    raise Crash


def test_an_unfinished_document_is_finished(data_dir: Path) -> None:
    with open_services(library_settings(data_dir), tiny_models()) as services:
        library = services.library()
        [waiting] = library.catalogue.unfinished()
        done = index_document(library, waiting.document_id)
        assert done is not None and done.indexing.state is DocumentState.INDEXED
        assert library.claim().count() == 3 + 2 + 2 + 4


def test_processes_that_begin_at_once_migrate_once(data_dir: Path) -> None:
    run_at_once(3, open_at_once, data_dir)
    check_documents(library_settings(data_dir))


def open_at_once(data_dir: Path, barrier: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    with open_services(library_settings(data_dir)) as services:
        assert names(services.library()) == EXPECTED


class Crash(BaseException):
    """What a killed process leaves, as far as the database is concerned: a transaction without an end."""


@pytest.mark.parametrize("statement", range(1, 26, 2))
def test_a_crash_in_the_middle_leaves_the_version_before(
    data_dir: Path, statement: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    calls: list[object] = []

    def watched(name: str) -> None:
        real = getattr(op, name)

        def call(*arguments: object, **options: object) -> object:
            calls.append(name)
            if len(calls) == statement:
                raise Crash
            return real(*arguments, **options)

        monkeypatch.setattr(op, name, call)

    for name in (
        "rename_table",
        "drop_index",
        "add_column",
        "create_table",
        "create_index",
        "execute",
        "drop_table",
    ):
        watched(name)
    settings = library_settings(data_dir)
    try:
        with open_services(settings, tiny_models()):
            pass
    except Crash:
        with closing(sqlite3.connect(data_dir / "catalogue.sqlite")) as database:
            assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [("0003",)]
            assert len(database.execute("SELECT state FROM documents").fetchall()) == 6
    monkeypatch.undo()
    check_documents(settings)


def test_a_program_of_the_version_before_that_still_runs_is_not_pulled_the_rug(data_dir: Path) -> None:
    from filelock import FileLock

    settings = library_settings(data_dir)
    with (
        FileLock(data_dir / "index" / "default" / "lock"),
        pytest.raises(IndexLocked),
        open_services(settings),
    ):
        pass
    check_documents(settings)


def test_nothing_is_left_of_a_migrated_collection_that_is_deleted(data_dir: Path) -> None:
    with open_services(library_settings(data_dir), tiny_models()) as services:
        assert traces(services, "invoices")
        services.delete_collection("invoices")
        assert traces(services, "invoices") == []


def test_a_backup_of_the_version_before_has_no_index_and_is_indexed_again(data_dir: Path) -> None:
    import shutil

    shutil.rmtree(data_dir / "index")
    with open_services(library_settings(data_dir), tiny_models()) as services:
        library = services.library()
        assert library.generation.name == "g1" and library.index is None
        assert {each.fault for each in upkeep.check(library)} == {upkeep.Fault.NO_POINTS}
        for finding in list(upkeep.check(library)):
            assert upkeep.repair(library, finding)
        for document in library.catalogue.unfinished():
            index_document(library, document.document_id)
        assert list(upkeep.check(library)) == []


def test_a_postgresql_database_of_the_version_before(data_dir: Path, database_url: str) -> None:
    with closing(sqlite3.connect(data_dir / "catalogue.sqlite")) as old:
        copy_to_postgres(old, database_url)
    settings = library_settings(data_dir)
    index = settings.index.model_copy(update={"database_url": SecretStr(database_url)})
    check_documents(settings.model_copy(update={"index": index}))


def copy_to_postgres(old: sqlite3.Connection, url: str) -> None:
    """Make the tables of 0.1.0 in PostgreSQL, with the rows that SQLite has."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as new:
        for table in ("documents", "page_errors", "workers", "alembic_version"):
            [(made,)] = old.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchall()
            new.execute(text(made.replace("DEFAULT '1'", "DEFAULT 1").replace("DEFAULT '0'", "DEFAULT 0")))
            rows = old.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in rows.description]
            for row in rows.fetchall():
                told = dict(zip(columns, row, strict=True))
                told |= {"is_deleted": bool(told["is_deleted"])} if "is_deleted" in told else {}
                names = ", ".join(columns)
                values = ", ".join(f":{column}" for column in columns)
                new.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), told)
        for index in ("documents_by_age", "documents_by_state"):
            [(made,)] = old.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchall()
            new.execute(text(made))
    engine.dispose()
