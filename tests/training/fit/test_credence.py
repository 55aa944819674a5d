"""A text encoder that was trained further is believed as far as was measured again, and no further."""

import json
import shutil

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from tests.fixtures.checkpoints import tiny_bert
from tests.fixtures.pairs import write_pairs
from training.fit.config import EmbedderConfig, parse_config
from training.fit.embedder import train_embedder
from training.fit.run_folder import RunFolder
from training.pairs.dataset import read_pairs
from training.text_encoder.noise import nearest, noise_of
from training.text_encoder.package import package
from vdr.errors import ModelError
from vdr.models.embedder import load_embedder
from vdr.models.own_texts import credence_of
from vdr.settings import PAGE_READER, Backend, ModelSettings
from vdr.text_encoder.credence import FILE, OF_THE_SHIPPED, Credence

LETTERS = (("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"), ("i", "j"), ("k", "l"))
KNOWN, UNKNOWN = "a i", "ß ø"


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("letters") / "pairs", size=(32, 40), topics=LETTERS)


@pytest.fixture(scope="module")
def encoder(letters, tmp_path_factory):
    """A tiny text encoder, of the kind that is shipped."""
    folder = tmp_path_factory.mktemp("models")
    base = SentenceTransformer(str(tiny_bert(folder / "bert")), device="cpu")
    package(base, read_pairs(letters), folder / "encoder", steps=1)
    return folder / "encoder"


def trained(base, letters, root):
    told = {
        "run": {"folder": str(root)},
        "model": {"base": str(base)},
        "data": {"pairs": str(letters), "negatives": 1},
        "optimizer": {"batch_size": 6, "learning_rate": 0.01, "steps": 4},
        "evaluation": {"every_steps": 4},
    }
    train_embedder(parse_config(told, EmbedderConfig, "test.toml"), lambda _: None)
    return RunFolder(root).model


@pytest.fixture(scope="module")
def tuned(encoder, letters, tmp_path_factory):
    return trained(encoder, letters, tmp_path_factory.mktemp("runs") / "run")


def asked(folder, query, reader=None):
    embedder = load_embedder(
        ModelSettings(embedder=str(folder), reader=reader, device="cpu", backend=Backend.TORCH)
    )
    (vectors,) = embedder.encode_queries([query])
    return vectors


def test_noise_is_what_hardly_any_nonsense_reaches():
    windows = np.eye(3, dtype=np.float32)
    cosines = np.linspace(0, 0.5, 300, dtype=np.float32)

    queries = np.stack([cosines, cosines / 2, -cosines], axis=1)
    texts = []
    assert noise_of(windows, lambda made: texts.extend(made) or queries) == pytest.approx(0.475)
    assert len(set(texts)) == 300
    assert all(word.isascii() and word.islower() for text in texts for word in text.split())
    assert nearest(windows, queries) == pytest.approx(cosines)


def test_the_trained_one_keeps_what_it_cannot_read_and_has_a_noise_of_its_own(tuned):
    credence = credence_of(str(tuned))
    assert (credence.foreign, credence.native) == (OF_THE_SHIPPED.foreign, OF_THE_SHIPPED.native)
    assert credence.noise != OF_THE_SHIPPED.noise
    model = SentenceTransformer(str(tuned), device="cpu")
    pages = [f"The {page} of {1990 + n} report {n}" for n in range(3) for page, _ in LETTERS]
    windows = model.encode(pages, normalize_embeddings=True)
    noise = noise_of(windows, lambda texts: model.encode([*texts], normalize_embeddings=True))
    assert credence.noise == pytest.approx(noise, abs=1e-3)


@pytest.mark.parametrize("reader", [None, PAGE_READER])
def test_a_search_believes_it_so_far(tuned, reader):
    known, unknown = (asked(tuned, query, reader) for query in (KNOWN, UNKNOWN))
    assert known.noise == unknown.noise == credence_of(str(tuned)).noise
    assert known.dense_weight > unknown.dense_weight == 0


def test_one_trained_before_is_served_as_it_was(tuned, tmp_path):
    before = shutil.copytree(tuned, tmp_path / "before")
    (before / FILE).unlink()
    for query in (KNOWN, UNKNOWN):
        assert (asked(before, query).noise, asked(before, query).dense_weight) == (None, 1.0)
    fingerprints = {
        load_embedder(ModelSettings(embedder=str(folder), reader=None, backend=Backend.TORCH)).fingerprint
        for folder in (tuned, before)
    }
    assert len(fingerprints) == 1  # an index stays valid


def test_what_is_trained_from_the_trained_one_is_measured_too(tuned, letters, tmp_path):
    assert credence_of(str(trained(tuned, letters, tmp_path / "again"))) is not None


def test_of_another_base_nothing_is_known(letters, tmp_path):
    folder = trained(tiny_bert(tmp_path / "bert"), letters, tmp_path / "run")
    assert not (folder / FILE).exists()
    assert credence_of(str(folder)) is None


def test_what_is_noted_outdoes_what_the_shipped_one_has(encoder, tmp_path):
    noted = shutil.copytree(encoder, tmp_path / "noted")
    assert asked(noted, KNOWN).noise == OF_THE_SHIPPED.noise
    (noted / FILE).write_text(Credence(noise=0.3, foreign=0.1, native=0.9).model_dump_json())
    assert asked(noted, KNOWN).noise == 0.3


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        json.dumps({"noise": 2, "foreign": 0.3, "native": 0.5}),
        json.dumps({"noise": 0.4, "foreign": 0.5, "native": 0.3}),
    ],
)
def test_a_damaged_note_is_said_in_a_line(tuned, tmp_path, content):
    damaged = shutil.copytree(tuned, tmp_path / "damaged")
    (damaged / FILE).write_text(content)
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        asked(damaged, KNOWN)
    assert "\n" not in str(caught.value)
