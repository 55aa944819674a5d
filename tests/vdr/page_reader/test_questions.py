"""What is known of the words of questions, made by hand and as shipped."""

from importlib.resources import files

import pytest

from vdr.page_reader.questions import FILE, SUMMED_SHARE, QuestionWords

WORDS = QuestionWords(
    {"change": 0.25, "income": 2.5},
    {"revenue": (("sales", 0.2), ("income", 0.1)), "profit": (("income", 0.15),), "sales": (("sale", 0.3),)},
)


@pytest.fixture(scope="module")
def shipped():
    return QuestionWords.read(files("vdr.page_reader") / "weights" / "text_0_QueryText" / FILE)  # type: ignore[arg-type]


def test_what_is_written_is_read_again(tmp_path):
    WORDS.write(tmp_path / FILE)
    assert QuestionWords.read(tmp_path / FILE) == WORDS


def test_words_that_nobody_weighed_count_one():
    assert (WORDS.weight("change"), WORDS.weight("turbine")) == (0.25, 1.0)


def test_it_knows_the_words_that_it_says_something_of():
    assert all(map(WORDS.knows, ["change", "revenue", "income"]))
    assert not WORDS.knows("sale")


def test_a_related_word_stands_for_the_nearest_that_is_asked():
    assert WORDS.expand(["revenue", "profit"]) == {"sales": ("revenue", 0.2), "income": ("profit", 0.15)}


def test_what_is_asked_stands_for_itself_alone():
    assert WORDS.expand(["revenue", "sales"]) == {"income": ("revenue", 0.1), "sale": ("sales", 0.3)}


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("revenue", "sales"),
        ("employees", "staff"),
        ("physician", "doctor"),
        ("car", "vehicle"),
        ("lawsuit", "litigation"),
        ("profit", "profits"),
    ],
)
def test_words_of_like_meaning_and_forms_of_a_word_are_related(shipped, word, other):
    assert other in dict(shipped.related[word]) or word in dict(shipped.related[other])


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("increase", "decrease"),
        ("assets", "liabilities"),
        ("buyers", "sellers"),
        ("higher", "lower"),
        ("employee", "employer"),
        ("million", "billion"),
        ("domestic", "foreign"),
        ("men", "women"),
        ("red", "blue"),
    ],
)
def test_opposites_and_siblings_are_not_related(shipped, word, other):
    assert other not in dict(shipped.related.get(word, ()))
    assert word not in dict(shipped.related.get(other, ()))


def test_related_words_count_less_than_the_word_itself_even_where_all_add_up(shipped):
    assert all(share < 1 for near in shipped.related.values() for _, share in near)
    assert all(SUMMED_SHARE * sum(share for _, share in near) < 0.7 for near in shipped.related.values())


def test_neither_numbers_nor_names_of_months_stand_for_others(shipped):
    assert not any(any(c.isdigit() for c in word) for word in {*shipped.related, *shipped.weights})
    assert "january" not in shipped.related
