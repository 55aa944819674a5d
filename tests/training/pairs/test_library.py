"""A collection becomes a data set of pairs: pages, questions, feedback and phrases; no PDF is needed."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from indexer.services import open_services
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.judged import kept_search, said
from tests.fixtures.libraries import index_into, library_settings, tiny_models
from tests.training.pairs.parts import write_filing
from training.pairs.build import BuildTask, build
from training.pairs.cli import pairs as command
from training.pairs.config import PairsConfig, PhrasesConfig
from training.pairs.dataset import pairs_of, read_pairs
from training.pairs.library import library_source
from training.pairs.mine import mine
from training.pairs.negatives import Demand
from vdr.catalogue.searches import keep_searches
from vdr.errors import BadInput
from vdr.feedback import FeedbackKind
from vdr.questions import LabelledQuestion
from vdr.types import PageRef

TOPICS = {"acme": ["steel", "copper", "timber"], "bolt": ["cotton", "rubber"], "cask": ["whisky", "cider"]}
NO_PHRASES = PairsConfig(phrases=PhrasesConfig(enabled=False))


@pytest.fixture
def settings(tmp_path):
    """Those of a library of three filings, of which no PDF is left."""
    settings = library_settings(tmp_path / "data")
    index_into(settings, [write_filing(tmp_path / f"{name}.pdf", name.title(), topics)
                          for name, topics in TOPICS.items()])  # fmt: skip
    for name in TOPICS:
        (tmp_path / f"{name}.pdf").unlink()
    for file in (tmp_path / "data" / "objects").rglob("*.pdf"):
        file.unlink()
    return settings


@contextmanager
def opened(settings):
    with open_services(settings, tiny_models()) as services:
        yield services, services.library()


def ids(library):
    return {name: document_id for document_id, name in library.catalogue.names()}


def say(services, library, text, name, number, kind=FeedbackKind.RIGHT, shown=None):
    """A search that has shown all pages of a document, or those `shown`, and what somebody said of one."""
    document_id = ids(library)[name]
    pages = [PageRef(document_id, each) for each in shown or (1, 2)]
    search = kept_search(text, pages)
    keep_searches(services.engine, [("default", search)])
    given, _ = services.feedback(library).note(said(search, kind, number, document_id, reporter="ada"), 9)
    return search, given


def built(settings, tmp_path, config=None):
    task = BuildTask(tmp_path / "out", config=config or PairsConfig(), collection="default")
    with opened(settings) as (services, library):
        build(task, settings.ingest, lambda _: None, library_source(services, library))
    return read_pairs(tmp_path / "out")


def test_every_page_is_there_with_its_words_and_documents_are_asked_about(settings, tmp_path):
    pairs = built(settings, tmp_path)
    assert sorted(zip(pairs.pages["document"], pairs.pages["page_number"], strict=True)) == [
        (f"{name}.pdf", number) for name, topics in TOPICS.items() for number in range(1, len(topics) + 1)
    ]
    texts = dict(zip(pairs.pages["page_id"], pairs.pages["text"], strict=True))
    assert "Steel of Acme" in texts["acme.pdf#page=1"]
    rows = pairs_of(pairs.train) + pairs_of(pairs.eval)
    assert {row.rule for row in rows} >= {"heading", "caption", "table-cell"}
    assert all(image.size[1] == 256 for image in pairs.pages["image"])


def test_labelled_questions_come_with_their_ids(settings, tmp_path):
    with opened(settings) as (services, library):
        asked = [
            LabelledQuestion(f"q{n}", f"Who makes {topic}?", ids(library)[f"{name}.pdf"], (1,))
            for n, (name, (topic, *_)) in enumerate(TOPICS.items())
        ]
        services.questions(library).put(asked)
    pairs = built(settings, tmp_path, NO_PHRASES)
    rows = pairs_of(pairs.train) + pairs_of(pairs.eval)
    found = {(row.query, row.positive_id, row.source, row.traces) for row in rows}
    assert ("Who makes steel?", "acme.pdf#page=1", "labelled", ("question:q0",)) in found
    assert len(found) == 3


def test_feedback_comes_with_its_clicks_and_with_what_was_passed_over(settings, tmp_path):
    with opened(settings) as (services, library):
        given = {}
        for name in TOPICS:
            _, given[name] = say(services, library, f"{name} second page", f"{name}.pdf", 2)
    pairs = built(settings, tmp_path, NO_PHRASES)
    rows = {row.document: row for row in pairs_of(pairs.train) + pairs_of(pairs.eval)}
    acme = rows["acme.pdf"]
    assert (acme.query, acme.positive_id, acme.source, acme.rule) == (
        "acme second page", "acme.pdf#page=2", "feedback", "judged",
    )  # fmt: skip
    assert acme.traces == (f"feedback:{given['acme'].feedback_id}",)
    assert acme.passed_over_ids == ("acme.pdf#page=1",)
    made = pairs.manifest.feedback
    assert (made.collection, made.searches, made.interventions) == ("default", 3, 0)


def test_what_was_passed_over_is_mined_first(settings, tmp_path):
    with opened(settings) as (services, library):
        for name in TOPICS:
            say(services, library, f"{name} second page", f"{name}.pdf", 2)
    built(settings, tmp_path, NO_PHRASES)
    mine(tmp_path / "out", TinyEmbedder(), Demand(2), lambda _: None)
    for row in pairs_of(read_pairs(tmp_path / "out").train):
        assert row.negative_ids[0] == row.passed_over_ids[0] == f"{row.document}#page=1"
        assert len(row.negative_ids) == 2


def test_two_documents_of_one_name_are_told_apart(settings, tmp_path):
    with opened(settings) as (services, library):
        both = ids(library)
        library.change(both["bolt.pdf"], name="acme.pdf")
        names = [document.name for document in library_source(services, library).documents]
    assert sorted(names) == sorted(
        [f"acme.pdf ({both[name][:8]})" for name in ("acme.pdf", "bolt.pdf")] + ["cask.pdf"]
    )


def test_a_page_that_is_lost_is_left_out_and_said(settings, tmp_path):
    lost = next(file for file in (tmp_path / "data" / "objects").rglob("*.webp"))
    lost.unlink()
    pairs = built(settings, tmp_path)
    assert len(pairs.pages) == 6
    assert pairs.manifest.dropped["pages that cannot be rasterized"] == 1


def test_scans_have_the_words_that_were_read(settings, tmp_path):
    with opened(settings) as (services, library):
        document_id = ids(library)["acme.pdf"]
        page = PageRef(document_id, 1)
        words = library.objects.page_words(page)
        library.objects.put_page_words(page, replace(words, text_layer=(), ocr=words.text_layer))
        (acme,) = (each for each in library_source(services, library).documents if each.name == "acme.pdf")
    assert acme.texts[0].startswith("Steel of Acme")
    assert acme.layouts[0].rows == ()


def test_an_empty_collection_is_said(tmp_path):
    with (
        opened(library_settings(tmp_path / "data")) as (services, library),
        pytest.raises(BadInput, match="no indexed documents"),
    ):
        library_source(services, library)


def test_the_command_says_what_came_of_it(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("VDR_DATA_DIR", str(settings.index.data_dir))
    with opened(settings) as (services, library):
        say(services, library, "acme second page", "acme.pdf", 2)
    out = tmp_path / "pairs"
    done = CliRunner().invoke(command, ["build", "--collection", "default", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "feedback of 1 searches; ranks told apart by none, so the prior holds" in done.output
    assert "7 pages of 3 documents" in done.output
    assert json.loads((out / "manifest.json").read_text())["feedback"]["collection"] == "default"
    wrong = CliRunner().invoke(command, ["build", "--collection", "nowhere", "--out", str(out)])
    assert "nowhere" in str(wrong.exception)
