"""What is said and kept while a model is trained."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import (
    EarlyStoppingCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from vdr.files import write_whole

Say = Callable[[str], object]
_MEASURE = "eval_ndcg@10"
_KEPT = ("loss", "learning_rate", "grad_norm", _MEASURE, "train_runtime")


class MetricsFile(TrainerCallback):
    """Appends what the trainer logs to a file, a JSON line each, with the seconds since it was begun.

    A resumed run first drops the lines of steps that it will do again; its clock goes on from the others,
    `seconds_before`.
    """

    def __init__(self, path: Path, resumed_at: int) -> None:
        self._path, self._begun = path, time.monotonic()
        self.seconds_before = 0.0
        if path.exists():
            lines = [line for line in path.read_text().splitlines() if line.endswith("}")]
            kept = [line for line in lines if json.loads(line)["step"] <= resumed_at]
            write_whole(path, "".join(line + "\n" for line in kept))
            self.seconds_before = json.loads(kept[-1]).get("seconds", 0.0) if kept else 0.0

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Writes one line."""
        kept = {name: value for name, value in (logs or {}).items() if name.startswith(_KEPT)}
        if state.is_world_process_zero and kept:
            seconds = round(self.seconds_before + time.monotonic() - self._begun, 2)
            with self._path.open("a") as file:
                file.write(json.dumps({"step": state.global_step, "seconds": seconds, **kept}) + "\n")


class Patience(EarlyStoppingCallback):
    """Stops a training after so many evaluations without gain, those before it was resumed among them.

    The trainer's own way to remember them is off by default, and of no use where they are all there were.
    """

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **more: Any,  # noqa: ANN401
    ) -> None:
        """Counts the evaluations of the run that is resumed."""
        super().on_train_begin(args, state, control, **more)  # type: ignore[no-untyped-call]
        best, since = -math.inf, 0
        for measured in (line[_MEASURE] for line in state.log_history if _MEASURE in line):
            best, since = (measured, 0) if measured > best else (best, since + 1)
        self.early_stopping_patience_counter = since
        control.should_training_stop |= since >= self.early_stopping_patience


class Telling(TrainerCallback):
    """Tells people how far it is: a line for every log, with the time left."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._begun_at, self._begun_step = time.monotonic(), 0

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Starts the clock."""
        self._begun_at, self._begun_step = time.monotonic(), state.global_step

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Says one line."""
        if not state.is_world_process_zero or not logs:
            return
        told = [f"step {state.global_step} of {state.max_steps}"]
        if "loss" in logs:
            told.append(f"loss {logs['loss']:.4f}")
        if _MEASURE in logs:
            told.append(f"nDCG@10 {logs[_MEASURE]:.4f}")
        if len(told) > 1:
            self._say(", ".join([*told, self._time_left(state)]))

    def _time_left(self, state: TrainerState) -> str:
        done = state.global_step - self._begun_step
        if done <= 0:
            return "time left unknown"
        seconds = (time.monotonic() - self._begun_at) / done * (state.max_steps - state.global_step)
        return f"{seconds / 60:.0f} min left" if seconds >= 120 else f"{seconds:.0f} s left"
