"""The text layer as plain pdftotext gives it: a text for every page, whatever there is on it."""

from training.evaluate.documents import CorpusDocument
from training.evaluate.texts import read_texts


def document(folder, name, page_count):
    return CorpusDocument(name.ljust(64, "0"), folder / "pdfs" / name, page_count)


def test_texts_come_page_by_page_in_order_of_the_documents(folder, tmp_path):
    documents = [document(folder, "tax.pdf", 2), document(folder, "cats.pdf", 3)]
    texts = [text.strip() for text in read_texts(documents, tmp_path / "texts")]
    assert texts[0] == "income tax rose by seven percent"
    assert texts[2] == "the cat sleeps all day"
    assert len(texts) == 5


def test_there_is_a_text_for_every_page_that_the_pdf_counts(folder, tmp_path):
    texts = read_texts([document(folder, "tax.pdf", 4)], tmp_path / "texts")
    assert len(texts) == 4 and texts[2:] == ["", ""]


def test_what_was_read_once_is_kept(folder, tmp_path):
    documents = [document(folder, "tax.pdf", 2)]
    first = read_texts(documents, tmp_path / "texts")
    (folder / "pdfs" / "tax.pdf").unlink()
    assert read_texts(documents, tmp_path / "texts") == first
