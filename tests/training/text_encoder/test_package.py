"""A checkpoint for texts becomes a text encoder that ranks as it did."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Pooling

from tests.fixtures.checkpoints import save_checkpoint, tiny_bert
from tests.fixtures.pairs import write_pairs
from training.pairs.dataset import PairsDataset, read_pairs
from training.text_encoder import measure
from training.text_encoder.package import package
from vdr.errors import BadInput
from vdr.models.own_modules import is_text_encoder
from vdr.text_encoder.encoder import TextEncoder

TEXTS = [" ".join(word) for word in ("harbour", "whales", "bread", "turnover", "quay", "baker", "ship")]


@pytest.fixture
def base(tmp_path: Path) -> SentenceTransformer:
    return SentenceTransformer(str(tiny_bert(tmp_path / "base")), device="cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("pairs") / "pairs", size=(32, 40))


@pytest.fixture(scope="module")
def pairs(folder: Path) -> PairsDataset:
    return read_pairs(folder)


def test_no_cosine_changes_by_more_than_rounding(
    base: SentenceTransformer, pairs: PairsDataset, tmp_path: Path
) -> None:
    wanted = base.similarity(base.encode(TEXTS), base.encode(TEXTS)).numpy()
    package(base, pairs, tmp_path / "made", steps=3)
    assert is_text_encoder(tmp_path / "made")
    found = TextEncoder.read(tmp_path / "made").embed(TEXTS)
    assert np.abs(found @ found.T - wanted).max() < 0.02


def test_what_is_no_mean_of_tokens_is_refused(pairs: PairsDataset, tmp_path: Path) -> None:
    transformer = Transformer(str(tiny_bert(tmp_path / "base")))
    folder = save_checkpoint([transformer, Pooling(16, pooling_mode="cls")], tmp_path / "first")
    with pytest.raises(BadInput, match="mean of its tokens"):
        package(SentenceTransformer(str(folder), device="cpu"), pairs, tmp_path / "made", steps=1)


def test_it_is_measured_at_every_width(
    base: SentenceTransformer,
    pairs: PairsDataset,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    package(base, pairs, tmp_path / "made", steps=1)
    monkeypatch.setattr(sys, "argv", ["measure", str(folder), str(tmp_path / "made")])
    measure.main()
    told = json.loads(capsys.readouterr().out)
    assert (told["pages"], told["queries"]) == (6, 6)
    assert set(told["ndcg@10"]) == {"16", "8", "4", "2", "1"}
    assert all(0 < found <= 1 for found in told["ndcg@10"].values())
