"""A finished training, and results of others written by hand."""

import json
import shutil

import pytest

from tests.fixtures.pairs import write_pairs
from training.fit.config import EmbedderConfig, parse_config
from training.fit.embedder import train_embedder
from training.fit.run_folder import RunFolder

# Nothing but training can tell what the other words mean.
TOPICS = (
    ("harbour", "blick"),
    ("turbine", "wug"),
    ("bakery", "dax"),
    ("orchard", "toma"),
    ("glacier", "fep"),
    ("theatre", "zib"),
)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of a finished training of the page reader; its pairs lie beside it."""
    work = tmp_path_factory.mktemp("report")
    told = {
        "run": {"folder": str(work / "tuned")},
        "model": {"add_projection": True},
        "data": {"pairs": str(write_pairs(work / "pairs", topics=TOPICS)), "negatives": 1},
        "loss": {"matryoshka": {"dims": [1024, 64]}},
        "optimizer": {"batch_size": 6, "learning_rate": 0.003, "steps": 6},
        "evaluation": {"every_steps": 3},
    }
    train_embedder(parse_config(told, EmbedderConfig, "test.toml"), lambda _: None)
    return RunFolder(work / "tuned")


@pytest.fixture
def copied(finished, tmp_path):
    """Makes a copy of the finished run, in which a test may change what it likes."""

    def copy(**changes):
        shutil.copytree(finished.root, tmp_path / "copy", ignore=shutil.ignore_patterns("checkpoints"))
        folder = RunFolder(tmp_path / "copy")
        folder.result.write_text(json.dumps(json.loads(folder.result.read_text()) | changes))
        return folder

    return copy


def stated(mean, low=None, high=None, **more):
    """A number with its interval, as results have them."""
    return {
        "ndcg@10": mean,
        "ndcg@10_interval": [mean if low is None else low, mean if high is None else high],
        **more,
    }


def written(systems, gains):
    """The part of a result that holds systems (within, corpus) and gains (mean, low, high) over all pages."""
    return {
        "systems": {
            name: {"within": stated(within), "corpus": stated(corpus)}
            for name, (within, corpus) in systems.items()
        },
        "gain": {
            name: dict.fromkeys(
                ("within", "corpus"),
                stated(*gain, share_above_zero=0.75, error_removed=round(gain[0] / 2, 2)),
            )
            for name, gain in gains.items()
        },
    }


@pytest.fixture
def told(tmp_path):
    """Makes the folder of a run that is nothing but a result written by hand."""

    def tell(systems, gains, kind="late-interaction model"):
        names = "rows questions pages steps best_step seconds learning_parameters parameters"
        counts = dict.fromkeys(names.split(), 60)
        folder = RunFolder(tmp_path)
        folder.result.write_text(
            json.dumps({"kind": kind, "base": "page-reader", **counts, **written(systems, gains)})
        )
        return folder

    return tell
