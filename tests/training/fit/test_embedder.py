"""A page reader is trained for real: on synonyms that only training can teach it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from training.fit.config import EmbedderConfig, parse_config
from training.fit.curves import read_metrics
from training.fit.embedder import dimensions, train_embedder
from training.fit.run_folder import RunFolder
from vdr.errors import BadInput, ModelError
from vdr.models.embedder import load_embedder
from vdr.settings import PAGE_READER, ModelSettings

# What `vdr train embedder` runs, without the command line around it.
_TRAIN = """
import sys
from pathlib import Path
from training.fit.config import EmbedderConfig, read_config
from training.fit.embedder import train_embedder

train_embedder(read_config(Path(sys.argv[1]), EmbedderConfig))
"""

pytestmark = pytest.mark.slow


def silent(_):
    """Says nothing."""


@pytest.fixture(scope="module")
def finished(pairs, tmp_path_factory):
    """A finished run, with what it said."""
    told = {
        "run": {"folder": str(tmp_path_factory.mktemp("finished") / "run")},
        "model": {"add_projection": True},
        "data": {"pairs": str(pairs), "negatives": 1},
        "loss": {"matryoshka": {"dims": [1024, 64]}},
        "optimizer": {"batch_size": 6, "learning_rate": 0.01, "steps": 16},
        "evaluation": {"every_steps": 4},
    }
    config, said = parse_config(told, EmbedderConfig, "test.toml"), []
    return config, train_embedder(config, said.append), RunFolder(config.run.folder), said


def test_training_teaches_what_the_base_did_not_know(finished):
    _, result, _, _ = finished
    before, after = (result.systems[f"{name}@1024"].corpus.mean for name in ("base", "tuned"))
    assert before < 0.8
    assert after > before + 0.2
    assert result.gain["1024"].corpus.error_removed > 0.5


def test_the_result_compares_every_dimension_with_the_base_and_bm25(finished):
    _, result, _, _ = finished
    assert set(result.systems) == {"bm25", "base@1024", "base@64", "tuned@1024", "tuned@64"}
    assert set(result.kept.tuned) == {1_024, 64}
    assert result.learning_parameters < result.parameters


def test_the_run_keeps_metrics_curves_and_a_card(finished):
    _, result, folder, _ = finished
    lines = read_metrics(folder.metrics)
    assert [line["step"] for line in lines if "eval_ndcg@10" in line] == [4, 8, 12, 16]
    assert {"loss", "learning_rate"} <= set(lines[0])
    assert folder.curves.read_bytes().startswith(b"\x89PNG")
    card = (folder.model / "README.md").read_text()
    assert f"{result.systems['tuned@64'].corpus.mean:.3f}" in card
    assert "12 rows" in card


def test_the_loss_falls(finished):
    losses = [line["loss"] for line in read_metrics(finished[2].metrics) if "loss" in line]
    assert losses[-1] < 0.5 * losses[0]


def test_people_are_told_how_far_it_is(finished):
    said = finished[3]
    assert any("step 8 of 16" in line and "left" in line for line in said)
    assert any(line.startswith("nDCG@10 corpus:") for line in said)


def test_the_model_is_served_by_its_path_alone(finished):
    model = finished[2].model
    embedder = load_embedder(ModelSettings(embedder=str(model)))
    assert embedder.dims == 1_024
    assert embedder.fingerprint != load_embedder(ModelSettings(embedder=PAGE_READER)).fingerprint
    raw = SentenceTransformer(str(model), device="cpu", trust_remote_code=True)
    (query,) = embedder.encode_queries(["quay"])
    assert query.embedding == pytest.approx(raw.encode_query("quay"), abs=1e-5)


def test_a_finished_run_is_not_done_again(finished):
    config, result, folder, _ = finished
    before = folder.result.stat().st_mtime_ns
    assert train_embedder(config, silent) == result
    assert folder.result.stat().st_mtime_ns == before


def test_a_run_killed_between_its_model_and_its_result_is_finished(configured):
    config = configured(optimizer={"batch_size": 6, "learning_rate": 0.01, "steps": 4})
    result, folder = train_embedder(config, silent), RunFolder(config.run.folder)
    folder.result.unlink()
    assert train_embedder(config, silent).systems == result.systems
    assert SentenceTransformer(str(folder.model), device="cpu", trust_remote_code=True)


def test_a_run_killed_again_and_again_ends_like_one_undisturbed(finished, tmp_path):
    config, _, undisturbed, _ = finished
    told = config.model_dump(mode="json", exclude_none=True)
    told["run"]["folder"] = str(tmp_path / "killed")
    file = tmp_path / "run.toml"
    file.write_text(_toml(told))
    folder = RunFolder(tmp_path / "killed")
    for checkpoint in (4, 12):
        _kill_after(file, folder.checkpoints / f"checkpoint-{checkpoint}")
        assert not folder.is_finished
    train_embedder(parse_config(told, EmbedderConfig, "run.toml"), silent)
    assert folder.is_finished
    assert _weights(folder.model) == _weights(undisturbed.model)
    steps = [line["step"] for line in read_metrics(folder.metrics)]
    assert steps == [line["step"] for line in read_metrics(undisturbed.metrics)]


def test_dimensions_default_to_halvings(configured):
    class Model:
        def get_embedding_dimension(self):
            return 1_024

    assert dimensions(configured(loss={}), Model()) == [1_024, 512, 256, 128, 64, 32]  # type: ignore[arg-type]


def test_a_dimension_larger_than_the_model_is_refused_before_anything_is_done(configured):
    config = configured(loss={"matryoshka": {"dims": [4096]}})
    with pytest.raises(BadInput, match="asks for 4096 dimensions, but the model has 1024"):
        train_embedder(config, silent)
    assert not RunFolder(config.run.folder).metrics.exists()


def test_a_checkpoint_that_is_none_is_a_model_error(configured, tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        train_embedder(configured(model={"base": str(tmp_path / "nothing")}), silent)


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ({"lora": {"rank": 4}}, r"model\.lora"),
        ({"gradient_checkpointing": True}, r"model\.gradient_checkpointing"),
        ({"max_pixels": 100_000}, r"model\.max_pixels"),
    ],
)
def test_what_only_transformers_have_is_refused_by_name(configured, section, named):
    with pytest.raises(BadInput, match=named):
        train_embedder(configured(model=section), silent)


def test_tensorboard_that_is_not_there_is_said(configured, monkeypatch):
    monkeypatch.setattr("training.fit.trainer.find_spec", lambda _: None)
    config = configured()
    config = config.model_copy(update={"run": config.run.model_copy(update={"tensorboard": True})})
    with pytest.raises(BadInput, match="needs TensorBoard"):
        train_embedder(config, silent)


def test_training_stops_when_nothing_is_gained(configured):
    config = configured(
        optimizer={"batch_size": 6, "learning_rate": 1e-9, "steps": 40},
        evaluation={"every_steps": 1, "patience": 2},
    )
    assert train_embedder(config, silent).steps == 3


def test_a_resumed_run_stops_for_want_of_gain_where_one_undisturbed_does(configured):
    config = configured(
        optimizer={"batch_size": 6, "learning_rate": 1e-9, "steps": 40},
        evaluation={"every_steps": 1, "patience": 3},
    )

    def interrupt(line):
        if line.startswith("step 4"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_embedder(config, interrupt)
    assert RunFolder(config.run.folder).last_checkpoint().name == "checkpoint-3"
    assert train_embedder(config, silent).steps == 4


def _toml(told):
    """Nested tables of plain values as TOML."""
    lines = []
    for section, values in told.items():
        tables = {k: v for k, v in values.items() if isinstance(v, dict)}
        lines += [f"[{section}]", *(f"{k} = {json.dumps(v)}" for k, v in values.items() if k not in tables)]
        for name, table in tables.items():
            lines += [f"[{section}.{name}]", *(f"{k} = {json.dumps(v)}" for k, v in table.items())]
    return "\n".join(lines)


def _start(file):
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.Popen([sys.executable, "-c", _TRAIN, str(file)], env=environment)


def _kill_after(file, checkpoint):
    """Kills a training, wherever it is, a moment after a checkpoint begins to appear."""
    process = _start(file)
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.01)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()


def _weights(model):
    found = {}
    for file in sorted(model.rglob("*.safetensors")):
        for name, value in load_file(file).items():
            found[f"{file.parent.name}.{name}"] = value.numpy().tobytes()
    return found
