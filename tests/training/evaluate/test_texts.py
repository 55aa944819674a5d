"""The text layer as plain pdftotext gives it: a text for every page, whatever there is on it."""

import pytest

from tests.fixtures.hanging import is_gone, write_hanging
from training.evaluate.documents import CorpusDocument
from training.evaluate.texts import read_texts
from vdr.errors import MissingProgram, PdfBroken
from vdr.settings import IngestSettings

SETTINGS = IngestSettings()


def document(folder, name, page_count):
    return CorpusDocument(name.ljust(64, "0"), folder / "pdfs" / name, page_count)


def test_texts_come_page_by_page_in_order_of_the_documents(folder, tmp_path):
    documents = [document(folder, "tax.pdf", 2), document(folder, "cats.pdf", 3)]
    texts = [text.strip() for text in read_texts(documents, tmp_path / "texts", SETTINGS)]
    assert texts[0] == "income tax rose by seven percent"
    assert texts[2] == "the cat sleeps all day"
    assert len(texts) == 5


def test_there_is_a_text_for_every_page_that_the_pdf_counts(folder, tmp_path):
    texts = read_texts([document(folder, "tax.pdf", 4)], tmp_path / "texts", SETTINGS)
    assert len(texts) == 4 and texts[2:] == ["", ""]


def test_what_was_read_once_is_kept(folder, tmp_path):
    documents = [document(folder, "tax.pdf", 2)]
    first = read_texts(documents, tmp_path / "texts", SETTINGS)
    (folder / "pdfs" / "tax.pdf").unlink()
    assert read_texts(documents, tmp_path / "texts", SETTINGS) == first


def test_a_pdftotext_that_hangs_is_killed_with_what_it_started(folder, tmp_path, monkeypatch):
    write_hanging(tmp_path / "pdftotext", tmp_path / "child")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(PdfBroken, match=r"tax\.pdf took longer than 2 s"):
        read_texts([document(folder, "tax.pdf", 2)], tmp_path / "texts", IngestSettings(page_timeout_s=1))
    assert is_gone(tmp_path / "child")


def test_what_pdftotext_cannot_read_is_named(folder, tmp_path):
    (folder / "pdfs" / "tax.pdf").write_bytes(b"nothing")
    with pytest.raises(PdfBroken, match=r"tax\.pdf cannot be read"):
        read_texts([document(folder, "tax.pdf", 2)], tmp_path / "texts", SETTINGS)


def test_without_poppler_it_says_so(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="pdftotext"):
        read_texts([document(folder, "tax.pdf", 2)], tmp_path / "texts", SETTINGS)
