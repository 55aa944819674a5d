from hypothesis import given
from hypothesis import strategies as st

from vdr.words import query_terms, terms


def test_numbers_keep_their_points_and_accents_fall():
    assert terms("Net sales rose 3.5% to $1,452.4 – São Paulo’s best") == [
        "net", "sales", "rose", "3.5", "to", "1,452.4", "sao", "paulo's", "best",
    ]  # fmt: skip


def test_only_naming_words_are_searched_for():
    assert query_terms("Which of the charts shows the wind speed, and the wind power?") == [
        "charts", "shows", "wind", "speed", "power",
    ]  # fmt: skip


def test_a_question_of_asking_words_keeps_them():
    assert query_terms("who is who") == ["who", "is"]


@given(st.text())
def test_terms_of_terms_are_the_terms(text):
    found = terms(text)
    assert terms(" ".join(found)) == found
