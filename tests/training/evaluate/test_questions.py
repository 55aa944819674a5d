"""Questions are read from queries.jsonl; a bad line is named by its number."""

import json

import pytest

from tests.training.evaluate.folders import QUESTIONS, write_questions
from training.evaluate.questions import Question, read_questions
from vdr.errors import BadInput


def test_a_question_is_read_with_all_that_is_known_of_it(tmp_path):
    write_questions(tmp_path, QUESTIONS)
    first, *_, last = read_questions(tmp_path)
    assert first == Question("q1", "Who hunts the mouse?", "cats.pdf", (2,), ("Figure", "Text"), "zoo")
    assert last == Question("q3", "Where does the cat sleep?", "cats.pdf", (1, 3))


def test_pages_are_sorted_and_counted_once_and_fields_unheard_of_passed_over(tmp_path):
    write_questions(tmp_path, [{**QUESTIONS[0], "page_numbers": [3, 1, 3], "colour": "red"}])
    assert read_questions(tmp_path)[0].page_numbers == (1, 3)


def test_blank_lines_are_passed_over_and_odd_line_ends_kept_within_a_question(tmp_path):
    line = json.dumps({**QUESTIONS[0], "query": "one\u2028two"}, ensure_ascii=False)
    (tmp_path / "queries.jsonl").write_text(f"\n{line}\r\n\n", encoding="utf-8")
    assert [question.text for question in read_questions(tmp_path)] == ["one\u2028two"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"query": "  "}, "query"),
        ({"page_numbers": []}, "page_numbers"),
        ({"page_numbers": [0]}, "page_numbers.0"),
        ({"page_numbers": ["two"]}, "page_numbers.0"),
        ({"document": None}, "document"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_field(tmp_path, change, reason):
    write_questions(tmp_path, [QUESTIONS[0], {**QUESTIONS[1], **change}])
    with pytest.raises(BadInput, match=rf"queries\.jsonl, line 2: {reason}: "):
        read_questions(tmp_path)


def test_a_line_that_is_no_json_is_named_by_its_number(tmp_path):
    (tmp_path / "queries.jsonl").write_text(json.dumps(QUESTIONS[0]) + "\n{nonsense\n")
    with pytest.raises(BadInput, match=r"line 2: Invalid JSON"):
        read_questions(tmp_path)


def test_two_questions_of_one_id_are_refused(tmp_path):
    write_questions(tmp_path, [QUESTIONS[0], QUESTIONS[0]])
    with pytest.raises(BadInput, match="query_id q1 appears twice"):
        read_questions(tmp_path)


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        read_questions(tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"no queries\.jsonl"):
        read_questions(tmp_path)
    (tmp_path / "queries.jsonl").write_text("\n")
    with pytest.raises(BadInput, match="no questions"):
        read_questions(tmp_path)
    (tmp_path / "queries.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="not UTF-8"):
        read_questions(tmp_path)
