"""What is said and kept while a model is trained."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

Say = Callable[[str], object]
_KEPT = ("loss", "learning_rate", "grad_norm", "eval_ndcg@10", "train_runtime")


class MetricsFile(TrainerCallback):
    """Appends what the trainer logs to a file, a JSON line each, with the seconds since it was begun.

    A resumed run first drops the lines of steps that it will do again.
    """

    def __init__(self, path: Path, resumed_at: int) -> None:
        self._path, self._begun = path, time.monotonic()
        if path.exists():
            lines = [line for line in path.read_text().splitlines() if line.endswith("}")]
            kept = [line for line in lines if json.loads(line)["step"] <= resumed_at]
            path.write_text("".join(line + "\n" for line in kept))

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
            seconds = round(time.monotonic() - self._begun, 2)
            with self._path.open("a") as file:
                file.write(json.dumps({"step": state.global_step, "seconds": seconds, **kept}) + "\n")


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
        if "eval_ndcg@10" in logs:
            told.append(f"nDCG@10 {logs['eval_ndcg@10']:.4f}")
        if len(told) > 1:
            self._say(", ".join([*told, self._time_left(state)]))

    def _time_left(self, state: TrainerState) -> str:
        done = state.global_step - self._begun_step
        if done <= 0:
            return "time left unknown"
        seconds = (time.monotonic() - self._begun_at) / done * (state.max_steps - state.global_step)
        return f"{seconds / 60:.0f} min left" if seconds >= 120 else f"{seconds:.0f} s left"
