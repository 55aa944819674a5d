"""Pages of nearly the same text are found, and none but those."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.pairs.duplicates import copies, is_sparse, jaccard

VOCABULARY = [f"word{n}" for n in range(500)]


def text(seed, length=300):
    return " ".join(random.Random(seed).choices(VOCABULARY, k=length))


def test_a_page_and_its_near_copy_are_one():
    original = text(1)
    changed = original.replace(original.split()[150], "other", 1)
    assert copies({"a": original, "b": text(2), "c": changed, "d": original}) == {"c": "a", "d": "a"}


def test_pages_that_share_half_their_text_stay_apart():
    half = text(3, 150)
    assert copies({"a": f"{half} {text(4, 150)}", "b": f"{half} {text(5, 150)}"}) == {}


def test_pages_of_few_words_are_left_alone():
    assert copies({"a": "a title slide", "b": "a title slide", "c": "", "d": ""}) == {}
    assert is_sparse("a title slide") and is_sparse("") and not is_sparse(text(1))


@pytest.mark.parametrize(
    ("one", "other", "expected"), [({1, 2, 3}, {2, 3, 4}, 0.5), (set(), set(), 1.0), ({1}, set(), 0.0)]
)
def test_jaccard(one, other, expected):
    assert jaccard(one, other) == expected


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_copies_agree_with_comparing_every_page_to_every_other(seeds):
    texts = {str(place): text(seed, 80) for place, seed in enumerate(seeds)}
    first = {}
    for place, seed in enumerate(seeds):
        first.setdefault(seed, str(place))
    expected = {str(p): first[seed] for p, seed in enumerate(seeds) if first[seed] != str(p)}
    assert copies(texts) == expected
