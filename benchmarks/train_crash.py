"""Kills a training at random, resumes it each time, and compares the weights with those of a plain run.

python -m benchmarks.train_crash [--kills N] [--steps N] [--seed N]
"""

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from safetensors.torch import load_file

from tests.fixtures.pairs import write_pairs
from training.fit.curves import read_metrics
from training.fit.run_folder import RunFolder

_EVERY = 3
_CONFIG = """
[run]
folder = "{folder}"
[model]
add_projection = true
[data]
pairs = "{pairs}"
negatives = 1
[loss]
matryoshka = {{ dims = [1024, 64] }}
[optimizer]
batch_size = 6
learning_rate = 0.01
steps = {steps}
[evaluation]
every_steps = {every}
"""


def main(
    kills: Annotated[int, typer.Option(help="How often the training is killed.")] = 3,
    steps: Annotated[int, typer.Option(help="Steps of the training.")] = 60,
    seed: Annotated[
        int | None, typer.Option(help="Of the moments; Default: a different one each time.")
    ] = None,
) -> None:
    """Train once undisturbed, once with kill -9, and tell whether the weights are the same to the bit."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="vdr-train-crash-") as work:
        pairs = write_pairs(Path(work) / "pairs")
        undisturbed, killed = (_config(Path(work) / name, pairs, steps) for name in ("alone", "killed"))
        _train(undisturbed).wait()
        folder = RunFolder(Path(work) / "killed")
        at = [
            _kill(killed, folder, chance.randrange(steps * n // kills, steps * (n + 1) // kills), chance)
            for n in range(kills)
        ]
        _train(killed).wait()
        same = _weights(Path(work) / "alone") == _weights(folder.root)
    typer.echo(
        json.dumps({"benchmark": "train_crash", "steps": steps, "killed_after_step": at, "same": same})
    )
    if not same:
        raise typer.Exit(1)


def _config(folder: Path, pairs: Path, steps: int) -> Path:
    file = folder.with_suffix(".toml")
    file.write_text(_CONFIG.format(folder=folder, pairs=pairs, steps=steps, every=_EVERY))
    return file


def _train(config: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-c",
        "from app.cli.main import main; main()",
        "train",
        "embedder",
        str(config),
    ]
    return subprocess.Popen(command, stdout=sys.stderr)


def _kill(config: Path, folder: RunFolder, step: int, chance: random.Random) -> int:
    """Kills a training some moment after `step` was told of; the step told of last."""
    process = _train(config)
    while _last_step(folder) < step - _EVERY and process.poll() is None:
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.5))
    process.send_signal(signal.SIGKILL)
    process.wait()
    return _last_step(folder)


def _last_step(folder: RunFolder) -> int:
    return (
        max((int(line["step"]) for line in read_metrics(folder.metrics)), default=0)
        if folder.metrics.exists()
        else 0
    )


def _weights(run: Path) -> dict[str, bytes]:
    files = sorted((run / "model").rglob("*.safetensors"))
    return {
        f"{file.relative_to(run)} {name}": value.numpy().tobytes()
        for file in files
        for name, value in load_file(file).items()
    }


if __name__ == "__main__":
    typer.run(main)
