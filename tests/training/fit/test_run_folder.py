import json
import shutil

import pytest

from tests.fixtures.pairs import write_pairs
from training.fit import run_folder
from training.fit.run_folder import RunFolder, open_run
from training.pairs.dataset import mark_of
from vdr.errors import BadInput

SCORE = {"ndcg@10": 0.25, "ndcg@10_interval": [0.2, 0.5]}
GAIN = {**SCORE, "share_above_zero": 0.98, "error_removed": 0.3}
# As the first version wrote it.
OF_BEFORE = (
    json.dumps(
        {
            "kind": "embedder",
            "base": "page-reader",
            "rows": 12,
            "questions": 6,
            "pages": 6,
            "steps": 8,
            "best_step": None,
            "seconds": 8.5,
            "learning_parameters": 10,
            "parameters": 100,
            "systems": {name: {"within": SCORE, "corpus": SCORE} for name in ("bm25", "base@64", "tuned@64")},
            "gain": {"64": {"within": GAIN, "corpus": GAIN}},
            "kept": {key: {"64": {"within": 1.0, "corpus": 1.0}} for key in ("base", "tuned")},
        },
        indent=2,
    )
    + "\n"
)


def checkpoint(folder, step, *, whole=True):
    path = folder.checkpoints / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"weights")
    if whole:
        (path / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    return path


def test_the_newest_whole_checkpoint_is_the_last(tmp_path):
    folder = RunFolder(tmp_path)
    for step in (5, 100, 20):
        checkpoint(folder, step)
    assert folder.last_checkpoint().name == "checkpoint-100"


def test_a_checkpoint_broken_off_is_removed_and_passed_by(tmp_path):
    folder = RunFolder(tmp_path)
    checkpoint(folder, 10)
    broken = checkpoint(folder, 20, whole=False)
    torn = checkpoint(folder, 30)
    (torn / "trainer_state.json").write_text('{"global_')
    assert folder.last_checkpoint().name == "checkpoint-10"
    assert not broken.exists()
    assert not torn.exists()


def test_a_new_run_has_no_checkpoint(tmp_path):
    assert RunFolder(tmp_path).last_checkpoint() is None


def test_a_run_is_opened_again_with_the_same_configuration(configured):
    for _ in range(2):
        with open_run(configured()) as folder:
            assert not folder.is_finished


def test_a_run_begun_with_another_configuration_is_left_alone(configured):
    with open_run(configured()):
        pass
    changed = configured(optimizer={"batch_size": 4, "steps": 12})
    with pytest.raises(BadInput, match=r"another configuration \(optimizer differ\)"), open_run(changed):
        pass


def test_two_processes_cannot_train_in_one_folder(configured):
    with (
        open_run(configured()),
        pytest.raises(BadInput, match="Another process is training"),
        open_run(configured()),
    ):
        pass


def test_processes_beside_the_first_take_no_lock(configured, monkeypatch):
    with open_run(configured()):
        monkeypatch.setenv("RANK", "1")
        with open_run(configured()) as folder:
            assert folder.checkpoints.is_dir()


def test_a_place_that_cannot_be_written_is_said(configured, tmp_path):
    (tmp_path / "file").write_text("")
    config = configured(run={"folder": str(tmp_path / "file" / "run")})
    with pytest.raises(BadInput, match="Cannot write"), open_run(config):
        pass


def test_only_a_finished_run_has_a_result(tmp_path):
    folder = RunFolder(tmp_path)
    with pytest.raises(BadInput, match="not a finished run"):
        folder.read_result()
    folder.result.write_text(OF_BEFORE)
    assert folder.read_result().systems["tuned@64"].within.interval == (0.2, 0.5)


def test_a_result_of_before_is_written_again_as_it_was(tmp_path):
    folder = RunFolder(tmp_path)
    folder.result.write_text(OF_BEFORE)
    assert folder.read_result().to_json() == OF_BEFORE


def test_a_result_that_is_not_valid_says_where(tmp_path):
    folder = RunFolder(tmp_path)
    folder.result.write_text('{"kind": "embedder"}')
    with pytest.raises(BadInput, match=r"result\.json is not a valid result: base: Field required"):
        folder.read_result()


def test_a_broken_checkpoint_that_another_process_removes_first_is_passed_by(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path)
    checkpoint(folder, 10)
    checkpoint(folder, 20, whole=False)
    real = run_folder._is_whole

    def then_removed(path):
        is_whole = real(path)
        if not is_whole:
            shutil.rmtree(path)
        return is_whole

    monkeypatch.setattr(run_folder, "_is_whole", then_removed)
    assert folder.last_checkpoint().name == "checkpoint-10"


def test_a_run_is_not_resumed_with_other_data(tmp_path):
    write_pairs(tmp_path / "pairs", negatives=1)
    folder = RunFolder(tmp_path)
    folder.check_data(mark_of(tmp_path / "pairs"))
    folder.check_data(mark_of(tmp_path / "pairs"))
    write_pairs(tmp_path / "pairs", negatives=2)
    with pytest.raises(BadInput, match="have changed"):
        folder.check_data(mark_of(tmp_path / "pairs"))
