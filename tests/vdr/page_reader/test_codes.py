import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vdr.page_reader.codes import WordCodes, hash_words
from vdr.page_reader.hashes import NO_HASH

CODES = WordCodes(dims=256, buckets=4_096, weight_buckets=1_024)
words = st.lists(
    st.text("abcdefghijklmnop0123456789", min_size=1, max_size=12), min_size=1, max_size=20, unique=True
)


@given(words)
@settings(max_examples=50)
def test_codes_have_unit_length(some):
    assert torch.allclose(CODES.codes(some).norm(dim=-1), torch.ones(len(some)), atol=1e-5)


@given(words)
@settings(max_examples=50)
def test_words_have_the_same_codes_together_and_alone(some):
    alone = torch.cat([CODES.codes([word]) for word in some])
    assert torch.allclose(CODES.codes(some), alone, atol=1e-6)


@given(words)
@settings(max_examples=50)
def test_a_code_is_the_sum_that_its_definition_says(some):
    for word, code in zip(some, CODES.codes(some), strict=True):
        _, first, second, *ngrams = (h for h in hash_words([word])[0].tolist() if h != NO_HASH)
        summed = 0.3**0.5 * (CODES.signs[first % 4_096] + CODES.signs[second % 4_096])
        for ngram in ngrams:
            summed = summed + (0.4 / len(ngrams)) ** 0.5 * CODES.signs[ngram % 4_096]
        assert torch.allclose(code, summed / summed.norm(), atol=1e-5)


def test_the_same_word_always_has_the_same_code():
    again = WordCodes(dims=256, buckets=4_096, weight_buckets=1_024)
    assert torch.equal(CODES.codes(["revenue"]), again.codes(["revenue"]))


def test_a_misread_word_is_nearer_than_another_word():
    revenue, misread, other = CODES.codes(["revenue", "revenne", "turbine"])
    assert revenue @ misread > revenue @ other + 0.1


def test_many_occurrences_saturate():
    hashes = hash_words(["sales"] * 3)
    once, often, always = CODES.page_weights_of(hashes, torch.tensor([1.0, 10.0, 1e6])).tolist()
    assert once == pytest.approx(1.0)
    assert once < often < always < 6.0


def test_no_words_have_no_codes():
    assert CODES.codes([]).shape == (0, 256)


def test_weights_are_those_of_the_word():
    codes = WordCodes(dims=256, buckets=4_096, weight_buckets=1_024)
    hashes = hash_words(["the", "sales"])
    with torch.no_grad():
        codes.query_weights[hashes[0, 0] % 1_024] = 0.0
        codes.document_weights[hashes[1, 0] % 1_024] = 0.5
    assert codes.query_weights_of(hashes).tolist() == [0.0, 1.0]
    assert codes.page_weights_of(hashes, torch.ones(2)).tolist() == pytest.approx([1.0, 0.5])


def test_no_two_of_many_words_are_near_each_other():
    """A word shares a bucket with a few others of a large vocabulary, but never both of its own."""
    codes = WordCodes(dims=1_024)
    many = [
        f"{a}{b}{c}" for a in "bcdfghjklm" for b in "aeiou" for c in (f"{n:03}" for n in range(0, 1000, 7))
    ]
    sample = codes.codes(many[::37])
    likeness = sample @ codes.codes(many).T
    likeness[torch.arange(len(sample)), torch.arange(0, len(many), 37)] = 0.0
    unlike = [[a[:1] != b[:1] and a[-3:] != b[-3:] for b in many] for a in many[::37]]
    assert likeness[torch.tensor(unlike)].max() < 0.45
