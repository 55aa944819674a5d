"""With shared servers `vdr index` leaves the work to the workers, and says how they get on."""

import logging
import time

import pytest

from indexer.commands.index import run
from tests.fixtures import pdfs
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.jobs import job_setup
from tests.scale.qdrant_stand_in import qdrant_stand_in
from vdr.catalogue.documents import Catalogue
from vdr.environment import read_settings
from vdr.errors import DatabaseUnavailable, ExitCode
from vdr.types import DocumentState, Priority

LOOK_S = 0.05
ALONE = "No worker is running. Start one with vdr worker.\n"


@pytest.fixture(autouse=True)
def environment(tmp_path, monkeypatch, database_url):
    monkeypatch.setattr("indexer.jobs.follow._LOOK_S", LOOK_S)
    monkeypatch.setattr("indexer.jobs.patience._FIRST_PAUSE_S", 0.01)
    # DBOS would keep for good what is standard error during a test.
    monkeypatch.setattr(logging.getLogger("dbos"), "handlers", [logging.NullHandler()])
    with qdrant_stand_in() as qdrant:
        shared = {"DATABASE_URL": database_url, "QDRANT_URL": qdrant.address, "PAGE_LONG_SIDE": "256"}
        for name, value in {**shared, "DATA_DIR": str(tmp_path / "data")}.items():
            monkeypatch.setenv(f"VDR_{name}", value)
        yield


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "pdfs"
    made.mkdir()
    return made


def refuse(images):
    pytest.fail("the command has embedded pages itself")


def index_paths(*paths):
    return run([str(path) for path in paths], lambda _: TinyEmbedder(refuse))


def at_the_first_look(monkeypatch, do):
    """Have something done after the first look at the documents."""
    left = [do]

    def sleep(seconds):
        if left:
            left.pop()()
        time.sleep(seconds)

    monkeypatch.setattr("indexer.jobs.follow.sleep", sleep)


def test_the_workers_index_and_the_command_says_how_it_went(folder, capsys):
    pdfs.write_report(folder / "a.pdf", 12, "a")
    pdfs.write_with_missing_page(folder / "b.pdf")
    with job_setup(read_settings()) as made:
        made.start()
        assert index_paths(folder) == 0
        assert made.library.index.count() == 14
        assert {each.indexing.priority for each in made.library.catalogue.page(9)} == {Priority.BULK}
        out, err = capsys.readouterr()
        assert index_paths(folder / "a.pdf") == 0
    assert sorted(out.splitlines()[:-1]) == [
        "a.pdf: 12 pages indexed",
        "b.pdf: 2 pages indexed",
        "b.pdf: page 3 skipped. The PDF lists page 3 but does not contain it.",
    ]
    assert out.splitlines()[-1].startswith("2 documents, 14 pages in ")
    assert out.splitlines()[-1].endswith(" pages/s); 0 already indexed, 0 failed")
    assert err == ""
    assert "a.pdf: already indexed (12 pages)" in capsys.readouterr().out


def test_documents_that_fail_are_named_and_the_exit_code_says_so(folder, capsys):
    pdfs.write_report(folder / "a.pdf", 1)
    (folder / "letter.pdf").write_text("Dear Sir or Madam")

    def explode(images):
        raise MemoryError("no more")

    with job_setup(read_settings(), TinyEmbedder(explode)) as made:
        made.start()
        assert index_paths(folder) == ExitCode.SOME_FAILED
    out, err = capsys.readouterr()
    assert out.endswith("0 already indexed, 2 failed\n")
    assert f"{folder / 'letter.pdf'}: " in err
    assert "a.pdf: Unexpected error: MemoryError: no more" in err.splitlines()


def test_documents_cancelled_or_deleted_meanwhile_are_named(folder, capsys, monkeypatch):
    pdfs.write_report(folder / "cancelled.pdf", 1, "one")
    pdfs.write_report(folder / "deleted.pdf", 1, "other")
    with job_setup(read_settings()) as made:

        def interfere():
            for document in made.library.catalogue.unfinished():
                if document.name == "deleted.pdf":
                    made.library.delete(document.document_id)
                else:
                    made.library.cancel(document.document_id)

        at_the_first_look(monkeypatch, interfere)
        assert index_paths(folder) == ExitCode.SOME_FAILED
    err = capsys.readouterr().err
    assert err == f"{ALONE}cancelled.pdf: cancelled\ndeleted.pdf: deleted\n"


def test_without_a_worker_it_says_so_once_and_waits_for_one(folder, capsys, monkeypatch):
    pdfs.write_report(folder / "a.pdf", 2)
    with job_setup(read_settings()) as made:
        at_the_first_look(monkeypatch, made.start)
        assert index_paths(folder) == 0
    out, err = capsys.readouterr()
    assert "a.pdf: 2 pages indexed" in out
    assert err == ALONE


def test_an_interrupt_ends_the_following_alone(folder, capsys, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    pdfs.write_report(folder / "a.pdf", 2)
    with job_setup(read_settings()) as made:
        at_the_first_look(monkeypatch, interrupt)
        assert index_paths(folder) == ExitCode.INTERRUPTED
        assert "The workers continue" in capsys.readouterr().err
        (document,) = made.library.catalogue.unfinished()
        made.start()
        made.wait_for(document.document_id, DocumentState.INDEXED)


def test_a_database_that_is_away_is_waited_for(folder, capsys, monkeypatch):
    unfinished, away = Catalogue.unfinished, iter([True, True])

    def look(catalogue):
        if next(away, False):
            raise DatabaseUnavailable("The database is not responding.")
        return unfinished(catalogue)

    pdfs.write_report(folder / "a.pdf", 2)
    with job_setup(read_settings()) as made:
        made.start()
        monkeypatch.setattr(Catalogue, "unfinished", look)
        assert index_paths(folder) == 0
    assert "a.pdf: 2 pages indexed" in capsys.readouterr().out


def test_with_an_index_of_its_own_it_does_the_work_itself(folder, monkeypatch):
    monkeypatch.delenv("VDR_QDRANT_URL")
    pdfs.write_report(folder / "a.pdf", 2)
    assert run([str(folder)], lambda _: TinyEmbedder()) == 0
