"""The baseline: BM25 by the book."""

from collections import Counter
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluate.bm25 import Bm25, words

PAGES = st.lists(st.lists(st.sampled_from("abcdef"), max_size=12).map(" ".join), min_size=1, max_size=8)


def test_words_are_lower_cased_runs_of_letters_and_digits():
    assert words("Don't: 3.5% of São_Paulo's") == ["don", "t", "3", "5", "of", "s", "o", "paulo", "s"]


def test_a_score_worked_by_hand():
    # Lengths 2, 4; average 3. "cat" is on one page of two: idf = ln(1 + 1.5 / 1.5) = ln 2.
    # First page: tf 1, norm 1.2 (0.25 + 0.75 x 2 / 3) = 0.9, so 2.2 / 1.9 x ln 2 = 0.80259
    scores = Bm25(["Cat sleeps", "dogs bark all day"]).scores("cat?")
    assert scores.tolist() == pytest.approx([0.80259, 0.0], abs=1e-5)


def test_a_word_asked_twice_counts_twice():
    bm25 = Bm25(["cat dog", "dog"])
    assert bm25.scores("cat cat").tolist() == pytest.approx((2 * bm25.scores("cat")).tolist())


def test_unknown_words_find_nothing():
    assert Bm25(["cat", "dog"]).scores("whale").tolist() == [0, 0]


def test_pages_without_words_are_nothing_to_search():
    assert Bm25(["", " - "]).is_empty
    assert Bm25(["", " - "]).scores("cat").tolist() == [0, 0]
    assert not Bm25(["", "cat"]).is_empty


@given(PAGES, st.lists(st.sampled_from("abcdefg"), max_size=5))
def test_the_matrix_agrees_with_the_formula(pages, question):
    expected = [naive(pages, page, question) for page in pages]
    np.testing.assert_allclose(Bm25(pages).scores(" ".join(question)), expected)


def naive(pages, page, question):
    split = [p.split() for p in pages]
    average = max(sum(map(len, split)) / len(split), 1.0)
    tf, total = Counter(page.split()), 0.0
    for word in question:
        df = sum(word in p for p in split)
        idf = log(1 + (len(pages) - df + 0.5) / (df + 0.5))
        norm = 1.2 * (1 - 0.75 + 0.75 * tf.total() / average)
        total += idf * tf[word] * 2.2 / (tf[word] + norm) if tf[word] else 0.0
    return total
