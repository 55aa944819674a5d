"""`vdr index` says what it does, file by file, and its exit code says how it went."""

import os
import pty
import subprocess
import sys
from threading import Thread

import pytest
from PIL import Image

from indexer.commands.describing import read_described
from indexer.commands.index import run
from tests.fixtures import pdfs
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import library_in
from vdr.errors import ExitCode, IndexUnavailable, ModelError, ObjectDamaged


@pytest.fixture(autouse=True)
def environment(tmp_path, monkeypatch):
    monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
    monkeypatch.setenv("VDR_PAGE_TIMEOUT_S", "2")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "pdfs"
    made.mkdir()
    return made


def index_paths(*paths, embedder=None, **options):
    return run([str(path) for path in paths], lambda _: embedder or TinyEmbedder(), **options)


def metadata_in(data_dir):
    with library_in(data_dir) as library:
        return {each.name: each.metadata for each in library.catalogue.page(10)}


def test_metadata_of_all_files_and_of_each_by_its_name(folder, tmp_path, capsys):
    for name in ("a", "b"):
        pdfs.write_report(folder / f"{name}.pdf", 1, name)
    by_name = tmp_path / "about.csv"
    by_name.write_text("name,year,team\na.pdf,2021,north\ngone.pdf,1999,\n")
    described = read_described(["team=south", "paid=true"], by_name)
    assert index_paths(folder, described=described) == 0
    err = capsys.readouterr().err
    assert err == "gone.pdf is in the metadata file, but not among the files to index.\n"
    assert metadata_in(tmp_path / "data") == {
        "a.pdf": {"team": "north", "paid": True, "year": 2021},
        "b.pdf": {"team": "south", "paid": True},
    }


def test_files_already_indexed_get_new_metadata_and_keep_the_old_without(folder, tmp_path):
    pdfs.write_report(folder / "a.pdf", 1)
    index_paths(folder, described=read_described(["year=2021"], None))
    index_paths(folder)
    assert metadata_in(tmp_path / "data") == {"a.pdf": {"year": 2021}}
    index_paths(folder, described=read_described(["year=2022"], None))
    assert metadata_in(tmp_path / "data") == {"a.pdf": {"year": 2022}}


def test_every_file_has_its_line_and_the_last_one_sums_up(folder, capsys):
    pdfs.write_report(folder / "a.pdf", 1, "a")
    pdfs.write_report(folder / "b.pdf", 12, "b")
    assert index_paths(folder) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == ["a.pdf: 1 page indexed", "b.pdf: 12 pages indexed"]
    assert out.splitlines()[2].startswith("2 documents, 13 pages in ")
    assert out.splitlines()[2].endswith(" pages/s); 0 already indexed, 0 failed")
    assert err == ""


def test_a_second_time_everything_is_known(folder, capsys):
    pdfs.write_report(folder / "a.pdf", 3)
    index_paths(folder)
    capsys.readouterr()
    assert index_paths(folder) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"{folder / 'a.pdf'}: already indexed (3 pages)"
    assert out[1].endswith("1 already indexed, 0 failed")


@pytest.mark.skipif(sys.platform != "linux", reason="file names have to be Unicode here")
def test_file_names_that_cannot_be_printed_stop_nothing(folder, capsys):
    pdfs.write_report(folder / os.fsdecode(b"caf\xe9.pdf"), 1)
    (folder / "a\x1b[2J\n.pdf").write_text("no PDF")
    assert index_paths(folder) == ExitCode.SOME_FAILED
    assert index_paths(folder) == ExitCode.SOME_FAILED
    out, err = capsys.readouterr()
    assert f"{folder / 'caf?.pdf'}: already indexed (1 page)" in out
    assert err.splitlines()[0].startswith(f"{folder / 'a?[2J?.pdf'}: ")


def test_what_is_skipped_is_listed_if_wanted_and_taken_if_wanted(folder, tmp_path, capsys):
    pdfs.write_report(folder / "a.pdf", 1)
    pdfs.write_report(folder / ".b.pdf", 1, "b")
    assert index_paths(folder) == 0
    assert ".b.pdf" not in capsys.readouterr().out
    assert index_paths(tmp_path, verbose=True) == 0  # now with the data folder in it
    out = capsys.readouterr().out
    assert f"{folder / '.b.pdf'}: hidden (skipped)" in out
    assert f"{tmp_path / 'data'}: vdr's own data (skipped)" in out
    assert "0 documents, 0 pages" in out
    assert index_paths(folder, hidden=True) == 0
    assert ".b.pdf: 1 page indexed" in capsys.readouterr().out


