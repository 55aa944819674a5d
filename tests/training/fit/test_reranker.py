"""The reranker of the production architecture, tiny and with random weights, trained for real."""

from functools import partial

import numpy as np
import pytest

from tests.fixtures.torchvision import FOLDER, offer_torchvision
from training.fit.config import DataSection, RerankerConfig, RerankerLossSection, parse_config
from training.fit.data import open_data
from training.fit.reranker import open_reranker, reranker_loss, reranker_rows, train_reranker
from training.fit.run_folder import RunFolder
from training.fit.views import ImageViews, fitting
from vdr.errors import BadInput, ModelError

if not offer_torchvision():
    pytest.skip(f"no torchvision, neither installed nor in {FOLDER}", allow_module_level=True)

from sentence_transformers import CrossEncoder

from tests.fixtures.tiny_qwen import tiny_qwen3_vl_reranker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return tiny_qwen3_vl_reranker(tmp_path_factory.mktemp("models") / "reranker")


@pytest.fixture
def configured(checkpoint, thumbnails, tmp_path):
    def configure(**sections):
        told = {
            "run": {"folder": str(tmp_path / "run")},
            "model": {"base": str(checkpoint)},
            "data": {"pairs": str(thumbnails), "negatives": 1},
            "optimizer": {"batch_size": 4, "learning_rate": 3e-3, "steps": 4},
            "evaluation": {"every_steps": 4},
            "candidates": 2,
        }
        return parse_config({**told, **sections}, RerankerConfig, "test.toml")

    return configure


@pytest.mark.parametrize("kind", ["binary", "lambda", "listwise"])
def test_every_loss_trains_and_the_result_is_served(configured, kind):
    config = configured(loss={"kind": kind, "mini_batch_size": 4})
    result = train_reranker(config, lambda _: None)
    assert set(result.systems) == {"embedder", "base+rerank", "tuned+rerank"}
    assert result.steps == 4
    folder = RunFolder(config.run.folder)
    model = CrossEncoder(str(folder.model), device="cpu")
    pages = open_data(config.data).pages
    scores = model.predict([("quay", pages.image("0.pdf:1")), ("quay", pages.image("0.pdf:2"))])
    assert scores.shape == (2,)
    assert "reranker" in (folder.model / "README.md").read_text()


def test_training_learns_its_rows_by_heart(configured):
    config = configured(optimizer={"batch_size": 24, "learning_rate": 3e-3, "steps": 64})
    model = open_reranker(config)
    rows = open_data(config.data)
    before = _loss(model, rows)
    train_reranker(config, lambda _: None)
    after = _loss(CrossEncoder(str(config.run.folder / "model"), device="cpu"), rows)
    assert after < before


def _loss(model, data):
    rows = reranker_rows(data, _show(data), RerankerLossSection())[:]
    scores = model.predict(list(zip(rows["query"], rows["page"], strict=True)), activation_fn=None)
    right = np.array(rows["label"]) > 0.5
    return float(np.logaddexp(0, np.where(right, -scores, scores)).mean())


def _show(data):
    return partial(fitting, ImageViews(data.pages))


def test_rows_are_pages_or_lists_of_pages(thumbnails):
    data = open_data(DataSection(pairs=thumbnails, negatives=1))
    flat = reranker_rows(data, _show(data), RerankerLossSection(kind="binary"))
    lists = reranker_rows(data, _show(data), RerankerLossSection(kind="lambda"))
    assert len(flat) == 2 * len(lists) == 24
    assert [row["label"] for row in flat.select(range(2))] == [1.0, 0.0]
    assert lists[0]["labels"] == [1.0, 0.0]
    assert [page.info["page_id"] for page in lists[0]["pages"]] == ["0.pdf:1", "0.pdf:2"]


@pytest.mark.parametrize(
    ("kind", "loss"),
    [("binary", "BinaryCrossEntropyLoss"), ("lambda", "LambdaLoss"), ("listwise", "ListNetLoss")],
)
def test_the_configuration_chooses_the_loss(configured, kind, loss):
    model = open_reranker(configured())
    assert type(reranker_loss(model, RerankerLossSection(kind=kind))).__name__ == loss


def test_without_negatives_there_is_nothing_to_learn(configured, thumbnails):
    with pytest.raises(BadInput, match="need hard negatives"):
        train_reranker(configured(data={"pairs": str(thumbnails), "negatives": 0}), print)


def test_a_checkpoint_that_is_not_there_is_said(configured, tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded as a reranker"):
        open_reranker(configured(model={"base": str(tmp_path / "nothing")}))


def test_merged_and_as_adapter_it_gives_the_same_scores(configured, checkpoint):
    config = configured(model={"base": str(checkpoint), "lora": {"rank": 4, "alpha": 8}})
    result = train_reranker(config, lambda _: None)
    assert result.learning_parameters < 0.3 * result.parameters
    folder = RunFolder(config.run.folder)
    pages = open_data(config.data).pages
    shown = [("quay", pages.image("0.pdf:1")), ("loaf", pages.image("0.pdf:2"))]
    merged, adapted = (
        CrossEncoder(str(path), device="cpu").predict(shown) for path in (folder.model, folder.adapter)
    )
    assert merged == pytest.approx(adapted, abs=1e-5)
