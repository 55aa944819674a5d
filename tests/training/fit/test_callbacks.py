import json
from types import SimpleNamespace
from typing import Any

import pytest
from transformers import TrainerControl

from training.fit.callbacks import MetricsFile, Patience, Telling

UNUSED: Any = None  # what the trainer hands in, and these callbacks never look at


def state(step, most=100, *, first=True):
    return SimpleNamespace(global_step=step, max_steps=most, is_world_process_zero=first)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_the_trainer_logs_is_kept_without_what_only_it_needs(tmp_path):
    file = tmp_path / "metrics.jsonl"
    MetricsFile(file, 0).on_log(UNUSED, state(10), UNUSED, {"loss": 0.5, "epoch": 1, "eval_ndcg@10_64": 0.7})
    (line,) = lines(file)
    assert line.pop("seconds") >= 0
    assert line == {"step": 10, "loss": 0.5, "eval_ndcg@10_64": 0.7}


def test_a_resumed_run_drops_the_steps_it_does_again_and_a_torn_line(tmp_path):
    file = tmp_path / "metrics.jsonl"
    file.write_text('{"step": 10, "loss": 1}\n{"step": 20, "loss": 2}\n{"step": 30, "lo')
    MetricsFile(file, 10)
    assert lines(file) == [{"step": 10, "loss": 1}]


@pytest.mark.parametrize(("logs", "first"), [(None, True), ({"epoch": 1}, True), ({"loss": 1.0}, False)])
def test_nothing_worth_keeping_is_not_kept(tmp_path, logs, first):
    file = tmp_path / "metrics.jsonl"
    MetricsFile(file, 0).on_log(UNUSED, state(1, first=first), UNUSED, logs)
    assert not file.exists()


def test_people_hear_the_loss_the_quality_and_the_time_left():
    said = []
    telling = Telling(said.append)
    telling.on_train_begin(UNUSED, state(0), UNUSED)
    telling._begun_at -= 60
    telling.on_log(UNUSED, state(10), UNUSED, {"loss": 0.25})
    telling.on_log(UNUSED, state(100), UNUSED, {"eval_ndcg@10": 0.5})
    telling.on_log(UNUSED, state(50), UNUSED, {"epoch": 1})
    assert said == ["step 10 of 100, loss 0.2500, 9 min left", "step 100 of 100, nDCG@10 0.5000, 0 s left"]


def test_before_the_first_step_nobody_knows():
    said = []
    Telling(said.append).on_log(UNUSED, state(0), UNUSED, {"loss": 1.0})
    assert said == ["step 0 of 100, loss 1.0000, time left unknown"]


def begun(measured, patience):
    """Callback and control of a run that is resumed with these measurements behind it."""
    callback, control = Patience(early_stopping_patience=patience), TrainerControl()
    history = [{"loss": 1.0}, *({"eval_ndcg@10": each, "step": n} for n, each in enumerate(measured))]
    arguments: Any = SimpleNamespace(
        load_best_model_at_end=True, metric_for_best_model="eval_ndcg@10", eval_strategy="steps"
    )
    resumed: Any = SimpleNamespace(log_history=history)
    callback.on_train_begin(arguments, resumed, control)
    return callback, control


def test_patience_remembers_the_evaluations_before_a_run_was_resumed():
    callback, control = begun([0.5, 0.6, 0.6, 0.4], 3)
    assert callback.early_stopping_patience_counter == 2 and not control.should_training_stop
    assert begun([], 3)[0].early_stopping_patience_counter == 0


def test_a_run_out_of_patience_does_not_begin_again():
    assert begun([0.5, 0.4, 0.4], 2)[1].should_training_stop


def test_the_clock_of_a_resumed_run_goes_on(tmp_path):
    file = tmp_path / "metrics.jsonl"
    file.write_text('{"step": 10, "seconds": 70.5, "loss": 1}\n{"step": 20, "seconds": 90, "loss": 2}\n')
    metrics = MetricsFile(file, 10)
    assert metrics.seconds_before == 70.5
    metrics.on_log(UNUSED, state(20), UNUSED, {"loss": 0.5})
    assert 70.5 <= lines(file)[-1]["seconds"] < 90