def test_a_folder_that_cannot_be_entered_is_named_and_not_a_success(folder, capsys, monkeypatch):
    pdfs.write_report(folder / "a.pdf", 1)
    (folder / "private").mkdir()
    real = os.scandir

    def scandir(path):
        if str(path).endswith("private"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert index_paths(folder) == ExitCode.SOME_FAILED
    out, err = capsys.readouterr()
    assert err == f"{folder / 'private'}: cannot be read: Permission denied\n"
    assert "a.pdf: 1 page indexed" in out


def names_in(data_dir):
    with library_in(data_dir) as library:
        return sorted((each.name, each.page_count) for each in library.catalogue.page(10))


def test_a_renamed_file_is_known_by_both_names(folder, tmp_path, capsys):
    pdfs.write_report(folder / "scan1.pdf", 1)
    index_paths(folder)
    (folder / "scan1.pdf").rename(folder / "better.pdf")
    capsys.readouterr()
    assert index_paths(folder) == 0
    line = f"{folder / 'better.pdf'}: already indexed (1 page), also known as scan1.pdf"
    assert capsys.readouterr().out.splitlines()[0] == line
    assert names_in(tmp_path / "data") == [("better.pdf", 1)]


def test_a_new_version_is_kept_beside_the_old_one_and_said_to_be(folder, tmp_path, capsys):
    for pages in (1, 2):
        pdfs.write_report(folder / "a.pdf", pages)
        index_paths(folder)
    assert "another document is named a.pdf; both are kept (see --replace)" in capsys.readouterr().out
    assert names_in(tmp_path / "data") == [("a.pdf", 1), ("a.pdf", 2)]


def test_a_new_version_replaces_the_old_one_where_that_is_wanted(folder, tmp_path, capsys):
    for pages in (1, 2):
        pdfs.write_report(folder / "a.pdf", pages)
        assert index_paths(folder, replace=True) == 0
    assert "a.pdf: replaces the other documents named a.pdf once it is indexed" in capsys.readouterr().out
    assert names_in(tmp_path / "data") == [("a.pdf", 2)]


def test_a_version_that_cannot_be_indexed_replaces_nothing(folder, tmp_path):
    pdfs.write_report(folder / "a.pdf", 1)
    index_paths(folder)
    pdfs.write_with_endless_page(folder / "a.pdf", pages=1, endless=(1,))
    assert index_paths(folder, replace=True) == ExitCode.SOME_FAILED
    pdfs.write_truncated(folder / "a.pdf")
    assert index_paths(folder, replace=True) == ExitCode.SOME_FAILED
    with library_in(tmp_path / "data") as library:
        states = {each.indexing.state.value for each in library.catalogue.page(10)}
        assert states == {"indexed", "failed"}


def test_files_of_one_run_do_not_replace_each_other(folder, tmp_path, capsys):
    for year, pages in (("2020", 1), ("2021", 2)):
        (folder / year).mkdir()
        pdfs.write_report(folder / year / "report.pdf", pages)
    for _ in range(2):
        assert index_paths(folder, replace=True) == 0
        assert "several of these files are named report.pdf; none is replaced." in capsys.readouterr().err
    assert names_in(tmp_path / "data") == [("report.pdf", 1), ("report.pdf", 2)]


def test_metadata_finds_a_file_however_its_name_is_written(folder, tmp_path, capsys):
    pdfs.write_report(folder / "Bru\u0308h.pdf", 1)
    about = tmp_path / "about.csv"
    about.write_text("name,year\nBr\u00fch.pdf,2021\n")
    assert index_paths(folder, described=read_described([], about)) == 0
    assert metadata_in(tmp_path / "data") == {"Br\u00fch.pdf": {"year": 2021}}
    assert capsys.readouterr().err == ""


def test_two_files_with_the_same_bytes_are_indexed_once(folder, capsys):
    for name in ("a.pdf", "b.pdf"):
        pdfs.write_report(folder / name, 2)
    assert index_paths(folder) == 0
    assert "1 document, 2 pages in" in capsys.readouterr().out


def test_files_that_cannot_be_indexed_are_named_explained_and_passed(folder, capsys):
    pdfs.write_report(folder / "good.pdf", 1)
    pdfs.write_truncated(folder / "half.pdf")
    pdfs.write_encrypted(folder / "locked.pdf", user_password="x")
    pdfs.write_without_pages(folder / "none.pdf")
    (folder / "empty.pdf").touch()
    (folder / "letter.pdf").write_text("Dear Sir or Madam")
    pdfs.write_with_endless_page(folder / "endless.pdf", pages=1, endless=(1,))
    assert index_paths(folder) == ExitCode.SOME_FAILED
    out, err = capsys.readouterr()
    assert "good.pdf: 1 page indexed" in out
    assert out.splitlines()[-1].endswith("0 already indexed, 6 failed")
    assert len(err.splitlines()) == 6
    for name, reason, remedy in [
        ("half.pdf", "damaged", "Repair"),
        ("locked.pdf", "password", "--ask-password"),
        ("none.pdf", "no pages", "exported"),
        ("empty.pdf", "is empty", "exported"),
        ("letter.pdf", "not a supported file type (PDF, PNG", "as PDF"),
        ("endless.pdf", "longer than 2 s", "PDF viewer"),
    ]:
        [line] = [line for line in err.splitlines() if name in line]
        assert reason in line and remedy in line


def test_a_page_that_was_passed_over_is_told(folder, capsys):
    pdfs.write_with_missing_page(folder / "a.pdf")
    assert index_paths(folder) == 0
    out = capsys.readouterr().out
    assert "a.pdf: 2 pages indexed" in out
    assert "a.pdf: page 3 skipped. The PDF lists page 3 but does not contain it." in out


def test_a_file_that_may_not_be_read_is_passed(folder, capsys, monkeypatch):
    pdfs.write_report(folder / "a.pdf", 1)
    path = folder / "gone.pdf"
    path.touch()

    def load(_):
        path.unlink()  # between being found and being read
        return TinyEmbedder()

    assert run([str(folder)], load) == ExitCode.SOME_FAILED
    out, err = capsys.readouterr()
    assert "a.pdf: 1 page indexed" in out
    assert "gone.pdf" in err


def test_names_are_shown_as_they_are(folder, capsys):
    pdfs.write_report(folder / "[bold]it's “Q3” 📈 :smile:.pdf", 1)
    index_paths(folder)
    assert "[bold]it's “Q3” 📈 :smile:.pdf: 1 page indexed" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["nowhere.pdf", "empty", "no*.pdf"])
