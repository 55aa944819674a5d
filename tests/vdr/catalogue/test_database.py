"""The database is made, and brought to the newest shape whatever version it is of."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.resources import files

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import text

from indexer.jobs.queue import Jobs
from tests.fixtures.catalogues import catalogue_in, database_in, database_of_version
from tests.fixtures.judged import kept_search
from tests.fixtures.processes import run_at_once
from vdr.catalogue.collections import Collections
from vdr.catalogue.database import DATABASE_FILE, database_url, is_server
from vdr.catalogue.generations import Generations
from vdr.catalogue.searches import Searches, keep_searches
from vdr.catalogue.tables import tables
from vdr.errors import BadSetting, DatabaseUnavailable
from vdr.filters import parse_filter
from vdr.settings import IndexSettings, Settings
from vdr.types import CollectionSettings, DocumentState, PdfInfo

FIRST_SHAPE = """
CREATE TABLE documents (
    collection VARCHAR NOT NULL, document_id VARCHAR NOT NULL, name VARCHAR NOT NULL,
    size_bytes INTEGER NOT NULL, state VARCHAR NOT NULL, created_at VARCHAR NOT NULL,
    page_count INTEGER NOT NULL, pages_done INTEGER NOT NULL, error_code VARCHAR, error_message VARCHAR,
    is_deleted BOOLEAN NOT NULL, PRIMARY KEY (collection, document_id)
);
CREATE INDEX documents_by_age ON documents (collection, created_at, document_id);
CREATE TABLE page_errors (
    collection VARCHAR NOT NULL, document_id VARCHAR NOT NULL, page_number INTEGER NOT NULL,
    code VARCHAR NOT NULL, message VARCHAR NOT NULL, PRIMARY KEY (collection, document_id, page_number)
);
INSERT INTO documents VALUES ('default', 'aa', 'old.pdf', 9, 'indexed', '2025-01-01', 3, 3, NULL, NULL, 0);
"""


def differences(engine):
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), tables)
    ours = set(tables.tables)
    return [each for each in found if not (each[0] == "remove_table" and each[1].name not in ours)]


def test_migrations_lead_to_the_tables_that_the_code_knows(tmp_path):
    engine = database_in(IndexSettings(data_dir=tmp_path))
    kinds = [each[0] for each in differences(engine) if isinstance(each, tuple)]
    assert [kind for kind in kinds if kind.startswith(("add_", "remove_"))] == []
    engine.dispose()


def test_a_database_made_before_there_were_migrations_keeps_its_documents(tmp_path):
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as old:
        old.executescript(FIRST_SHAPE)
    with catalogue_in(IndexSettings(data_dir=tmp_path)) as catalogue:
        document = catalogue.get("aa")
    found = (document.name, document.indexing.state, document.indexing.attempt)
    assert found == ("old.pdf", DocumentState.INDEXED, 1)


WITH_COLLECTIONS = """
INSERT INTO collections VALUES ('default', '2026-01-01', '', '{}', 'g1', 0);
INSERT INTO generations VALUES ('default', 'g1', '2026-01-01', 'tiny', 'ff', 64, 64, NULL, 1);
INSERT INTO documents VALUES
    ('default', 'aa', 'old.pdf', 9, '2026-01-01', 3, 'pdf', 'ada', '{"year": 2021}', 0);
INSERT INTO indexings (collection, generation, document_id, state, pages_done, attempt, revision, priority,
    turn, pages_at_start, ocr_pages, ocr_pages_done) VALUES
    ('default', 'g1', 'aa', 'indexed', 3, 1, 4, 1, 1, 0, 0, 0);
