"""Labelled questions are kept with their collection; by SQLite and PostgreSQL alike."""

from dataclasses import replace

import pytest

from tests.fixtures.judged import BLUE, RED
from tests.vdr.catalogue.test_feedback import catalogue, engine  # noqa: F401 - fixtures
from vdr.catalogue.collections import Collections
from vdr.catalogue.questions import Questions
from vdr.errors import NotFound, QuestionNotFound
from vdr.questions import LabelledQuestion, question_id_of

FEES = LabelledQuestion("q1", "Fees?", BLUE, (2, 3), ("table",), "support")
TIDES = LabelledQuestion("q2", "Tides?", RED, (1,))


@pytest.fixture
def questions(engine, catalogue):  # noqa: F811
    return Questions(engine, "default")


def found(questions):
    return [replace(each, document_name="") for each in questions.each()]


def test_questions_come_back_as_they_were(questions):
    assert questions.put([TIDES, FEES]) == 2
    assert found(questions) == [FEES, TIDES]
    assert [each.document_name for each in questions.each()] == ["1.pdf", "1.pdf"]


def test_one_of_the_same_id_takes_the_place_of_another(questions):
    questions.put([FEES, TIDES])
    changed = replace(FEES, page_numbers=(1,))
    assert questions.put([changed, replace(TIDES, query_id="q3")]) == 1
    assert found(questions) == [changed, TIDES, replace(TIDES, query_id="q3")]
    assert questions.count() == 3


def test_of_two_of_one_id_the_last_counts(questions):
    assert questions.put([FEES, replace(FEES, text="Dues?")]) == 1
    assert [each.text for each in questions.each()] == ["Dues?"]


@pytest.mark.parametrize("wrong", [replace(TIDES, document_id="d" * 64), replace(TIDES, page_numbers=(1, 6))])
def test_where_one_is_wrong_none_is_kept_or_replaced(questions, wrong):
    questions.put([FEES])
    with pytest.raises(NotFound, match="Tides"):
        questions.put([replace(FEES, text="Dues?"), wrong])
    assert found(questions) == [FEES]


def test_one_is_deleted(questions):
    questions.put([FEES, TIDES])
    questions.delete("q1")
    assert found(questions) == [TIDES]
    with pytest.raises(QuestionNotFound):
        questions.delete("q1")


def test_a_document_takes_its_questions_along(questions, catalogue):  # noqa: F811
    questions.put([FEES, TIDES])
    catalogue.mark_deleted(BLUE)
    assert found(questions) == [TIDES]  # at once
    catalogue.remove(BLUE)
    assert questions.count() == 1


def test_they_are_those_of_the_collection_alone(questions, engine):  # noqa: F811
    questions.put([FEES])
    Collections(engine).ensure("other")
    assert found(Questions(engine, "other")) == []
    with pytest.raises(QuestionNotFound):
        Questions(engine, "other").delete("q1")


def test_a_collection_takes_them_along(questions, engine):  # noqa: F811
    questions.put([FEES])
    collections = Collections(engine)
    collections.mark_deleted("default")
    collections.remove("default")
    assert questions.count() == 0


def test_many_are_read_a_few_at_a_time(questions):
    many = [replace(FEES, query_id=f"q{n:04}") for n in range(450)]
    assert questions.put(many) == 450
    assert found(questions) == many


def test_an_id_is_the_same_for_the_same_question_about_the_same_document():
    assert question_id_of("Fees  due?", BLUE) == question_id_of(" Fees due?", BLUE)
    assert (
        len({question_id_of("Fees?", BLUE), question_id_of("Fees?", RED), question_id_of("Dues?", BLUE)}) == 3
    )
