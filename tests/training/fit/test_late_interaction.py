"""The page reader trained as a late-interaction model."""

import json

import numpy as np
import pytest

from training.fit.config import LateInteractionConfig, parse_config
from training.fit.curves import read_metrics
from training.fit.late_interaction import open_late_interaction, train_late_interaction
from training.fit.run_folder import RunFolder
from vdr.errors import ModelError
from vdr.models.embedder import load_embedder
from vdr.settings import ModelSettings

pytestmark = pytest.mark.slow


@pytest.fixture
def configured(pairs, tmp_path):
    def configure(**sections):
        told = {
            "run": {"folder": str(tmp_path / "run")},
            "data": {"pairs": str(pairs), "negatives": 1},
            "loss": {"scale": 20.0, "mini_batch_size": 4},
            "optimizer": {"batch_size": 6, "learning_rate": 0.05, "steps": 8},
            "evaluation": {"every_steps": 4},
        }
        return parse_config({**told, **sections}, LateInteractionConfig, "test.toml")

    return configure


def test_query_weights_learn_and_are_served(configured):
    config = configured()
    result = train_late_interaction(config, lambda _: None)
    folder = RunFolder(config.run.folder)
    assert [line["step"] for line in read_metrics(folder.metrics) if "eval_ndcg@10" in line] == [4, 8]
    assert set(result.systems) == {"embedder", "base", "tuned", "base+rerank", "tuned+rerank"}
    assert set(result.gain) == {"over base", "reranked", "over embedder"}
    tuned, base = (load_embedder(ModelSettings(embedder=m)) for m in (str(folder.model), "page-reader"))
    (after,), (before,) = tuned.encode_queries(["loaf 1991"]), base.encode_queries(["loaf 1991"])
    assert after.tokens.rows.shape == before.tokens.rows.shape
    assert after.tokens.rows.tolist() != before.tokens.rows.tolist()


def test_a_run_of_before_is_resumed(configured):
    """Its first stage was kept as JSON: it is embedded once more, to the same scores."""
    config = configured()
    result, folder = train_late_interaction(config, lambda _: None), RunFolder(config.run.folder)
    folder.base.write_text(json.dumps(json.loads(folder.base.read_text())))
    (folder.root / "candidates.json").write_text(json.dumps(np.load(folder.first_stage).tolist()))
    for file in (folder.first_stage, folder.result):
        file.unlink()
    resumed = train_late_interaction(config, lambda _: None)
    assert (resumed.systems, resumed.gain) == (result.systems, result.gain)


def test_the_first_stage_is_embedded_once_a_run(configured):
    config, said = configured(optimizer={"batch_size": 6, "steps": 1}), []
    train_late_interaction(config, said.append)
    RunFolder(config.run.folder).result.unlink()
    train_late_interaction(config, said.append)
    assert len([line for line in said if line.startswith("Ranking ")]) == 1
    assert len([line for line in said if line.startswith("Evaluating the base model")]) == 1


def test_a_checkpoint_that_is_not_there_is_said(configured, tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_late_interaction(configured(model={"base": str(tmp_path / "nothing")}))
