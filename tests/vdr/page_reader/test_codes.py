import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vdr.page_reader.codes import WordCodes

CODES = WordCodes(dims=256, buckets=4_096, weight_buckets=1_024)
words = st.lists(
    st.text("abcdefghijklmnop0123456789", min_size=1, max_size=12), min_size=1, max_size=20, unique=True
)


@given(words)
@settings(max_examples=50)
def test_codes_have_unit_length(some):
    assert torch.allclose(CODES.codes(some).norm(dim=-1), torch.ones(len(some)), atol=1e-5)


@given(words, st.randoms())
@settings(max_examples=50)
def test_a_page_does_not_depend_on_the_order_of_its_words(some, random):
    shuffled = random.sample(some, len(some))
    assert torch.allclose(
        CODES.page(some, [1.0] * len(some)), CODES.page(shuffled, [1.0] * len(some)), atol=1e-5
    )


def test_the_same_word_always_has_the_same_code():
    again = WordCodes(dims=256, buckets=4_096, weight_buckets=1_024)
    assert torch.equal(CODES.codes(["revenue"]), again.codes(["revenue"]))


def test_a_misread_word_is_nearer_than_another_word():
    revenue, misread, other = CODES.codes(["revenue", "revenne", "turbine"])
    assert revenue @ misread > revenue @ other + 0.1


def test_a_page_is_nearer_to_a_query_of_its_words():
    page, other = (
        CODES.page(["net", "sales", "2019"], [1, 1, 1]),
        CODES.page(["wing", "flap", "1987"], [1, 1, 1]),
    )
    query = CODES.query(["sales", "2019"])
    assert query @ page > query @ other


def test_many_occurrences_saturate():
    once, often = CODES.page(["sales", "cat"], [1, 1]), CODES.page(["sales", "cat"], [1_000, 1])
    sales = CODES.codes(["sales"])[0]
    assert sales @ once < sales @ often < 0.95


def test_no_words_are_the_zero_vector():
    assert CODES.query([]).tolist() == [0.0] * 256
    assert CODES.page([], []).tolist() == [0.0] * 256


def test_weights_decide_how_much_a_word_matters():
    codes = WordCodes(dims=256, buckets=4_096, weight_buckets=1_024)
    with torch.no_grad():
        codes.query_weights[codes.weight_buckets_of(["the"])] = 0.0
    assert torch.allclose(codes.query(["the", "sales"]), codes.query(["sales"]), atol=1e-6)
    assert codes.word_weights(["the", "sales"]).tolist() == pytest.approx([0.0, 1.0])


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