"""


@pytest.fixture
def with_collections(tmp_path):
    """A database of the version that knew collections, but not what PDFs say of themselves."""
    database_of_version(IndexSettings(data_dir=tmp_path), "0004").dispose()
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as old:
        old.executescript(WITH_COLLECTIONS)
    return IndexSettings(data_dir=tmp_path)


def test_what_documents_say_of_themselves_is_not_known_of_those_of_the_version_before(with_collections):
    for _ in range(2):
        with catalogue_in(with_collections) as catalogue:
            document = catalogue.get("aa")
            assert (document.name, document.added_by, document.metadata) == ("old.pdf", "ada", {"year": 2021})
            assert catalogue.page_labels("aa") == {}
            assert (document.warnings, document.parent_id, document.parent_name) == ((), None, None)
    with catalogue_in(with_collections) as catalogue:
        assert (catalogue.get("aa").info, catalogue.page_labels("aa")) == (PdfInfo(), {})
        catalogue.describe("aa", ("i", "ii", "1"), PdfInfo("Tides", created_at="2020-01-01"))
        assert catalogue.page_labels("aa") == {1: "i", 2: "ii", 3: "1"}
        assert catalogue.get("aa").info == PdfInfo("Tides", created_at="2020-01-01")


def test_names_of_the_version_before_are_found_as_people_type_them(with_collections):
    with closing(sqlite3.connect(with_collections.data_dir / DATABASE_FILE)) as old, old:
        old.execute("UPDATE documents SET name = ?", ("Bru\u0308h.pdf",))
    with catalogue_in(with_collections) as catalogue:
        assert (catalogue.get("aa").name, catalogue.get("aa").other_names) == ("Br\u00fch.pdf", ())
        assert catalogue.ids(parse_filter({"document_name": "Bru\u0308h.pdf"})) == ["aa"]


def open_at_once(data_dir, barrier):
    barrier.wait()
    database_in(IndexSettings(data_dir=data_dir)).dispose()


def newest_revision():
    config = Config()
    config.set_main_option("script_location", str(files("vdr.catalogue") / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()


def test_processes_that_begin_at_once_migrate_once(tmp_path):
    run_at_once(3, open_at_once, tmp_path)
    engine = database_in(IndexSettings(data_dir=tmp_path))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    assert found == [newest_revision()]
    engine.dispose()


def test_one_that_begins_while_another_makes_the_file_waits_for_it(tmp_path):
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)) as first:
        first.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(database_in, IndexSettings(data_dir=tmp_path))
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
            first.execute("COMMIT")
            second.result(timeout=30).dispose()


def test_a_file_that_stays_locked_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("vdr.catalogue.database._PATIENCE_S", 0.1)
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)) as first:
        first.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable, match="locked"):
            database_in(IndexSettings(data_dir=tmp_path))


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgresql://ada@db/vdr", "postgresql+psycopg"),
        ("postgres://ada@db/vdr", None),
        ("sqlite:///other.sqlite", "sqlite"),
        ("mysql://db/vdr", None),
        ("no url", None),
    ],
)
def test_only_sqlite_and_postgresql_are_known(url, driver):
    settings = IndexSettings(database_url=SecretStr(url))
    if driver is None and not url.startswith("postgres:"):
        with pytest.raises(BadSetting, match="VDR_DATABASE_URL"):
            database_url(settings)
    else:
        assert database_url(settings).drivername == (driver or "postgresql+psycopg")
        assert is_server(settings) == url.startswith("postgres")


def test_a_server_that_does_not_answer_is_said_in_one_line():
    settings = IndexSettings(database_url=SecretStr("postgresql://ada@127.0.0.1:1/vdr"))
    with pytest.raises(DatabaseUnavailable, match="is not responding") as caught:
        database_in(settings)
    assert "\n" not in str(caught.value) and caught.value.may_pass


def test_jobs_say_so_too():
    index = IndexSettings(database_url=SecretStr("postgresql://ada@127.0.0.1:1/vdr"))
    with pytest.raises(DatabaseUnavailable, match="is not responding"):
        Jobs.open(Settings(index=index))


OF_COLLECTION = """
INSERT INTO collections (collection, created_at, description, settings, serving, is_deleted)
    VALUES ('old', '2026-01-01', '', '{}', 'g1', false)
"""
OF_GENERATION = """
INSERT INTO generations (collection, generation, created_at, has_fields)
    VALUES ('old', 'g1', '2026-01-01', true)
"""


@pytest.mark.parametrize(("before", "column"), [("0009", "calibration"), ("0010", "plan")])
def test_a_generation_of_the_version_before_has_none_until_one_is_noted(tmp_path, before, column):
    settings = IndexSettings(data_dir=tmp_path)
    engine = database_of_version(settings, before)
    with engine.begin() as connection:
        for row in (OF_COLLECTION, OF_GENERATION):
            connection.execute(text(row))
    engine.dispose()
    engine = database_in(settings)
    found = Collections(engine)
    note = {"calibration": found.note_calibration, "plan": found.note_plan}[column]
    _, generation = found.opened("old")
    assert getattr(generation, column) is None
    note(generation, {"weights": [0.5]})
    assert getattr(found.opened("old")[1], column) == {"weights": [0.5]}
    note(generation, None)
    assert found.opened("old")[1] == generation
    engine.dispose()


def test_a_collection_of_the_version_before_has_one_generation_that_serves(tmp_path):
    settings = IndexSettings(data_dir=tmp_path)
    engine = database_of_version(settings, "0010")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO collections (collection, created_at, description, settings, serving, is_deleted)"
                " VALUES ('old', '2026-01-01', '', '{\"dims\": 64}', 'g1', false)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO generations (collection, generation, created_at, has_fields)"
                " VALUES ('old', 'g1', '2026-01-01', true)"
            )
        )
    engine.dispose()
    engine = database_in(settings)
    collection, generation = Collections(engine).opened("old")
    assert (generation.settings, generation.served_at) == (None, None)
    made = Generations(engine).create(collection, CollectionSettings(embedder="page-reader"))
    assert (made.name, made.settings) == ("g2", CollectionSettings(embedder="page-reader"))
    kept = Collections(engine).generation("old", "g1")
    assert kept.settings == CollectionSettings(dims=64)
    engine.dispose()


def test_nothing_was_kept_of_searches_by_the_version_before(with_collections):
    engine = database_of_version(IndexSettings(data_dir=with_collections.data_dir / "new"), "0010")
    engine.dispose()
    for settings in (with_collections, IndexSettings(data_dir=with_collections.data_dir / "new")):
        engine = database_in(settings)
        Collections(engine).ensure("default")
        assert list(Searches(engine, "default").each(unjudged=True)) == []
        search = kept_search()
        keep_searches(engine, [("default", search)])
        assert Searches(engine, "default").get(search.search_id) == search
        engine.dispose()
