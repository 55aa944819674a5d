"""One training in two processes, as torchrun starts them on two GPUs; here on the CPU."""

import os
import subprocess
import sys
from pathlib import Path

from training.fit.curves import read_metrics
from training.fit.run_folder import RunFolder

_CONFIG = """
[run]
folder = "{run}"
[model]
add_projection = true
[data]
pairs = "{pairs}"
negatives = 1
[loss]
mini_batch_size = 2
matryoshka = {{ dims = [1024, 64] }}
[optimizer]
batch_size = 3
learning_rate = 0.01
steps = 12
[evaluation]
every_steps = 6
"""


def test_two_processes_train_one_model(pairs, tmp_path):
    config, folder = tmp_path / "config.toml", RunFolder(tmp_path / "run")
    config.write_text(_CONFIG.format(run=folder.root, pairs=pairs))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["--no-python", str(Path(sys.executable).parent / "vdr"), "train", "embedder", str(config)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
    result = folder.read_result()
    assert result.steps == 12
    assert result.gain["1024"].corpus.mean > 0.1
    losses = [line["loss"] for line in read_metrics(folder.metrics) if "loss" in line]
    assert len(losses) == 2  # written by one process alone
    assert losses[1] < losses[0]
