"""The production embedder in small, with random weights, through the whole of a training."""

from functools import partial

import numpy as np
import pytest
import torch

from indexer.ingest import index_document
from tests.fixtures.libraries import opened
from tests.fixtures.torchvision import FOLDER, offer_torchvision
from training.fit.config import EmbedderConfig, EmbedderLossSection, parse_config
from training.fit.curves import read_metrics
from training.fit.data import open_data
from training.fit.embedder import train_embedder
from training.fit.losses import embedder_loss
from training.fit.model import has_adapter, open_embedder
from training.fit.run_folder import RunFolder
from training.fit.views import ImageViews, fitting
from vdr.errors import BadInput
from vdr.models.checkpoint import open_checkpoint

if not offer_torchvision():
    pytest.skip(f"no torchvision, neither installed nor in {FOLDER}", allow_module_level=True)

from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    MultipleNegativesRankingLoss,
)

from tests.fixtures.pdfs import write_report
from tests.fixtures.tiny_qwen import WIDTH, tiny_qwen3_vl
from vdr.models.embedder import load_embedder
from vdr.search.searcher import Searcher
from vdr.settings import IndexSettings, ModelSettings, Settings
from vdr.types import SearchRequest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_qwen3_vl(tmp_path_factory.mktemp("models") / "qwen")


@pytest.fixture(scope="module")
def finished(base, thumbnails, tmp_path_factory):
    """A finished run with an adapter, Matryoshka and the cached loss."""
    told = {
        "run": {"folder": str(tmp_path_factory.mktemp("finished") / "run")},
        "model": {"base": str(base), "lora": {"rank": 8, "alpha": 16}, "gradient_checkpointing": True},
        "data": {"pairs": str(thumbnails), "negatives": 0},
        "loss": {"mini_batch_size": 4, "matryoshka": {"dims": [WIDTH, 16]}},
        "optimizer": {"batch_size": 6, "learning_rate": 0.01, "steps": 12},
        "evaluation": {"every_steps": 6},
    }
    config = parse_config(told, EmbedderConfig, "test.toml")
    return config, train_embedder(config, lambda _: None), RunFolder(config.run.folder)


@pytest.fixture(scope="module")
def images(thumbnails, finished):
    data = open_data(finished[0].data)
    return data.pages.images(data.questions.page_ids)


def test_the_loss_falls(finished):
    losses = [line["loss"] for line in read_metrics(finished[2].metrics) if "loss" in line]
    assert losses[-1] < losses[0]


def test_only_the_adapter_learned(finished):
    _, result, _ = finished
    assert 0 < result.learning_parameters < 0.3 * result.parameters
    assert {"base@64", "tuned@64", "base@16", "tuned@16", "bm25"} == set(result.systems)


def test_merged_and_as_adapter_it_gives_the_same_vectors(finished, images):
    _, _, folder = finished
    merged, adapted = (open_checkpoint(str(path), "cpu") for path in (folder.model, folder.adapter))
    assert has_adapter(adapted)
    assert not has_adapter(merged)
    for encode in ("encode_query", "encode_document"):
        inputs = ["quay of 1991", "loaf"] if encode == "encode_query" else images[:2]
        one, other = (getattr(model, encode)(inputs) for model in (merged, adapted))
        assert one == pytest.approx(other, abs=1e-5)


def test_training_changed_the_vectors(base, finished):
    tuned, before = (open_checkpoint(str(path), "cpu") for path in (finished[2].model, base))
    assert np.abs(tuned.encode_query(["quay"]) - before.encode_query(["quay"])).max() > 1e-3


def test_the_tuned_model_indexes_and_searches(finished, tmp_path):
    settings = Settings(
        model=ModelSettings(embedder=str(finished[2].model)), index=IndexSettings(data_dir=tmp_path / "data")
    )
    embedder = load_embedder(settings.model)
    with opened(settings, embedder) as library:
        report = write_report(tmp_path / "report.pdf", 2)
        document, _ = library.add(report, report.name)
        index_document(library, document.document_id)
        searcher = Searcher(embedder, library.claim(), library.objects, settings.search)
        assert len(searcher.search(SearchRequest("quay", limit=2)).hits) == 2


def test_the_cached_gradient_is_that_of_the_loss_itself(base, finished):
    data = open_data(finished[0].data)
    rows = _shown(data)[:4]
    gradients = []
    for kind, options in (
        (MultipleNegativesRankingLoss, {}),
        (CachedMultipleNegativesRankingLoss, {"mini_batch_size": 2}),
    ):
        model = open_checkpoint(str(base), "cpu").train()
        features = [model.preprocess(rows[column]) for column in data.columns]
        kind(model, **options)(features, None).backward()  # type: ignore[arg-type]
        gradients.append({name: p.grad for name, p in model.named_parameters() if p.grad is not None})
    plain, cached = gradients
    assert plain.keys() == cached.keys()
    assert len(plain) > 20
    for name, gradient in plain.items():
        assert torch.allclose(gradient, cached[name], atol=1e-5), name


def test_images_are_shrunk_to_the_pixels_allowed(base, finished):
    section = finished[0].model.model_copy(update={"lora": None, "max_pixels": 64 * 64})
    model = open_embedder(section)
    rows = _shown(open_data(finished[0].data))[:1]
    small, full = (m.preprocess(rows["positive"]) for m in (model, open_checkpoint(str(base), "cpu")))
    assert len(small["pixel_values"]) < len(full["pixel_values"])


def test_adapters_for_layers_that_are_not_there_are_refused(finished):
    lora = finished[0].model.lora.model_copy(update={"targets": ("no_such_layer",)})
    with pytest.raises(BadInput, match=r"model\.lora"):
        open_embedder(finished[0].model.model_copy(update={"lora": lora}))


@pytest.mark.parametrize("kind", ["distill-vectors", "distill-scores"])
def test_a_student_learns_from_a_teacher(base, thumbnails, tmp_path, kind):
    teacher = tiny_qwen3_vl(tmp_path / "teacher", seed=1)
    told = {
        "run": {"folder": str(tmp_path / "run")},
        "model": {"base": str(base)},
        "data": {"pairs": str(thumbnails), "negatives": 1},
        "loss": {"kind": kind, "teacher": str(teacher)},
        "optimizer": {"batch_size": 6, "learning_rate": 3e-3, "steps": 6},
        "evaluation": {"every_steps": 3},
    }
    config = parse_config(told, EmbedderConfig, "test.toml")
    train_embedder(config, lambda _: None)
    folder = RunFolder(config.run.folder)
    losses = [line["loss"] for line in read_metrics(folder.metrics) if "loss" in line]
    assert losses[-1] < losses[0]


def test_a_teacher_with_fewer_dimensions_than_the_student_is_refused(base, configured):
    config = configured(loss={"kind": "distill-vectors", "teacher": str(base)})
    with pytest.raises(BadInput, match=r"has 64 dimensions, but the student has 1024"):
        train_embedder(config, lambda _: None)


def test_the_loss_of_a_configuration_is_the_cached_one(base):
    loss = embedder_loss(open_checkpoint(str(base), "cpu"), EmbedderLossSection(mini_batch_size=2))
    assert isinstance(loss, CachedMultipleNegativesRankingLoss)
    assert loss.mini_batch_size == 2


def _shown(data):
    """The rows of training data as a model that looks at images learns from them."""
    return data.shown(partial(fitting, ImageViews(data.pages)))
