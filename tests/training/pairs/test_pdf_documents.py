"""Bad PDFs are named, explained and skipped; the others go on."""

import shutil

from tests.fixtures import pdfs
from tests.training.pairs.parts import write_filing
from training.pairs.pdf_documents import open_pdfs


def test_good_pdfs_go_on_where_bad_ones_are_refused(tmp_path, settings):
    good = pdfs.write_report(tmp_path / "good.pdf", 2)
    locked = pdfs.write_encrypted(tmp_path / "locked.pdf", user_password="secret")
    note = tmp_path / "note.pdf"
    note.write_text("no PDF at all")
    opened = open_pdfs([locked, good, note], settings)
    assert [document.name for document in opened.documents] == ["good.pdf"]
    assert opened.refused == ("locked.pdf", "note.pdf")
    assert any("locked.pdf is password-protected" in warning for warning in opened.warnings)


def test_pages_come_with_text_and_image(tmp_path, settings):
    document = open_pdfs([write_filing(tmp_path / "a.pdf", "Acme", ["steel", "tin"])], settings).documents[0]
    assert "Tin of Acme" in document.texts[1]
    pages = dict(document.images([2]))
    assert list(pages) == [2] and max(pages[2].size) == 256


def test_pages_without_text_are_counted(tmp_path, settings):
    one = open_pdfs([pdfs.write_pdf(tmp_path / "a.pdf", ["words", ""])], settings)
    two = open_pdfs([pdfs.write_pdf(tmp_path / "b.pdf", ["", ""])], settings)
    assert one.warnings == ("1 page of a.pdf has no text.",)
    assert two.warnings == ("2 pages of b.pdf have no text.",)
    assert two.documents[0].texts == ("", "")


def test_the_same_bytes_twice_are_one_document(tmp_path, settings):
    first = pdfs.write_report(tmp_path / "a.pdf", 1)
    second = shutil.copy(first, tmp_path / "b.pdf")
    opened = open_pdfs([first, second], settings)  # type: ignore[list-item]
    assert [document.name for document in opened.documents] == ["a.pdf"]
    assert opened.warnings == ("b.pdf is identical to a.pdf.",)


def test_two_files_of_one_name_are_told_apart_by_their_path(tmp_path, settings):
    paths = []
    for year in ("2018", "2019"):
        (tmp_path / year).mkdir()
        paths.append(pdfs.write_report(tmp_path / year / "report.pdf", 1, year))
    names = [document.name for document in open_pdfs(paths, settings).documents]
    assert names == [path.as_posix() for path in paths]


def test_text_that_takes_too_long_is_missing_and_said(tmp_path, settings, monkeypatch):
    tools, real = tmp_path / "bin", shutil.which("pdfinfo")
    tools.mkdir()
    (tools / "pdfinfo").symlink_to(real)
    (tools / "pdftohtml").write_text("#!/bin/sh\nexec /bin/sleep 20\n")
    (tools / "pdftohtml").chmod(0o755)
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    monkeypatch.setenv("PATH", str(tools))
    opened = open_pdfs([path], settings.model_copy(update={"page_timeout_s": 0.5}))
    assert opened.documents[0].texts == ("",)
    assert "took longer than 0.5 s" in opened.warnings[0]
