"""What a first model ranks, put in order by a second."""

import numpy as np
import pytest

from training.fit.data import EvalQuestions
from training.fit.evaluator import embed
from training.fit.first_stage import FirstStage
from training.fit.views import ImageViews

PAGES = ["a#1", "a#2", "a#3", "b#1", "b#2"]
DOCUMENTS = ["a", "a", "a", "b", "b"]
FIRST = np.array([[0.9, 0.8, 0.1, 0.7, 0.0]], np.float32)


def stage(relevant, count):
    questions = EvalQuestions({"q": "question"}, {"q": {relevant}}, PAGES, DOCUMENTS, [""] * 5)
    return FirstStage(FIRST, questions, count)


def test_the_candidates_are_the_best_of_the_document_and_of_all():
    first = stage("a#3", 3)
    assert first.within == [[0, 1, 2]]
    assert first.corpus == [[0, 1, 3]]


def test_candidates_are_ranked_by_the_second_and_stand_before_all_others():
    second = np.array([[0.0, 0.1, 99.0, 0.5, 99.0]], np.float32)
    found = stage("b#1", 3).reranked(second)
    assert found.found == [["b#1", "a#2", "a#1", "a#3", "b#2"]]
    assert found.corpus == [1.0]


def test_what_was_not_retrieved_is_not_set_right():
    second = np.array([[0.0, 0.0, 99.0, 0.0, 0.0]], np.float32)
    found = stage("a#3", 2).reranked(second)
    assert found.corpus == [pytest.approx(1 / np.log2(5))]  # the fourth, as the embedder had it
    assert found.within == [pytest.approx(1 / np.log2(4))]


def test_without_a_second_stage_it_is_the_embedder_alone():
    assert stage("a#2", 3).quality().corpus == [pytest.approx(1 / np.log2(3))]


def test_candidates_stand_before_all_others_however_long_an_embedder_makes_its_vectors():
    class Long:
        def encode_query(self, queries, **_):
            return np.array([[30.0, 40.0]])

        def encode_document(self, images, **_):
            return np.array([[300.0, 400.0], [0.3, 0.0], [0.0, 90.0]])

    class Pages:
        def image(self, page_id):
            return page_id

    questions = EvalQuestions({"q": "?"}, {"q": {"b"}}, ["a", "b", "c"], ["d"] * 3, [""] * 3)
    scores = embed(Long(), questions, ImageViews(Pages()), 3).scores()  # type: ignore[arg-type]
    assert scores == pytest.approx(np.array([[1.0, 0.6, 0.8]]))
    second = np.array([[0.0, 0.0, 1.0]], np.float32)
    assert FirstStage(scores, questions, 2).reranked(second).found == [["c", "a", "b"]]