def test_bad_usage_is_told_in_one_line_before_a_model_is_loaded(folder, capsys, monkeypatch, path):
    monkeypatch.chdir(folder)
    (folder / "empty").mkdir()
    assert run([path], lambda _: pytest.fail("A model was loaded.")) == ExitCode.NOT_DONE
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1 and path in err


def test_a_bad_setting_is_bad_usage(folder, capsys, monkeypatch):
    monkeypatch.setenv("VDR_MAX_PAGES", "many")
    pdfs.write_report(folder / "a.pdf", 1)
    assert index_paths(folder) == ExitCode.NOT_DONE
    assert "VDR_MAX_PAGES" in capsys.readouterr().err


_INDEXED_AGAIN = """
import sys
from indexer.commands.index import run
print(int(run(sys.argv[1:])), "torch" in sys.modules)
"""


@pytest.mark.parametrize(
    ("dims", "expected"), [("", f"{ExitCode.OK} False"), ("64", f"{ExitCode.NOT_DONE} False")]
)
def test_where_nothing_is_new_the_model_is_checked_but_not_loaded(folder, monkeypatch, dims, expected):
    pdfs.write_report(folder / "a.pdf", 1)
    assert run([str(folder)]) == ExitCode.OK
    if dims:
        monkeypatch.setenv("VDR_DIMS", dims)
    again = [sys.executable, "-c", _INDEXED_AGAIN, str(folder)]
    done = subprocess.run(again, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == expected


def test_a_model_that_cannot_be_loaded_fails_no_document(folder, tmp_path, capsys, monkeypatch):
    def load(*_):
        raise ModelError("There is no model x.")

    pdfs.write_report(folder / "a.pdf", 1)
    monkeypatch.setattr("vdr.models.embedder.load_embedder", load)
    assert run([str(folder)]) == ExitCode.NOT_DONE
    assert capsys.readouterr().err.startswith("There is no model x.")
    with library_in(tmp_path / "data") as library:
        assert [each.name for each in library.catalogue.unfinished()] == ["a.pdf"]


def test_a_library_that_another_process_holds_ends_the_run(folder, tmp_path, capsys):
    pdfs.write_report(folder / "a.pdf", 1)
    with library_in(tmp_path / "data") as library:
        library.claim().count()
        assert index_paths(folder) == ExitCode.NOT_DONE
    assert capsys.readouterr().err.count("\n") == 1


def test_a_model_that_cannot_be_loaded_is_told_in_one_line(folder, capsys):
    def load(_):
        raise ModelError("There is no model x.")

    pdfs.write_report(folder / "a.pdf", 1)
    assert run([str(folder)], load) == ExitCode.NOT_DONE
    assert capsys.readouterr().err.startswith("There is no model x. Set VDR_EMBEDDER")


def test_a_lost_index_ends_the_run(folder, capsys):
    def lose(images):
        raise IndexUnavailable("Nobody answers.")

    pdfs.write_report(folder / "a.pdf", 1)
    assert index_paths(folder, embedder=TinyEmbedder(lose)) == ExitCode.NOT_DONE
    assert "Nobody answers." in capsys.readouterr().err


def test_an_interrupted_run_ends_cleanly_and_the_next_goes_on(folder, tmp_path, capsys):
    batches = iter(range(2))

    def interrupt(images):
        if next(batches, None) is None:
            raise KeyboardInterrupt

    pdfs.write_report(folder / "a.pdf", 30)
    assert index_paths(folder, embedder=TinyEmbedder(interrupt)) == ExitCode.INTERRUPTED
    assert "Run the same command again" in capsys.readouterr().err
    seen = []
    assert index_paths(folder, embedder=TinyEmbedder(lambda images: seen.append(len(images)))) == 0
    assert seen == [8, 6]
    with library_in(tmp_path / "data") as library:
        assert library.index.count() == 30


def test_a_terminal_sees_a_bar(folder, tmp_path):
    pdfs.write_report(folder / "a.pdf", 20)
    program = (
        "import sys; from indexer.commands.index import run;"
        "from tests.fixtures.embedder import TinyEmbedder;"
        "sys.exit(run(sys.argv[1:], lambda _: TinyEmbedder()))"
    )
    ours, theirs = pty.openpty()
    seen = bytearray()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=theirs, stderr=theirs, env=environment
    ) as process:
        reader = Thread(target=read_all, args=(ours, seen))
        reader.start()
        code = process.wait()
    os.close(theirs)
    reader.join()
    os.close(ours)
    assert code == 0
    for part in ("Checking files", "━", "pages/s", "a.pdf: 20 pages indexed", "1 document, 20 pages"):
        assert part in seen.decode()


