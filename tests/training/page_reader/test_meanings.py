"""Meanings keep what an encoder tells words apart by, and nothing of what it says of all of them."""

import shutil
import sys
from importlib.resources import files
from types import SimpleNamespace

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from training.page_reader.meanings import distil, main
from training.page_reader.synonyms import Corpus
from training.pairs.splits import TRAIN
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.codes import hash_words

WORDS = [f"{kind}{n}" for kind in ("money", "ship") for n in range(20)]
CORPUS = Corpus.of([" ".join(WORDS[start::3]) for start in range(3)])


def encoder_vectors():
    """Of two kinds of words, with much that is the same in all of them."""
    torch.manual_seed(0)
    kind = torch.eye(2).repeat_interleave(20, dim=0)
    vectors = torch.cat([3 * torch.ones(40, 1), kind, 0.3 * torch.randn(40, 13)], dim=1)
    return torch.nn.functional.normalize(vectors, dim=1)


def test_words_of_a_kind_are_near_and_others_are_not():
    vectors = encoder_vectors()
    found = distil(WORDS, vectors, CORPUS, dims=2)(hash_words(WORDS)[:, 0])
    same = found[:20] @ found[:20].T
    other = found[:20] @ found[20:].T
    assert (vectors[:20] @ vectors[20:].T).mean() > 0.8
    assert same.mean() > other.mean() + 0.5


def test_an_encoder_that_is_too_narrow_is_refused():
    with pytest.raises(ValueError, match="16 dimensions; meanings need 160"):
        distil(WORDS, encoder_vectors(), CORPUS)


def test_the_command_gives_a_checkpoint_the_meanings_of_listed_words(tmp_path, monkeypatch):
    encoder, checkpoint, words = (tmp_path / name for name in ("encoder", "checkpoint", "words"))
    listed = ["revenue", "sales", "harbour"]
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate([*listed, "?"])}, unk_token="?"))
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=192)]).save(str(encoder))
    shutil.copytree(files("vdr.page_reader") / "weights", checkpoint)  # type: ignore[arg-type]
    words.write_text("\n".join(listed))
    pages = {"split": [TRAIN, TRAIN], "text": ["revenue and sales", "the harbour"]}
    monkeypatch.setattr("training.page_reader.meanings.read_pairs", lambda _: SimpleNamespace(pages=pages))
    monkeypatch.setattr(
        sys, "argv", ["meanings", "pairs", str(encoder), str(checkpoint), "--words", str(words)]
    )
    main()
    superposition = open_checkpoint(str(checkpoint), "cpu")[1]
    assert (superposition.meanings, superposition.meaning_dims) == (3, 160)
    assert superposition.meaning_of(hash_words(listed)[:, 0]).norm(dim=1).tolist() == pytest.approx([1] * 3)  # type: ignore[operator]
