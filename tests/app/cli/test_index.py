"""`vdr index` by way of a service: what the service takes in, and what the command says of it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner

from app.cli.index import index
from app.client.connection import Connection
from app.client.indexing import index_by_service
from app.client.served import ServedCorpus
from indexer.commands.describing import Described
from tests.app.cli.conftest import answering, connected
from tests.app.conftest import settings_in
from tests.fixtures.pdfs import write_encrypted, write_pdf, write_report
from vdr.errors import BadMetadata, ServiceUnavailable
from vdr.settings import JobSettings, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setattr("app.client.indexing._LOOK_S", 0.02)
    with connected(settings, worker=True) as connection:
        yield connection


@pytest.fixture
def corpus(service: Connection) -> ServedCorpus:
    return ServedCorpus(service, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pdfs"
    made.mkdir()
    return made


def names_in(corpus: ServedCorpus) -> list[str]:
    return sorted(each.name for each in corpus.documents())


def test_every_file_has_its_line_and_the_last_one_sums_up(
    corpus: ServedCorpus, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [write_report(folder / f"{name}.pdf", pages, name) for name, pages in (("a", 3), ("b", 1))]
    summary = index_by_service(corpus, files)
    *lines, last = capsys.readouterr().out.splitlines()
    assert sorted(lines) == ["a.pdf: 3 pages indexed", "b.pdf: 1 page indexed"]
    assert last.startswith("2 documents, 4 pages in ") and last.endswith("0 already indexed, 0 failed")
    assert (summary.documents, summary.pages, summary.failed) == (2, 4, 0)
    index_by_service(corpus, files)
    out = capsys.readouterr().out
    assert f"{files[0]}: already indexed (3 pages)" in out and "2 already indexed, 0 failed" in out


def test_files_that_cannot_be_indexed_are_named_with_their_path_and_skipped(
    corpus: ServedCorpus, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter, gone, good = folder / "letter.pdf", folder / "gone.pdf", folder / "good.pdf"
    letter.write_text("Dear Sir or Madam")
    write_report(good, 1)
    assert index_by_service(corpus, [letter, gone, good]).failed == 2
    told = capsys.readouterr()
    assert f"{letter}: letter.pdf is not a supported file type" in told.err
    assert f"{gone}: " in told.err and "No such file" in told.err
    assert "good.pdf: 1 page indexed" in told.out and names_in(corpus) == ["good.pdf"]


def test_metadata_and_passwords_reach_the_service(corpus: ServedCorpus, folder: Path) -> None:
    write_encrypted(folder / "locked.pdf", user_password="correct horse")
    described = Described({"year": 2023}, {"locked.pdf": {"tags": ("q3", "draft")}})
    summary = index_by_service(corpus, [folder / "locked.pdf"], "correct horse", described)
    [document] = corpus.documents()
    assert summary.failed == 0
    assert document.metadata == {"year": 2023, "tags": ["q3", "draft"]}


def test_a_new_version_is_kept_beside_the_old_one_unless_it_is_to_replace_it(
    corpus: ServedCorpus, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "report.pdf"
    for text, replace, said, left in (
        ("one", False, "indexed", 1),
        ("two", False, "another document is named report.pdf; both are kept", 2),
        ("three", True, "replaces the other documents named report.pdf once it is indexed", 1),
    ):
        index_by_service(corpus, [write_pdf(file, [text])], replace=replace)
        assert said in capsys.readouterr().out
        assert len(names_in(corpus)) == left


def test_files_of_one_run_do_not_replace_each_other(
    corpus: ServedCorpus, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "old").mkdir()
    files = [write_pdf(folder / "a.pdf", ["new"]), write_pdf(folder / "old" / "a.pdf", ["old"])]
    index_by_service(corpus, files, replace=True)
    assert "several of these files are named a.pdf; none is replaced" in capsys.readouterr().err
    assert names_in(corpus) == ["a.pdf", "a.pdf"]


def test_a_collection_that_is_not_there_is_made(service: Connection, folder: Path) -> None:
    invoices = ServedCorpus(service, "invoices")
    assert index_by_service(invoices, [write_report(folder / "a.pdf", 1)]).documents == 1
    assert names_in(invoices) == ["a.pdf"] and names_in(ServedCorpus(service, None)) == []


def test_a_full_queue_is_waited_for(
    settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.client.indexing._LOOK_S", 0.02)
    narrow = settings.model_copy(update={"jobs": JobSettings(queue_limit=1)})
    files = [write_report(folder / f"{name}.pdf", 2, name) for name in "abcd"]
    with connected(narrow, worker=True) as connection:
        assert index_by_service(ServedCorpus(connection, None), files).documents == 4
    assert capsys.readouterr().err.count("Waiting for room.") <= 1


def test_a_document_deleted_meanwhile_is_named(
    corpus: ServedCorpus, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def delete(_: float) -> None:
        corpus.delete([each.document_id for each in corpus.documents()])

    monkeypatch.setattr("app.client.indexing.sleep", delete)
    assert index_by_service(corpus, [write_report(folder / "a.pdf", 20)]).failed == 1
    assert capsys.readouterr().err == "a.pdf: deleted\n"


def test_an_interruption_says_that_the_service_goes_on(
    corpus: ServedCorpus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.client.indexing.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt, match="The service continues"):
        index_by_service(corpus, [write_report(folder / "a.pdf", 20)])


def test_a_service_that_goes_away_ends_it_with_one_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.client.connection.sleep", lambda _: None)
    monkeypatch.setattr("app.client.indexing.sleep", lambda _: None)
    gone = answering(*(httpx.ConnectError("Connection refused") for _ in range(99)))
    with pytest.raises(ServiceUnavailable, match=r"http://vdr\.test is not responding: Connection refused"):
        index_by_service(ServedCorpus(gone, None), [write_report(folder / "a.pdf", 1)])


@pytest.mark.parametrize("options", [["--metadata", "year"], ["--metadata-file", "gone.csv"]])
def test_metadata_that_cannot_be_read_stops_it(folder: Path, options: list[str]) -> None:
    app = typer.Typer()
    app.command()(index)
    result = CliRunner().invoke(app, [str(folder), *options])
    assert isinstance(result.exception, BadMetadata)
