import numpy as np
import pytest

from training.fit.data import EvalQuestions
from training.fit.first_stage import FirstStage
from training.fit.ranking import Embedded, Quality, at_every_dimension, kept, quality


@pytest.fixture
def questions():
    """Two documents of two pages; one question for each."""
    pages = ["a:1", "a:2", "b:1", "b:2"]
    relevant = {"q1": {"a:2"}, "q2": {"b:1"}}
    return EvalQuestions({"q1": "one", "q2": "two"}, relevant, pages, ["a", "a", "b", "b"], [""] * 4)


def test_quality_is_that_of_the_document_and_of_all_pages(questions):
    scores = np.array([[0.1, 0.5, 0.9, 0.2], [0.0, 0.0, 1.0, 0.5]], np.float32)
    found = quality(scores, questions)
    assert found.within == [1.0, 1.0]
    assert found.found == [["b:1", "a:2", "b:2", "a:1"], ["b:1", "b:2", "a:1", "a:2"]]
    assert found.corpus == pytest.approx([1 / np.log2(3), 1.0])


def test_equal_scores_keep_the_order_of_the_pages(questions):
    assert quality(np.zeros((2, 4), np.float32), questions).corpus == pytest.approx([1 / np.log2(3), 0.5])


def test_a_cut_vector_has_unit_length_again():
    embedded = Embedded(
        np.array([[3.0, 4.0, 5.0]]), np.array([[0.0, 2.0, 1.0], [0.0, 0.0, 1.0]]), [1, 1]
    ).cut(2)
    assert embedded.queries[0] == pytest.approx([0.6, 0.8])
    assert embedded.views[1].tolist() == [0.0, 0.0]


def test_a_page_scores_as_its_best_window_at_every_dimension():
    windows = np.array([[0.0, 1.0, 0.0], [0.6, 0.0, 0.8], [0.8, 0.6, 0.0]])  # of two pages, two and one
    embedded = Embedded(np.array([[1.0, 0.0, 0.0]]), windows, [2, 1])
    assert embedded.scores() == pytest.approx(np.array([[0.6, 0.8]]))
    assert embedded.cut(2).scores() == pytest.approx(np.array([[1.0, 0.8]]))  # 0.6, 0.0 at length 1


def test_every_dimension_is_measured_and_what_it_keeps(questions):
    right = np.eye(4, dtype=np.float32)[[1, 2]]
    qualities = at_every_dimension(Embedded(right, np.eye(4, dtype=np.float32), [1] * 4), [4, 1], questions)
    assert np.mean(qualities[4].corpus) == 1.0
    shares = kept(qualities)
    assert (shares[4].within, shares[4].corpus) == (1.0, 1.0)
    assert 0 < shares[1].corpus < 1


def test_a_gain_is_paired_and_tells_the_error_removed():
    base, tuned = Quality([0.5] * 10, [0.2] * 10, []), Quality([0.75] * 10, [0.2] * 10, [])
    gain = tuned.gain_over(base)
    assert gain.within.mean == 0.25
    assert gain.within.interval == (0.25, 0.25)
    assert gain.within.error_removed == 0.5
    assert gain.corpus.error_removed == 0.0


def test_a_base_without_error_has_none_to_remove():
    assert Quality([1.0], [1.0], []).gain_over(Quality([1.0], [1.0], [])).within.error_removed == 0.0


def test_a_question_answered_in_two_documents_is_about_one_and_whole_there():
    pages, documents = ["a:1", "a:2", "b:1"], ["a", "a", "b"]
    scores = np.array([[0.9, 0.1, 0.5]], np.float32)
    for order in (["a:1", "b:1"], ["b:1", "a:1"]):  # as a set of strings has them in one process and another
        relevant = dict.fromkeys(order).keys()
        asked = EvalQuestions({"q": "?"}, {"q": relevant}, pages, documents, [""] * 3)  # type: ignore[dict-item]
        relevant_set = type("Ordered", (set,), {"__iter__": lambda self, order=order: iter(order)})
        asked.relevant["q"] = relevant_set(order)
        found = quality(scores, asked)
        assert found.within == [1.0]
        assert FirstStage(scores, asked, 2).within == [[0, 1]]
