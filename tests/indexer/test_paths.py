"""Files, folders and patterns all lead to PDFs, each once."""

import pytest

from indexer.paths import find_files
from vdr.errors import BadInput


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in (
        "a.pdf",
        "B.PDF",
        "notes.txt",
        "deep/er/c.pdf",
        "deep/budget [2023].pdf",
        "not-a-file.pdf/d.pdf",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*paths):
    return [path.name for path in find_files(paths)]


def test_a_folder_gives_every_pdf_below_it_in_order(folder):
    assert names(str(folder)) == ["B.PDF", "a.pdf", "budget [2023].pdf", "c.pdf", "d.pdf"]


def test_a_named_file_is_taken_whatever_its_ending(folder):
    assert names("notes.txt", "a.pdf") == ["notes.txt", "a.pdf"]


def test_patterns_are_resolved(folder):
    assert names("*.pdf") == ["a.pdf", "d.pdf"]  # a folder that matches gives the PDFs below it
    assert names("**/c.*") == ["c.pdf"]
    assert names(str(folder / "d*" / "er")) == ["c.pdf"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(folder):
    assert names("deep/budget [2023].pdf") == ["budget [2023].pdf"]


def test_a_file_meant_twice_is_found_once(folder):
    assert names("a.pdf", "./a.pdf", str(folder / "a.pdf"), "*.pdf") == ["a.pdf", "d.pdf"]


def test_a_path_that_leads_nowhere_is_told(folder):
    with pytest.raises(BadInput, match=r"missing\.pdf"):
        find_files(["a.pdf", "missing.pdf"])


def test_a_folder_without_pdfs_is_told(folder):
    (folder / "empty").mkdir()
    with pytest.raises(BadInput, match="empty"):
        find_files(["empty"])
