"""All sources give their documents and queries in one place, each under a name of its own."""

import json
from shutil import copy

import pytest
from datasets import Dataset, Features, Image, Value

from tests.fixtures import pdfs
from tests.training.pairs.parts import picture, write_filing
from training.pairs.config import PairsConfig, PhrasesConfig, RenderedConfig
from training.pairs.gather import gather
from training.pairs.images import encode
from vdr.errors import BadInput

NO_PHRASES = PairsConfig(phrases=PhrasesConfig(enabled=False))


def questions(tmp_path, *documents):
    file = tmp_path / "queries.jsonl"
    rows = [{"query": f"Who wrote {name}?", "document": name, "page_numbers": [1]} for name in documents]
    file.write_text("\n".join(map(json.dumps, rows)))
    return str(file)


def image_dataset(folder):
    features = Features({"query": Value("string"), "image": Image()})
    rows = {"query": ["what?"], "image": [{"bytes": encode(picture("one"), "PNG"), "path": None}]}
    Dataset.from_dict(rows, features=features).save_to_disk(folder)
    return str(folder)


def run(settings, pdf_paths=(), asked=(), config=NO_PHRASES):
    said = []
    return gather(list(map(str, pdf_paths)), list(asked), config, settings, 0, said.append), said


def test_labelled_questions_and_phrases_are_both_about_the_pdfs(tmp_path, settings):
    pdf = write_filing(tmp_path / "acme.pdf", "Acme", ["steel", "tin"])
    gathered, said = run(settings, [pdf], [questions(tmp_path, "acme.pdf")], PairsConfig())
    assert {query.source for query in gathered.queries} == {"labelled", "phrases"}
    assert gathered.queries[0].text == "Who wrote acme.pdf?"
    assert said == ["Read 2 pages of 1 PDFs."]


def test_bad_pdfs_and_the_questions_about_them_are_counted(tmp_path, settings):
    pdfs.write_encrypted(tmp_path / "locked.pdf", user_password="x")
    pdfs.write_report(tmp_path / "good.pdf", 1)
    gathered, _ = run(settings, [tmp_path], [questions(tmp_path, "good.pdf", "locked.pdf")])
    assert [query.document for query in gathered.queries] == ["good.pdf"]
    assert gathered.dropped["PDFs that cannot be read"] == 1
    assert gathered.dropped["questions about PDFs that cannot be read"] == 1
    assert "is password-protected" in gathered.warnings[0]


def test_data_sets_of_images_need_no_pdf(tmp_path, settings):
    gathered, _ = run(settings, asked=[image_dataset(tmp_path / "pages")])
    assert [query.text for query in gathered.queries] == ["what?"] and len(gathered.documents) == 1


def test_rendered_pages_are_not_for_the_endpoint(tmp_path, settings):
    file = tmp_path / "tables.jsonl"
    file.write_text(json.dumps({"page_id": "1", "page": {"paragraphs": ["Text."]}, "queries": ["What?"]}))
    config = NO_PHRASES.model_copy(update={"rendered": RenderedConfig(path=file)})
    gathered, _ = run(settings, [pdfs.write_report(tmp_path / "a.pdf", 1)], config=config)
    assert [document.name for document in gathered.documents] == ["a.pdf", "tables-0001"]
    assert gathered.for_endpoint == ["a.pdf"]


def test_questions_about_pdfs_need_some(tmp_path, settings):
    with pytest.raises(BadInput, match=r"queries\.jsonl is about PDFs, but none were given"):
        run(settings, asked=[questions(tmp_path, "a.pdf")])


def test_two_documents_of_one_name_are_refused(tmp_path, settings):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        image_dataset(tmp_path / folder / "pages")
    with pytest.raises(BadInput, match="2 documents are named pages/"):
        run(settings, asked=[str(tmp_path / folder / "pages") for folder in ("x", "y")])


def test_questions_about_a_copy_are_about_the_pdf_that_stands_for_it(tmp_path, settings):
    first = write_filing(tmp_path / "a.pdf", "Acme", ["steel"])
    copy(first, tmp_path / "b.pdf")
    gathered, _ = run(settings, [tmp_path], [questions(tmp_path, "a.pdf", "b.pdf")])
    assert [(query.text, query.document) for query in gathered.queries] == [
        ("Who wrote a.pdf?", "a.pdf"), ("Who wrote b.pdf?", "a.pdf"),
    ]  # fmt: skip
