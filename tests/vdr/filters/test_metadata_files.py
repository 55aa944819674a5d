"""Metadata of many files in one: CSV and JSON lines."""

import pytest

from vdr.errors import BadMetadata
from vdr.filters import read_metadata_file

CSV = b"""\xef\xbb\xbfname,year,paid,fiscal year,note
a.pdf,2021,true,2020/21,"two
lines, \xe2\x80\xa8one cell"
b.pdf,,FALSE,,007

"""


def test_csv(tmp_path):
    path = tmp_path / "meta.csv"
    path.write_bytes(CSV)
    assert read_metadata_file(path) == {
        "a.pdf": {"year": 2021, "paid": True, "fiscal year": "2020/21", "note": "two\nlines, \u2028one cell"},
        "b.pdf": {"paid": False, "note": "007"},
    }


def test_json_lines(tmp_path):
    path = tmp_path / "meta.jsonl"
    path.write_text(
        '{"name": "a.pdf", "tags": ["q3", "\u2028"], "year": 2021}\n\n{"name": "b.pdf"}\n', "utf-8"
    )
    assert read_metadata_file(path) == {"a.pdf": {"tags": ("q3", "\u2028"), "year": 2021}, "b.pdf": {}}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("m.csv", b"", "m.csv, line 1: the first column must be"),
        ("m.csv", b"file,year\n", "m.csv, line 1: the first column must be"),
        ("m.csv", b"name;year\na.pdf;1\n", "the first column must be"),
        ("m.csv", b"name,year,year\n", "m.csv, line 1: two columns are named 'year'"),
        ("m.csv", b"name,year\na.pdf,1,2\n", "m.csv, line 2: 3 values for 2 columns"),
        ("m.csv", b'name,year\na.pdf,"1', "m.csv, line 2: unexpected end of data"),
        ("m.csv", b"name,year\n,1\n", "m.csv, line 2: the file name is missing"),
        ("m.csv", b"name,year\na.pdf,1\na.pdf,2\n", "m.csv, line 3: a.pdf appears more than once"),
        ("m.csv", b"name,kind\na.pdf,1\n", "m.csv, line 2: metadata: 'kind' is not a valid key"),
        ("m.csv", b"name,a\na.pdf,1\nb.pdf,\xff\n", "m.csv, line 3: not UTF-8 text"),
        ("m.jsonl", b"{}\n", 'm.jsonl, line 1: expected an object with a "name"'),
        ("m.jsonl", b'{"name": 1}', 'm.jsonl, line 1: expected an object with a "name"'),
        ("m.jsonl", b"[]", 'm.jsonl, line 1: expected an object with a "name"'),
        ("m.jsonl", b'{"name": "a.pdf"}\n{"name"', "m.jsonl, line 2: invalid JSON"),
        ("m.jsonl", b"[" * 100_000, "m.jsonl, line 1: invalid JSON"),
        ("m.jsonl", b'{"name": "a.pdf", "x": NaN}', "m.jsonl, line 1: metadata.x: a number must be finite"),
        ("m.jsonl", b'{"name": "a.pdf", "x": null}', "m.jsonl, line 1: metadata.x: expected a string"),
        ("m.xlsx", b"PK", "m.xlsx is neither CSV"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadMetadata) as caught:
        read_metadata_file(path)
    assert said in caught.value.message


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadMetadata, match=r"Cannot read m.csv: No such file"):
        read_metadata_file(tmp_path / "m.csv")
