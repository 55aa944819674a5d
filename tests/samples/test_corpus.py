"""The sample corpus keeps its promises: every question is answered exactly where it says."""

import json
import re
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from samples.corpus import (
    SOURCE,
    SampleCorpus,
    SampleDocument,
    SampleQuestion,
    demo_questions,
    write_samples,
)
from samples.documents import DOCUMENTS
from samples.page_design import IN_PIXELS_ONLY, Evidence, draw_document
from tests.samples.conftest import plain, text_layer
from training.drawing.fonts import FontBook

SHORT = next(design for design in DOCUMENTS if design.file_name == "skarvoy-travel-brochure.pdf")


def in_pixels(question: SampleQuestion) -> bool:
    return not IN_PIXELS_ONLY.isdisjoint(question.evidence)


def document_of(corpus: SampleCorpus, question: SampleQuestion) -> SampleDocument:
    return next(document for document in corpus.documents if document.file_name == question.document)


def layer_of(corpus: SampleCorpus, file_name: str) -> tuple[str, ...]:
    return text_layer(corpus.folder / "pdfs" / file_name)


def pages_with(answer: str, pages: tuple[str, ...]) -> set[int]:
    return {number for number, text in enumerate(pages, 1) if plain(answer) in text}


def test_there_are_ten_documents_or_more_with_sixty_pages_or_more(corpus):
    assert len(corpus.documents) >= 10
    assert sum(document.page_count for document in corpus.documents) >= 60
    assert len({document.kind for document in corpus.documents}) == len(corpus.documents)


def test_there_are_sixty_questions_or_more_and_a_dozen_for_scans_and_for_pictures(corpus):
    count = Counter(kind for question in corpus.questions for kind in question.evidence)

    assert len(corpus.questions) >= 60
    assert set(count) == set(Evidence)
    assert count[Evidence.SCAN] >= 12
    assert count[Evidence.CHART] >= 12
    assert count[Evidence.FIGURE] >= 12


def test_the_files_hold_the_pages_that_the_corpus_names(corpus):
    written = sorted(path.name for path in (corpus.folder / "pdfs").iterdir())

    assert written == sorted(document.file_name for document in corpus.documents)
    for document in corpus.documents:
        assert len(layer_of(corpus, document.file_name)) == document.page_count


def test_every_page_answers_a_question(corpus):
    for document in corpus.documents:
        asked = {n for q in corpus.questions if q.document == document.file_name for n in q.page_numbers}
        assert asked == set(range(1, document.page_count + 1)), document.file_name


def test_questions_are_whole_sentences_and_none_is_asked_twice(corpus):
    texts = [question.query for question in corpus.questions]

    assert all(re.fullmatch(r"[A-Z].{20,}[.?]", text) for text in texts)
    assert len(set(texts)) == len(texts)


def test_an_answer_in_text_stands_in_the_text_layer_of_its_pages(corpus):
    for question in corpus.questions:
        if not in_pixels(question):
            found = pages_with(question.answer, layer_of(corpus, question.document))
            assert found >= set(question.page_numbers), question.query


def test_no_text_layer_of_the_document_has_an_answer_that_stands_in_pixels(corpus):
    asked = [question for question in corpus.questions if in_pixels(question)]

    for question in asked:
        assert not pages_with(question.answer, layer_of(corpus, question.document)), question.query


def test_an_answer_in_pixels_was_written_into_a_picture_of_its_pages(corpus):
    for question in corpus.questions:
        if in_pixels(question):
            pictured = tuple(plain(" ".join(words)) for words in document_of(corpus, question).pictured_words)
            assert pages_with(question.answer, pictured) >= set(question.page_numbers), question.query


def test_a_scan_has_no_text_layer_at_all(corpus):
    scanned = {question.document for question in corpus.questions if Evidence.SCAN in question.evidence}

    assert scanned
    for file_name in scanned:
        assert not "".join(layer_of(corpus, file_name)).strip()


def test_a_question_that_two_pages_declare_is_asked_once_and_names_both(corpus):
    dividend = next(question for question in corpus.questions if "dividend" in question.query)

    assert dividend.page_numbers == (2, 11)


