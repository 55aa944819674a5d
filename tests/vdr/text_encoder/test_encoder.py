"""The text encoder without torch gives the vectors that Sentence Transformers gives with it."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer

from vdr.errors import ModelError
from vdr.models.checkpoint import open_checkpoint
from vdr.models.embedder import load_embedder
from vdr.models.own_modules import is_text_encoder
from vdr.models.query_embedder import folder_of
from vdr.settings import TEXT_ENCODER, ModelSettings
from vdr.text_encoder.encoder import TextEncoder

FOLDER = Path(folder_of(TEXT_ENCODER))
NEAR = 0.998  # where the CPU multiplies in eight bits; otherwise as torch has it
TEXTS = (
    "Net sales rose by 5 % in 2023.",
    "whales",
    "",
    "Žluťoučký kůň 中文 مرحبا 🐋",
    "Turnover by region " * 100,
    "KX-7721-B",
)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.read(FOLDER)


@pytest.fixture(scope="module")
def whole() -> SentenceTransformer:
    return open_checkpoint(str(FOLDER), "cpu")


def test_it_gives_what_sentence_transformers_gives(encoder: TextEncoder, whole: SentenceTransformer) -> None:
    wanted = whole.encode(list(TEXTS))
    found = encoder.embed(TEXTS)
    assert found.shape == (len(TEXTS), 384)
    assert (found * wanted).sum(axis=1).min() > NEAR


def test_texts_side_by_side_are_as_one_by_one(encoder: TextEncoder) -> None:
    alone = np.concatenate([encoder.embed([text]) for text in TEXTS])
    assert (encoder.embed(TEXTS) * alone).sum(axis=1).min() > 0.9999


def test_threads_may_share_it(encoder: TextEncoder) -> None:
    wanted = encoder.embed(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: encoder.embed(TEXTS), range(8)):
            assert np.abs(found - wanted).max() < 1e-5


def test_no_texts_are_no_rows(encoder: TextEncoder) -> None:
    assert encoder.embed([]).shape == (0, 384)


def test_a_text_too_long_counts_by_its_beginning(encoder: TextEncoder) -> None:
    begun = " ".join(["turnover"] * encoder.length)
    assert np.allclose(encoder.embed([begun]), encoder.embed([begun + " whales" * 50]), atol=1e-5)


def test_what_ends_a_text_to_the_model_is_no_word_of_a_page(encoder: TextEncoder) -> None:
    plain, marked = encoder.embed(["net sales rose", "net [SEP] sales [PAD] rose"])
    assert np.allclose(plain, marked, atol=1e-5)


def test_like_means_are_near_and_others_far(encoder: TextEncoder) -> None:
    asked, near, far = encoder.embed(["revenue", "net sales of the year", "cooking pasta at home"])
    assert asked @ near > asked @ far + 0.2


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("How did net sales develop by region in 2023?", 1.0),
        ("KX-7721-B of Amcor", 1 / 4),
        ("gleichen und unveräußerlichen Rechte", 1 / 4),
        ("основой свободы", 0.0),
        ("的固有尊严及", 0.0),
        ("5 % 2023", 1.0),
        ("", 1.0),
    ],
)
def test_it_knows_how_much_of_a_text_is_in_its_vocabulary(
    encoder: TextEncoder, text: str, share: float
) -> None:
    assert encoder.share_known(text) == pytest.approx(share)


def test_words_of_its_vocabulary_are_spelt_right(encoder: TextEncoder) -> None:
    assert encoder.knows("ethanol")
    assert not encoder.knows("quaterly")
    assert not encoder.knows("")
    embedder = load_embedder(ModelSettings(embedder=TEXT_ENCODER, reader=None))
    (query,) = embedder.encode_queries(["Quaterly sales of Éthanol"])
    assert query.known == {"sales", "ethanol"}


@pytest.mark.parametrize(
    ("text", "weight"),
    [("How did net sales develop?", 1.0), ("Würde und Rechten geboren", 0.0), ("的固有尊严及", 0.0)],
)
def test_a_question_in_a_language_that_it_does_not_read_counts_nothing(text: str, weight: float) -> None:
    embedder = load_embedder(ModelSettings(embedder=TEXT_ENCODER, reader=None))
    (query,) = embedder.encode_queries([text])
    assert query.dense_weight == pytest.approx(weight)


def test_it_becomes_an_ordinary_checkpoint_once_it_is_saved(
    whole: SentenceTransformer, tmp_path: Path
) -> None:
    assert type(whole[0]) is Transformer
    whole.save(str(tmp_path / "tuned"), create_model_card=False)
    assert not is_text_encoder(tmp_path / "tuned")
    again = SentenceTransformer(str(tmp_path / "tuned"), device="cpu")
    assert np.abs(again.encode(["net sales"]) - whole.encode(["net sales"])).max() < 1e-6


def test_a_damaged_one_is_named(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "cut")
    (tmp_path / "cut" / "eight-bits.safetensors").write_bytes(b"cut off")
    with pytest.raises(ModelError, match="cut cannot be loaded"):
        load_embedder(ModelSettings(embedder=str(tmp_path / "cut"), reader=None))


def test_code_that_a_checkpoint_names_is_not_run(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "odd")
    file = tmp_path / "odd" / "2_Dense" / "config.json"
    named = json.loads(file.read_text()) | {"activation_function": "os.getcwd"}
    file.write_text(json.dumps(named))
    assert not is_text_encoder(tmp_path / "odd")
    with pytest.raises(ModelError):
        open_checkpoint(str(tmp_path / "odd"), "cpu")
