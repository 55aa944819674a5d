"""Words are looked up by their checksums; those that nothing is known of mean nothing."""

import pytest
import torch

from vdr.page_reader.codes import hash_words
from vdr.page_reader.meanings import Meanings

WORDS = ["revenue", "sales", "turbine"]


def checksums(*words):
    return hash_words(words)[:, 0]


def meanings(vectors):
    return Meanings.of(checksums(*WORDS), torch.tensor(vectors))


def test_every_word_finds_its_own_vector():
    known = meanings([[3.0, 4.0], [0.0, -2.0], [0.5, 0.0]])
    found = known(checksums("turbine", "revenue", "sales"))
    assert torch.allclose(found, torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]]), atol=0.01)


def test_other_words_have_none():
    known = meanings([[1.0, 0.0]] * 3)
    found = known(checksums("gears", "", "zzzz", "revenue"))
    assert found.norm(dim=1).tolist() == [0, 0, 0, 1]


def test_no_words_are_no_vectors():
    assert meanings([[1.0, 0.0]] * 3)(checksums()).shape == (0, 2)


def test_eight_bits_keep_the_cosines():
    torch.manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(3, 192), dim=1)
    found = meanings(vectors.tolist())(checksums(*WORDS))
    assert (found @ found.T).numpy() == pytest.approx((vectors @ vectors.T).numpy(), abs=0.01)
