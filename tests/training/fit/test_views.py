"""Which windows of a page a model that reads is shown."""

import pytest

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_reranker
from training.fit.config import DataSection, EmbedderConfig, parse_config
from training.fit.data import open_data
from training.fit.run import Run
from training.fit.run_folder import RunFolder
from training.fit.views import ImageViews, WindowViews, all_views, fitting, views_of
from vdr.models.checkpoint import open_checkpoint, open_cross_encoder

TEXTS = {
    "report": "the loaf and the quay of the old harbour and the mill",
    "letter": "the loaf",
    "blank": "",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return open_checkpoint(str(tiny_bert(tmp_path_factory.mktemp("models") / "bert")), "cpu")


@pytest.fixture
def views(model):
    """A word of more than one letter is one token to the model."""
    return WindowViews(TEXTS, model.tokenizer, 4)


def windows(views, page_id):
    return [views.shown(*view) for view in all_views(views, [page_id])]


def test_a_page_is_shown_in_windows_of_its_words_in_order(views):
    assert windows(views, "report") == ["the loaf and the", "quay of the old", "harbour and the mill"]
    assert windows(views, "blank") == [""]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("Which harbour?", "harbour and the mill"),
        ("the quay and the mill", "harbour and the mill"),
        ("the loaf, the quay", "quay of the old"),  # two pages have a loaf, and one a quay
        ("turbine", "the loaf and the"),
    ],
)
def test_the_window_that_shares_rare_words_with_the_query_fits_it(views, query, best):
    assert fitting(views, query, "report") == best


def test_the_best_windows_come_first_and_only_so_many(views):
    assert views.best("report", "harbour, quay, mill", 2) == [2, 1]
    assert views.best("report", "harbour, quay, mill", 9) == [2, 1, 0]


def test_a_special_token_in_a_text_is_none(model):
    views = WindowViews({"page": "one [SEP] two"}, model.tokenizer, 4)
    assert windows(views, "page") == ["one two"]


def run_of(pairs, folder):
    config = parse_config(
        {"run": {"folder": str(folder)}, "data": {"pairs": str(pairs)}}, EmbedderConfig, "test.toml"
    )
    folder.mkdir()
    return Run(config, RunFolder(folder), open_data(DataSection(pairs=pairs, negatives=1)), lambda _: None)


def test_a_model_that_reads_is_shown_the_texts_of_the_pairs(model, pairs, tmp_path):
    views = views_of(model, run_of(pairs, tmp_path / "run"))
    assert views.reads_words
    assert windows(views, "0.pdf:1") == ["The harbour of 1990 report 0"]


def test_a_cross_encoder_keeps_half_of_its_length_for_the_query(model, pairs, tmp_path):
    run = run_of(pairs, tmp_path / "run")
    run.__dict__["texts"] = {"page": "word " * 510}
    reranker = open_cross_encoder(str(tiny_bert_reranker(tmp_path / "bert")), "cpu")
    assert views_of(model, run).count("page") == 1
    assert views_of(reranker, run).count("page") == 2


def test_an_image_is_the_only_view_of_its_page(pairs):
    views = ImageViews(open_data(DataSection(pairs=pairs, negatives=1)).pages)
    assert all_views(views, ["0.pdf:1", "0.pdf:2"]) == [("0.pdf:1", 0), ("0.pdf:2", 0)]
    assert views.best("0.pdf:2", "anything", 3) == [0]
    assert fitting(views, "anything", "0.pdf:2").info["page_id"] == "0.pdf:2"
