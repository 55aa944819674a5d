"""Which words are related, from vectors made by hand and a corpus of a few lines."""

import numpy as np
import pytest

from training.page_reader.opposites import are_opposites
from training.page_reader.synonyms import FORM_SHARE, SYNONYM_SHARE, Corpus, relate

CORPUS = Corpus.of(["assets and liabilities of the year"] * 6 + ["other words"] * 4)


def related(likeness, corpus=CORPUS):
    """The related words where words are as like "it" as given: each has an axis of its own beside."""
    words = list(likeness)
    vectors = np.zeros((len(words), len(words)), np.float32)
    vectors[:, 0] = list(likeness.values())
    for n in range(1, len(words)):
        vectors[n, n] = (1 - vectors[n, 0] ** 2) ** 0.5
    return {word: dict(near) for word, near in relate(words, vectors, corpus).items()}


def test_near_words_are_related_the_nearest_most_and_distant_ones_not():
    found = related({"revenue": 1.0, "sales": 0.9, "takings": 0.7, "turbine": 0.5})["revenue"]
    assert list(found) == ["sales", "takings"]
    assert SYNONYM_SHARE / 2 < found["takings"] < found["sales"] <= SYNONYM_SHARE


@pytest.mark.parametrize(
    ("word", "form"), [("profit", "profits"), ("copy", "copied"), ("plan", "planning"), ("rate", "rating")]
)
def test_forms_of_a_word_count_more_than_other_words(word, form):
    assert related({word: 1.0, form: 0.3})[word] == {form: FORM_SHARE}


def test_of_the_forms_of_another_word_the_nearest_stands():
    assert set(related({"revenue": 1.0, "sale": 0.8, "sales": 0.9})["revenue"]) == {"sales"}


@pytest.mark.parametrize(
    ("word", "other"),
    [("increase", "decrease"), ("increases", "decreased"), ("paid", "unpaid"), ("assets", "liabilities")],
)
def test_opposites_are_not_related_however_near(word, other):
    assert related({word: 1.0, other: 0.95}) == {}


def test_words_on_one_side_of_an_opposition_are_no_opposites():
    assert not are_opposites({"buy"}, {"purchase"})
    assert are_opposites({"buy"}, {"sell"})
    assert not are_opposites({"turbine"}, {"sell"})


def test_a_rare_word_that_stands_for_a_common_one_counts_less():
    corpus = Corpus.of(["revenue"] * 90 + ["takings"] + ["other"] * 9)
    found = related({"revenue": 1.0, "takings": 0.9}, corpus)
    assert found["revenue"]["takings"] < 0.1 * found["takings"]["revenue"]


def test_a_corpus_counts_pages_and_neighbours():
    assert CORPUS.pages == 10
    assert CORPUS.pages_with["assets"] == 6
    assert CORPUS.are_listed("liabilities", "assets")
    assert not CORPUS.are_listed("revenue", "sales")
