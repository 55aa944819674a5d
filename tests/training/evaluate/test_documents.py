"""The PDFs of an evaluation, and whether the questions fit them."""

import shutil

import pytest

from tests.fixtures import pdfs
from training.evaluate.documents import check_answers, find_documents
from training.evaluate.questions import Question
from vdr.errors import BadInput, PdfBroken
from vdr.types import PageRef


def test_documents_come_in_order_of_name_with_all_their_pages(folder, settings):
    found = find_documents(folder, settings.ingest)
    assert list(found.by_name) == ["cats.pdf", "tax.pdf"]
    cats, tax = (document.document_id for document in found.ordered)
    assert found.pages == [
        PageRef(id_, n) for id_, n in ((cats, 1), (cats, 2), (cats, 3), (tax, 1), (tax, 2))
    ]


def test_two_names_of_the_same_bytes_are_one_document(folder, settings):
    shutil.copy(folder / "pdfs" / "cats.pdf", folder / "pdfs" / "another.pdf")
    found = find_documents(folder, settings.ingest)
    assert len(found.by_name) == 3 and len(found.ordered) == 2 and len(found.pages) == 5
    assert found.by_name["another.pdf"].document_id == found.by_name["cats.pdf"].document_id


def test_a_pdf_in_a_folder_below_is_named_with_it(folder, settings):
    (folder / "pdfs" / "more").mkdir()
    pdfs.write_report(folder / "pdfs" / "more" / "cats.pdf", 1)
    assert list(find_documents(folder, settings.ingest).by_name) == ["cats.pdf", "more/cats.pdf", "tax.pdf"]


def test_the_first_few_can_be_chosen(folder, settings):
    found = find_documents(folder, settings.ingest)
    assert list(found.first(1).by_name) == ["cats.pdf"]
    assert found.first(None) == found


def test_a_folder_without_pdfs_is_refused(tmp_path, settings):
    with pytest.raises(BadInput, match="no folder pdfs"):
        find_documents(tmp_path, settings.ingest)
    (tmp_path / "pdfs").mkdir()
    with pytest.raises(BadInput, match="No PDFs found"):
        find_documents(tmp_path, settings.ingest)


def test_a_broken_pdf_is_named_before_anything_is_indexed(folder, settings):
    pdfs.write_truncated(folder / "pdfs" / "half.pdf")
    with pytest.raises(PdfBroken, match=r"half\.pdf"):
        find_documents(folder, settings.ingest)


def test_a_question_about_what_is_not_there_is_refused(folder, settings):
    found = find_documents(folder, settings.ingest)
    check_answers([Question("q1", "?", "cats.pdf", (1, 3))], found)
    with pytest.raises(BadInput, match=r"q2 is about dogs\.pdf, which is not in pdfs"):
        check_answers([Question("q2", "?", "dogs.pdf", (1,))], found)
    with pytest.raises(BadInput, match=r"q3 is about page 4 of cats\.pdf, which has 3"):
        check_answers([Question("q3", "?", "cats.pdf", (1, 4))], found)