def read_all(descriptor, seen):
    try:
        while part := os.read(descriptor, 4096):
            seen += part
    except OSError:  # how a pseudo-terminal says that the other side is closed
        pass


def test_locked_pdfs_and_images_are_indexed_too(folder, capsys):
    pdfs.write_encrypted(folder / "locked.pdf", user_password="correct horse")
    Image.new("RGB", (200, 300), "navy").save(folder / "chart.png")
    assert run([str(folder)], lambda _: TinyEmbedder(), password="correct horse") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "chart.png: 1 page indexed" in out and "2 documents" in out.splitlines()[-1]


def test_a_document_whose_ocr_is_given_up_is_named_and_the_next_one_is_read(
    folder, tmp_path, monkeypatch, capsys
):
    for name in ("a", "b"):
        pdfs.write_report(folder / f"{name}.pdf", 1, name)
    monkeypatch.setenv("VDR_OCR", "all")
    monkeypatch.setattr("indexer.commands.index.check_ocr", lambda *_: None)
    read = []

    def complete(library, document_id, attempt, *, after_run):
        read.append(library.catalogue.get(document_id).name)
        if len(read) == 1:
            raise ObjectDamaged("The stored object pages/1.webp is corrupted.")
        after_run(1)

    monkeypatch.setattr("indexer.commands.index.complete_document", complete)
    assert index_paths(folder) == ExitCode.SOME_FAILED
    told = capsys.readouterr()
    assert told.err.startswith(f"{read[0]}: The stored object pages/1.webp is corrupted.")
    assert sorted(read) == ["a.pdf", "b.pdf"] and "OCR finished for 1 page." in told.out


def test_a_document_that_somebody_cancels_meanwhile_does_not_end_the_others(folder, tmp_path, capsys):
    pdfs.write_report(folder / "a.pdf", 1, "a")
    pdfs.write_report(folder / "b.pdf", 1, "b")
    cancelled = []

    def cancel(images):
        if not cancelled:
            with library_in(tmp_path / "data") as library:
                cancelled.append(library.catalogue.unfinished()[0].name)
                library.catalogue.cancel(library.catalogue.unfinished()[0].document_id)

    assert index_paths(folder, embedder=TinyEmbedder(cancel)) == ExitCode.SOME_FAILED
    assert f"{cancelled[0]} was cancelled." in capsys.readouterr().err
    with library_in(tmp_path / "data") as library:
        states = {each.name: str(each.indexing.state) for each in library.catalogue.page(10)}
    assert sorted(states.values()) == ["cancelled", "indexed"]
