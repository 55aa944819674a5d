"""The folder of a run: config, checkpoints, metrics, result and model; one process writes it at a time."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from training.fit.config import RunConfig
from training.fit.result import RunResult
from vdr.errors import BadInput
from vdr.faults import first_fault
from vdr.files import write_whole

_STATE = "trainer_state.json"  # the trainer writes it last: a checkpoint without it was broken off


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where the parts of a run lie."""

    root: Path

    @property
    def checkpoints(self) -> Path:
        """The trainer's own folder."""
        return self.root / "checkpoints"

    @property
    def model(self) -> Path:
        """The best model, ready to be served."""
        return self.root / "model"

    @property
    def adapter(self) -> Path:
        """The low-rank adapter alone, where one was trained."""
        return self.root / "adapter"

    @property
    def base(self) -> Path:
        """What the base could do before anything was trained."""
        return self.root / "base.json"

    @property
    def first_stage(self) -> Path:
        """The scores (queries, pages) of the embedder whose candidates a second model puts in order."""
        return self.root / "candidates.npy"

    @property
    def words(self) -> Path:
        """The words read in the images of pages without text, for a model that takes texts alone."""
        return self.root / "words.json"

    @property
    def metrics(self) -> Path:
        """What was measured on the way, a JSON line each."""
        return self.root / "metrics.jsonl"

    @property
    def result(self) -> Path:
        """What came of it; its being there says that the run is finished."""
        return self.root / "result.json"

    @property
    def answers(self) -> Path:
        """Each question with what was found before and after, a JSON line each."""
        return self.root / "answers.jsonl"

    @property
    def curves(self) -> Path:
        """Loss and quality over the steps, as a picture."""
        return self.root / "curves.png"

    @property
    def is_finished(self) -> bool:
        """Whether there is a result."""
        return self.result.exists()

    def last_checkpoint(self) -> Path | None:
        """The newest whole checkpoint; what a killed process left half written is removed."""
        whole = []
        for folder in self.checkpoints.glob("checkpoint-*"):
            if _is_whole(folder):
                whole.append(folder)
            else:
                shutil.rmtree(folder, ignore_errors=True)  # others that train with this one do so as well
        return max(whole, key=_step, default=None)

    def check_data(self, mark: str) -> None:
        """Note the mark of the data to learn from. Raises BadInput where the run began with other data."""
        file = self.root / "data.sha256"
        if not file.exists():
            write_whole(file, mark)
        elif file.read_text() != mark:
            raise BadInput(
                f"The pairs have changed since {self.root} was started.",
                remedy="Choose another run.folder, or delete the old one.",
            )

    def read_result(self) -> RunResult:
        """The result of a finished run. Raises BadInput where there is none, or one that is not valid."""
        try:
            return RunResult.model_validate_json(self.result.read_bytes())
        except FileNotFoundError as error:
            raise BadInput(
                f"{self.root} is not a finished run.", remedy="Choose the folder of a finished run."
            ) from error
        except ValidationError as error:
            raise BadInput(
                f"{self.result} is not a valid result: {first_fault(error)}.", remedy="Train it again."
            ) from error


@contextmanager
def open_run(config: RunConfig) -> Iterator[RunFolder]:
    """The folder of a run, new or to be resumed, locked against other processes.

    Raises BadInput if another process is at it, if it was begun with another configuration, or if its place
    cannot be written.
    """
    folder = RunFolder(config.run.folder)
    try:
        folder.checkpoints.mkdir(parents=True, exist_ok=True)
        lock = (folder.root / ".lock").open("w")
    except OSError as error:
        raise BadInput(f"Cannot write {folder.root}: {error.strerror}.") from error
    with lock:
        if not is_first_process():
            yield folder
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadInput(
                f"Another process is training in {folder.root}.", remedy="Wait until it has finished."
            ) from error
        _check_same(folder.root / "config.json", config)
        yield folder


def is_first_process() -> bool:
    """Whether this is the process that writes, of those that torchrun or accelerate started."""
    return int(os.environ.get("RANK", "0")) == 0


def _check_same(file: Path, config: RunConfig) -> None:
    told = config.model_dump(mode="json")
    if not file.exists():
        write_whole(file, json.dumps(told, indent=2) + "\n")
        return
    before = json.loads(file.read_text())
    changed = sorted(section for section in told if told[section] != before.get(section))
    if changed:
        raise BadInput(
            f"{file.parent} was started with another configuration ({', '.join(changed)} differ).",
            remedy="Choose another run.folder, or delete the old one.",
        )


def _is_whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / _STATE).read_text())
    except (OSError, ValueError):
        return False
    return True


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rsplit("-", 1)[1])
