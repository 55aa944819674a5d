"""Files of one JSON object a line: what is read, and where a mistake in them is said to be."""

import pytest
from pydantic import BaseModel

from vdr.errors import BadInput
from vdr.json_lines import read_json_lines


class Line(BaseModel):
    query: str
    page_numbers: list[int] = []


def written(folder, content):
    file = folder / "queries.jsonl"
    file.write_bytes(content)
    return file


def test_blank_lines_are_passed_over_and_a_question_keeps_its_line_separators(tmp_path):
    file = written(tmp_path, '{"query": "a\u2028b"}\n\n  \n{"query": "c"}\n'.encode())
    assert [line.query for line in read_json_lines(file, Line)] == ["a\u2028b", "c"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"query": "a"}\n\n{"page_numbers": []}\n', r"queries\.jsonl, line 3: query: Field required\."),
        (b'{"query": "a", "page_numbers": [1, "x"]}', r"line 1: page_numbers\.1: "),
        (b"{", r"line 1: Invalid JSON"),
        (b"\xff", r"is not UTF-8"),
    ],
)
def test_a_mistake_is_said_with_its_place(tmp_path, content, said):
    with pytest.raises(BadInput, match=said):
        list(read_json_lines(written(tmp_path, content), Line))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BadInput, match=r"Cannot read .*: No such file"):
        list(read_json_lines(tmp_path / "queries.jsonl", Line))


def test_lines_beyond_those_that_are_taken_are_not_looked_at(tmp_path):
    file = written(tmp_path, b'{"query": "a"}\n{')
    assert next(read_json_lines(file, Line)).query == "a"
