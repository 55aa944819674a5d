"""A file is judged by its content; each refusal is its own error, names the file and says what to do."""

import pytest

from indexer.pdf.inspect import count_pages
from tests.fixtures import pdfs
from tests.fixtures.hanging import is_gone, write_hanging, write_program
from vdr import errors
from vdr.settings import IngestSettings

SETTINGS = IngestSettings()


def refusal(path, settings=SETTINGS):
    with pytest.raises(errors.DocumentError) as caught:
        count_pages(path, "the file.pdf", settings)
    assert "the file.pdf" in str(caught.value)
    assert caught.value.remedy in str(caught.value)
    return type(caught.value)


def test_pages_are_counted(tmp_path):
    assert count_pages(pdfs.write_report(tmp_path / "a.pdf", 12), "a.pdf", SETTINGS) == 12


def test_a_pdf_by_any_other_name_is_a_pdf(tmp_path):
    assert count_pages(pdfs.write_report(tmp_path / "notes.txt", 1), "notes.txt", SETTINGS) == 1


def test_a_header_after_some_junk_is_accepted(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    path.write_bytes(b"\r\n" * 100 + path.read_bytes())
    assert count_pages(path, "a.pdf", SETTINGS) == 1


def test_a_path_that_looks_like_an_option_is_a_path(tmp_path, monkeypatch):
    path = pdfs.write_report(tmp_path / "-listenc", 2)
    monkeypatch.chdir(tmp_path)
    assert count_pages(path.relative_to(tmp_path), "-listenc", SETTINGS) == 2


def test_text_named_pdf_is_not_accepted(tmp_path):
    path = tmp_path / "letter.pdf"
    path.write_text("Dear Sir or Madam")
    assert refusal(path) is errors.NotAccepted


def test_a_header_too_far_in_is_not_accepted(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b" " * 1024 + pdfs.write_report(tmp_path / "b.pdf", 1).read_bytes())
    assert refusal(path) is errors.NotAccepted


def test_a_file_of_no_bytes_is_empty(tmp_path):
    path = tmp_path / "a.pdf"
    path.touch()
    assert refusal(path) is errors.PdfEmpty


def test_a_pdf_of_no_pages_is_empty(tmp_path):
    assert refusal(pdfs.write_without_pages(tmp_path / "a.pdf")) is errors.PdfEmpty


def test_a_pdf_that_poppler_counts_no_pages_of_is_empty(tmp_path, monkeypatch):
    write_program(tmp_path / "pdfinfo", "echo Pages: 0")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert refusal(pdfs.write_report(tmp_path / "a.pdf", 1)) is errors.PdfEmpty


def test_half_a_pdf_is_broken(tmp_path):
    assert refusal(pdfs.write_truncated(tmp_path / "a.pdf")) is errors.PdfBroken


def test_junk_behind_a_header_is_broken(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    assert refusal(path) is errors.PdfBroken


def test_a_password_is_asked_for(tmp_path):
    assert refusal(pdfs.write_encrypted(tmp_path / "a.pdf", user_password="x")) is errors.PdfEncrypted


def test_a_pdf_that_only_forbids_copying_is_welcome(tmp_path):
    assert count_pages(pdfs.write_encrypted(tmp_path / "a.pdf", user_password=""), "a.pdf", SETTINGS) == 1


def test_limits_on_size_and_pages(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 3)
    size = path.stat().st_size
    assert count_pages(path, "a.pdf", IngestSettings(max_file_bytes=size, max_pages=3)) == 3
    assert refusal(path, IngestSettings(max_file_bytes=size - 1)) is errors.FileTooLarge
    assert refusal(path, IngestSettings(max_pages=2)) is errors.TooManyPages


def test_a_pdf_that_takes_forever_to_open_is_broken(tmp_path, monkeypatch):
    write_program(tmp_path / "pdfinfo", "exec cat /dev/zero > /dev/null")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    assert refusal(path, IngestSettings(page_timeout_s=0.05)) is errors.PdfBroken


def test_a_pdfinfo_that_hangs_is_killed_with_what_it_started(tmp_path, monkeypatch):
    write_hanging(tmp_path / "pdfinfo", tmp_path / "child")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    assert refusal(path, IngestSettings(page_timeout_s=2)) is errors.PdfBroken
    assert is_gone(tmp_path / "child")


def test_a_title_that_counts_pages_is_not_believed(tmp_path, monkeypatch):
    write_program(tmp_path / "pdfinfo", "printf 'Title: a\\nPages: 9\\nPages:           2\\n'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert count_pages(pdfs.write_report(tmp_path / "a.pdf", 1), "a.pdf", SETTINGS) == 2


def test_without_poppler_its_name_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(errors.MissingProgram, match="poppler"):
        count_pages(pdfs.write_report(tmp_path / "a.pdf", 1), "a.pdf", SETTINGS)
