import pytest

from training.page_reader.measure import matched, nearest_words, score_reading, vocabulary_of
from vdr.page_reader.codes import WordCodes
from vdr.types import Box, PageWords, Word

CODES = WordCodes(dims=256, buckets=4_096, weight_buckets=1_024)


def word(text, x, y=0.5, width=0.1):
    return Word(text, Box(x, y - 0.01, x + width, y + 0.01))


PAGE = PageWords(
    text_layer=(
        word("Revenue,", 0.1),
        word("turbine", 0.3),
        word("2019", 0.5),
        word("lost", 0.7),
        word("•", 0.9),
    ),
    read=(word("revenue", 0.11), word("turbime", 0.3), word("2018", 0.5), word("far", 0.7, y=0.9)),
)


def test_words_are_matched_by_place_and_signs_do_not_count():
    assert matched(PAGE) == [
        ("revenue", ("revenue",)),
        ("turbine", ("turbime",)),
        ("2019", ("2018",)),
        ("lost", ()),
    ]


def test_a_word_read_in_two_pieces_is_matched_with_both():
    split = PageWords(
        (word("together", 0.1, width=0.2),), (word("toge", 0.1, width=0.12), word("ther", 0.22, width=0.08))
    )
    assert matched(split) == [("together", ("toge", "ther"))]


def test_shares_by_hand():
    score = score_reading([PAGE], ["2018", "2019", "lost", "revenue", "turbine"], CODES)
    assert (score.words, score.vocabulary) == (4, 5)
    assert score.found == pytest.approx(3 / 4)
    assert score.exact == pytest.approx(1 / 4)
    assert score.top1 == pytest.approx(2 / 4)  # "turbime" is mended, "2018" is another word


def test_the_vocabulary_is_every_distinct_word():
    assert vocabulary_of([PAGE, PAGE]) == ["2019", "lost", "revenue", "turbine"]


def test_nothing_read_is_nothing_found():
    score = score_reading([PageWords(PAGE.text_layer, ())], vocabulary_of([PAGE]), CODES)
    assert (score.found, score.exact, score.top1) == (0, 0, 0)


def test_pages_without_text_layer_cannot_be_scored():
    with pytest.raises(ValueError, match="text layer"):
        score_reading([PageWords((), PAGE.read)], ["revenue"], CODES)


def test_no_words_have_no_nearest():
    assert nearest_words([], ["revenue"], CODES) == {}
