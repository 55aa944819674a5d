import pytest

from tests.fixtures.pairs import write_pairs
from training.fit.config import EmbedderConfig, parse_config
from training.fit.embedder import train_embedder
from training.fit.run_folder import RunFolder


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of a finished training of the page reader; its pairs lie beside it."""
    work = tmp_path_factory.mktemp("report")
    told = {
        "run": {"folder": str(work / "tuned")},
        "model": {"add_projection": True},
        "data": {"pairs": str(write_pairs(work / "pairs")), "negatives": 1},
        "loss": {"matryoshka": {"dims": [1024, 64]}},
        "optimizer": {"batch_size": 6, "learning_rate": 0.003, "steps": 6},
        "evaluation": {"every_steps": 3},
    }
    train_embedder(parse_config(told, EmbedderConfig, "test.toml"), lambda _: None)
    return RunFolder(work / "tuned")
