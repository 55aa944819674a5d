"""Term weights by hand, and their laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.words import BOX, said
from vdr.index.bm25 import AVERAGE_WORDS, K1, B, page_terms, query_terms, term_index
from vdr.types import SparseVector, Word
from vdr.words.forms import PART

terms = st.lists(st.sampled_from(["net", "sales", "rose", "3.5", "pump"]), max_size=30)


def weight(vector: SparseVector, term: str) -> float:
    return dict(zip(vector.indices, vector.values, strict=True))[term_index(term)]


def test_weight_by_hand() -> None:
    vector = page_terms(said(["net", "sales", "net", "rose"]))
    norm = 0.9 * (0.1 + 0.9 * 4 / 380)
    assert weight(vector, "net") == pytest.approx(2 * 1.9 / (2 + norm))
    assert weight(vector, "rose") == pytest.approx(1 * 1.9 / (1 + norm))


def test_word_on_an_average_page_weighs_one() -> None:
    vector = page_terms(said(["net", *(f"word{i}" for i in range(int(AVERAGE_WORDS) - 1))]))
    assert weight(vector, "net") == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("raw", "plain"), [("Net", "net"), ("Sales,", "sales"), ("São", "sao"), ("$1,452.4", "1,452.4")]
)
def test_raw_words_and_plain_ones_give_the_same_vector(raw: str, plain: str) -> None:
    assert page_terms(said([raw])) == page_terms(said([plain]))


def test_forms_of_a_word_count_less_and_make_no_page_longer() -> None:
    vector = page_terms(said(["KX-7721-B"]))
    norm = K1 * (1 - B + B * 1 / AVERAGE_WORDS)
    assert weight(vector, "kx-7721-b") == pytest.approx(1 * (K1 + 1) / (1 + norm))
    assert PART / (PART + norm) > PART
    assert weight(vector, "7721") == pytest.approx(PART * (K1 + 1))


def test_a_form_on_a_long_page_saturates_as_a_word_does() -> None:
    words = ["KX-7721-B", *(f"{place}." for place in range(1_000, 1_999))]
    norm = K1 * (1 - B + B * 1_000 / AVERAGE_WORDS)
    assert weight(page_terms(said(words)), "7721") == pytest.approx(PART * (K1 + 1) / (PART + norm))


def test_what_several_words_make_counts_by_the_least_trusted_of_them() -> None:
    vector = page_terms([Word("com-", BOX, 0.5), Word("mencement", BOX, 1.0)])
    assert weight(vector, "commencement") < weight(vector, "mencement")
    assert weight(vector, "commencement") == pytest.approx(weight(vector, "com"))


def test_page_without_words_has_no_terms() -> None:
    assert page_terms([]) == page_terms(said(["—", "…"])) == SparseVector((), ())


def test_read_word_counts_by_its_confidence() -> None:
    vector = page_terms([Word("Net", BOX, 0.5), Word("net", BOX, 0.25), Word("pump", BOX, 0.0)])
    norm = K1 * (1 - B + B * 0.75 / AVERAGE_WORDS)
    assert term_index("pump") not in vector.indices
    assert weight(vector, "net") == pytest.approx(0.75 * (K1 + 1) / (0.75 + norm))


@given(terms)
def test_indices_ascend_and_are_unique(words: list[str]) -> None:
    indices = page_terms(said(words)).indices
    assert list(indices) == sorted(set(indices))
    assert all(0 <= index < 2**32 for index in indices)


@given(terms)
def test_order_of_words_matters_to_none_of_them(words: list[str]) -> None:
    vector, reversed_one = page_terms(said(words)), page_terms(said(words[::-1]))
    for word in words:
        assert weight(vector, word) == pytest.approx(weight(reversed_one, word))


def test_query_counts_its_terms() -> None:
    vector = query_terms(["net", "pump", "net"])
    assert (weight(vector, "net"), weight(vector, "pump")) == (2.0, 1.0)


def test_weights_of_a_query_stand_in_place_of_its_counts() -> None:
    vector = query_terms(["net", "pump"], {"net": 2.0, "pump": 0.5, "pumps": 0.1})
    assert [weight(vector, term) for term in ("net", "pump", "pumps")] == [2.0, 0.5, 0.1]


def test_term_index_is_the_same_on_every_machine() -> None:
    assert (term_index("net"), term_index("3.5")) == (3_982_077_948, 2_011_519_918)
