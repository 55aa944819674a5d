"""Rendered pages come in documents, with their questions, and are the same for the same seed."""

import json

import pytest

from training.pairs.config import RenderedConfig
from training.pairs.rendered import read_rendered
from vdr.errors import BadInput, MissingProgram


def written(tmp_path, count=5, **changes):
    file = tmp_path / "tables.jsonl"
    page = {"table": [["", "2019"], ["Net sales", "1,204"]], "paragraphs": ["Sales by region: they rose."]}
    lines = [{"page_id": f"p{n}", "page": page, "queries": [f"What was sold {n}?", " "], **changes}
             for n in range(count)]  # fmt: skip
    file.write_text("\n\n".join(map(json.dumps, lines)))
    return RenderedConfig(path=file, pages_per_document=2)


def test_pages_are_grouped_into_documents_with_their_questions(tmp_path):
    documents, queries = read_rendered(written(tmp_path), 256, seed=0)
    assert [(d.name, len(d.texts)) for d in documents] == [
        ("tables-0001", 2), ("tables-0002", 2), ("tables-0003", 1),
    ]  # fmt: skip
    assert [(q.text, q.document, q.page_numbers) for q in queries[:3]] == [
        ("What was sold 0?", "tables-0001", (1,)),
        ("What was sold 1?", "tables-0001", (2,)),
        ("What was sold 2?", "tables-0002", (1,)),
    ]
    assert queries[0].source == "rendered" and len(queries) == 5


def test_the_text_of_a_page_is_all_that_stands_on_it(tmp_path):
    text = read_rendered(written(tmp_path), 256, seed=0)[0][0].texts[0]
    assert text == "Sales by region\n 2019\nNet sales 1,204\nSales by region: they rose."


def test_images_depend_on_the_seed_alone(tmp_path):
    def drawn(seed, numbers):
        document = read_rendered(written(tmp_path), 256, seed)[0][0]
        return {number: image.tobytes() for number, image in document.images(numbers)}

    assert drawn(0, [1, 2])[2] == drawn(0, [2])[2]
    assert drawn(0, [2]) != drawn(1, [2]) and drawn(0, [1])[1] != drawn(0, [2])[2]


def test_only_so_many_pages_are_read(tmp_path):
    config = written(tmp_path).model_copy(update={"pages": 3})
    assert sum(len(document.texts) for document in read_rendered(config, 256, 0)[0]) == 3


def test_bad_files_are_named(tmp_path):
    with pytest.raises(BadInput, match="Cannot read"):
        read_rendered(RenderedConfig(path=tmp_path / "none.jsonl"), 256, 0)
    with pytest.raises(BadInput, match="contains no pages"):
        read_rendered(written(tmp_path, 0), 256, 0)
    with pytest.raises(BadInput, match=r"tables\.jsonl, line 1: page\.table: Input should be a valid array"):
        read_rendered(written(tmp_path, page={"table": "none"}), 256, 0)


def test_without_fontconfig_it_says_so(tmp_path, monkeypatch):
    config = written(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match=r"fc-list is not installed, .*\. Install fontconfig"):
        read_rendered(config, 256, 0)


def test_line_ends_within_cells_and_paragraphs_are_drawn_as_blanks(tmp_path):
    page = {"table": [["Year\nended", "2019"], ["Total", "1\t2"]], "paragraphs": ["One\n\ntwo."]}
    documents, _ = read_rendered(written(tmp_path, 1, page=page), 256, 0)
    assert documents[0].pages[0].table == (("Year ended", "2019"), ("Total", "1 2"))
    assert max(next(documents[0].images([1]))[1].size) == 256


def test_without_fonts_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("training.pairs.rendered.reading_fonts", lambda: ())
    with pytest.raises(MissingProgram, match="No fonts"):
        read_rendered(written(tmp_path), 256, 0)
