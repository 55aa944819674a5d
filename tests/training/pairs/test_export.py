"""The held-out questions become a folder that `vdr evaluate` takes, with the right pages where they were."""

import json
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest

from tests.training.pairs.parts import pair, picture, record
from training.evaluate.documents import find_documents
from training.evaluate.questions import read_questions
from training.pairs.dataset import Content, pairs_of, read_pairs, write_dataset
from training.pairs.export import export
from training.pairs.manifest import Manifest
from vdr.errors import BadInput
from vdr.settings import IngestSettings


def test_the_folder_is_one_that_evaluate_reads(small, tmp_path):
    questions, pages = export(small, tmp_path / "held-out")
    pairs = read_pairs(small)
    held_out = {each.query_id: each for each in pairs_of(pairs.eval)}
    read = {each.query_id: each for each in read_questions(tmp_path / "held-out")}
    documents = find_documents(tmp_path / "held-out", IngestSettings())
    assert read.keys() == held_out.keys() and questions == len(read)
    assert pages == len(documents.pages) == pairs.pages["split"].count("eval")
    for query_id, question in read.items():
        assert question.text == held_out[query_id].query
        assert question.document in documents.by_name


def test_a_page_is_shown_as_it_was_and_numbered_where_it_was_kept_without_gaps(tmp_path):
    pages = [record("a.pdf", 1, "train"), record("b/2 c.pdf", 7, "eval"), record("b/2 c.pdf", 3, "eval")]
    elsewhere = replace(pair("b/2 c.pdf", 7, "second"), document="copy.pdf", page_number=40)
    content = Content([pair("a.pdf", 1, "first")], [elsewhere], Manifest())
    write_dataset(tmp_path / "pairs", pages, lambda _: content)
    export(tmp_path / "pairs", tmp_path / "held-out")
    [question] = map(json.loads, (tmp_path / "held-out" / "queries.jsonl").read_text().splitlines())
    assert question["page_numbers"] == [2]
    assert question["document"] == "0001-b-2-c.pdf"
    with pypdfium2.PdfDocument(tmp_path / "held-out" / "pdfs" / question["document"]) as pdf:
        drawn = pdf[1].render(scale=128 / 792).to_pil().convert("L")
        expected = picture("b/2 c.pdf 7").convert("L").resize(drawn.size)
    assert np.abs(np.asarray(drawn, float) - np.asarray(expected, float)).mean() < 10


def test_what_is_there_already_is_left_alone(small, tmp_path):
    (tmp_path / "held-out").mkdir()
    with pytest.raises(BadInput, match="exists already"):
        export(small, tmp_path / "held-out")
    with pytest.raises(BadInput, match="does not exist"):
        export(small, tmp_path / "nowhere" / "held-out")
