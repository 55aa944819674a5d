"""The samples as `vdr demo` asks about them."""

import pytest

from samples.corpus import SampleCorpus
from samples.demo import DemoCorpus, sample_corpus


@pytest.fixture
def demo(corpus: SampleCorpus) -> DemoCorpus:
    return sample_corpus(corpus)


def test_five_questions_are_shown(demo: DemoCorpus) -> None:
    assert len(demo.shown) == 5


def test_all_questions_are_counted(demo: DemoCorpus, corpus: SampleCorpus) -> None:
    assert [question.query for question in demo.questions] == [
        question.query for question in corpus.questions
    ]
    assert set(demo.shown) < set(demo.questions)


def test_every_question_knows_its_file_and_page(demo: DemoCorpus) -> None:
    names = {file.name for file in demo.files if file.is_file()}
    assert {question.document for question in demo.questions} <= names
    assert all(question.page_numbers for question in demo.questions)


def test_scans_charts_and_figures_are_known_to_be_in_pixels_only(demo: DemoCorpus) -> None:
    kinds = {kind for question in demo.questions if question.is_in_pixels_only for kind in question.evidence}
    assert kinds == {"Scan", "Chart", "Figure"}
