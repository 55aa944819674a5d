"""Labelled questions are read from JSON lines and CSV, and checked against the PDFs."""

import json

import pytest

from tests.training.pairs.parts import painted
from training.pairs.config import Columns
from training.pairs.labelled import check_pages, read_labelled
from training.pairs.sources import SourceQuery
from vdr.errors import BadInput


def lines(tmp_path, *rows, name="queries.jsonl"):
    file = tmp_path / name
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return file


ROW = {"query_id": "q1", "query": " Who pays? ", "document": "a.pdf", "page_numbers": [3, 1, 3], "more": 1}


def test_json_lines_are_read_and_blank_ones_passed_over(tmp_path):
    questions = read_labelled(lines(tmp_path, ROW, "", ROW), Columns())
    assert questions[0] == SourceQuery("Who pays?", "a.pdf", (1, 3), "labelled") and len(questions) == 2


@pytest.mark.parametrize("pages", ["3;1", "3, 1", "3 1"])
def test_a_csv_may_name_several_pages(tmp_path, pages):
    file = lines(
        tmp_path, "query,document,page_numbers", f'"Who, if any, pays?",a.pdf,"{pages}"', name="q.csv"
    )
    assert read_labelled(file, Columns()) == [SourceQuery("Who, if any, pays?", "a.pdf", (1, 3), "labelled")]


def test_a_csv_out_of_a_spreadsheet_begins_with_a_mark(tmp_path):
    file = lines(tmp_path, "\ufeffquery,document,page_numbers", "Who pays?,a.pdf,2", name="q.csv")
    assert read_labelled(file, Columns())[0].page_numbers == (2,)


def test_columns_may_have_other_names(tmp_path):
    row = {"question": "Who pays?", "file": "a.pdf", "pages": [2]}
    columns = Columns(query="question", document="file", page_numbers="pages")
    assert read_labelled(lines(tmp_path, row), columns)[0].document == "a.pdf"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**ROW, "query": " "}, "line 2: query: String should have at least 1 character"),
        ({**ROW, "page_numbers": []}, "line 2: page_numbers: List should have at least 1 item"),
        ({**ROW, "page_numbers": [0]}, "line 2: page_numbers: 0: Input should be greater than or equal to 1"),
        ({"query": "Who?", "page_numbers": [1]}, "line 2: document: Field required"),
        ("{", "line 2 is not JSON"),
        ("[1]", "line 2 is not a JSON object"),
    ],
)
def test_a_bad_line_is_named(tmp_path, row, said):
    with pytest.raises(BadInput, match=said):
        read_labelled(lines(tmp_path, ROW, row), Columns())


def test_the_users_own_name_of_a_column_is_said(tmp_path):
    with pytest.raises(BadInput, match="line 1: question: Field required"):
        read_labelled(lines(tmp_path, ROW), Columns(query="question"))


def test_files_that_are_missing_empty_or_no_text_are_named(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        read_labelled(tmp_path / "none.csv", Columns())
    with pytest.raises(BadInput, match="contains no questions"):
        read_labelled(lines(tmp_path, ""), Columns())
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        read_labelled(tmp_path / "bytes.csv", Columns())


def asked(document, *pages):
    return SourceQuery("Who pays?", document, pages, "labelled")


def test_questions_about_refused_pdfs_are_left_out():
    documents = [painted("a.pdf", "one", "two")]
    kept = check_pages([asked("a.pdf", 2), asked("bad.pdf", 1)], documents, ["bad.pdf"])
    assert kept == [asked("a.pdf", 2)]


def test_questions_about_what_was_never_given_are_refused():
    documents = [painted("a.pdf", "one", "two")]
    with pytest.raises(BadInput, match=r"'Who pays\?' is about b\.pdf, which is not among the PDFs"):
        check_pages([asked("b.pdf", 1)], documents, [])
    with pytest.raises(BadInput, match=r"is about page 3 of a\.pdf, which has 2"):
        check_pages([asked("a.pdf", 1, 3)], documents, [])


def test_a_quote_that_is_never_closed_is_named(tmp_path):
    file = tmp_path / "queries.csv"
    file.write_text('query,document,page_numbers\n"who,a.pdf,1\n' + "what,a.pdf,2\n" * 20_000)
    with pytest.raises(BadInput, match=r"queries\.csv, line \d+: field larger than"):
        read_labelled(file, Columns())


def test_a_folder_is_no_file_of_questions(tmp_path):
    (tmp_path / "queries.csv").mkdir()
    with pytest.raises(BadInput, match=r"Cannot read .*queries\.csv"):
        read_labelled(tmp_path / "queries.csv", Columns())