def test_the_list_has_the_form_of_labelled_questions(corpus):
    lines = (corpus.folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])

    assert len(lines) == len(corpus.questions)
    assert first == {
        "query_id": "samples-0001",
        "query": corpus.questions[0].query,
        "document": "tarnbeck-annual-report.pdf",
        "page_numbers": [1],
        "n_pages": 11,
        "source": SOURCE,
        "document_kind": "Annual report",
        "evidence": ["Text"],
    }


def test_the_demo_asks_one_question_for_each_kind_of_evidence(corpus):
    asked = demo_questions(corpus)

    assert len(asked) == 5
    assert {kind for question in asked for kind in question.evidence} == set(Evidence)


def test_no_text_runs_out_of_its_place(corpus):
    assert {document.file_name: document.overfull_pages for document in corpus.documents} == {
        document.file_name: () for document in corpus.documents
    }


def test_the_corpus_is_small(corpus):
    assert sum(path.stat().st_size for path in (corpus.folder / "pdfs").iterdir()) < 15e6


def test_the_same_seed_gives_the_same_bytes_and_another_seed_the_same_words(corpus, tmp_path):
    written = corpus.folder / "pdfs" / SHORT.file_name
    again = draw_document(SHORT, 7, FontBook())
    other = draw_document(SHORT, 8, FontBook())
    (tmp_path / "other.pdf").write_bytes(other.pdf)

    assert again.pdf == written.read_bytes()
    assert other.pdf != again.pdf
    assert other.pictured_words == again.pictured_words
    assert text_layer(tmp_path / "other.pdf") == text_layer(written)


def test_without_any_installed_font_every_document_is_still_drawn(tmp_path):
    fonts = FontBook(font_folders := (tmp_path,))

    for design in DOCUMENTS:
        short = replace(design, pages=design.pages[-2:])
        drawn = draw_document(short, 7, fonts)
        (tmp_path / design.file_name).write_bytes(drawn.pdf)
        assert len(text_layer(tmp_path / design.file_name)) == len(short.pages)
    assert not list(font_folders[0].glob("*.ttf"))


def test_the_turned_page_is_stored_upright_and_shown_turned(corpus):
    pdf = corpus.folder / "pdfs" / "tm-340-datasheet.pdf"
    told = subprocess.run(
        ["pdfinfo", "-f", "5", "-l", "5", str(pdf)], capture_output=True, text=True, check=True
    )

    assert re.search(r"Page +5 rot: +90", told.stdout)
    assert re.search(r"Page +5 size: +595 x 842", told.stdout)
    assert "who-am-i" not in layer_of(corpus, pdf.name)[4] and "Who am I" in layer_of(corpus, pdf.name)[4]


def test_pages_can_be_rasterized_and_are_not_blank(corpus, tmp_path):
    for document in corpus.documents:
        pdf = corpus.folder / "pdfs" / document.file_name
        target = tmp_path / document.file_name
        subprocess.run(["pdftoppm", "-r", "20", "-gray", str(pdf), str(target)], check=True)
        pages = sorted(tmp_path.glob(f"{document.file_name}-*.pgm"))
        assert len(pages) == document.page_count
        for page in pages:
            low, high = Image.open(page).getextrema()
            assert high - low > 60, page.name  # type: ignore[operator]


@pytest.fixture
def few_documents(monkeypatch):
    monkeypatch.setattr("samples.corpus.DOCUMENTS", DOCUMENTS[5:6])


@pytest.mark.usefixtures("few_documents")
class TestWriting:
    def test_an_empty_folder_is_filled(self, tmp_path):
        assert write_samples(tmp_path).folder == tmp_path
        assert {path.name for path in tmp_path.iterdir()} == {"pdfs", "queries.jsonl"}

    def test_what_was_written_may_be_written_again_with_the_same_bytes(self, tmp_path):
        def contents() -> dict[Path, bytes]:
            return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

        write_samples(tmp_path)
        before = contents()
        write_samples(tmp_path)
        assert contents() == before

    def test_a_writing_that_was_cut_short_may_be_repeated(self, tmp_path):
        write_samples(tmp_path)
        for pdf in (tmp_path / "pdfs").iterdir():
            pdf.unlink()
        write_samples(tmp_path)
        assert list((tmp_path / "pdfs").iterdir())
