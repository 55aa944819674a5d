"""What OCR found is added where the text layer has nothing."""

import tracemalloc

import numpy as np

from vdr.merging import merged, merged_prints, text_of
from vdr.prints import print_of
from vdr.types import Box, PageWords, Word


def word(text, x0, y0, x1=None, y1=None):
    return Word(text, Box(x0, y0, x1 or x0 + 0.1, y1 or y0 + 0.02))


def test_a_word_over_one_of_the_text_layer_is_left_out_and_others_follow():
    layer = (word("Revenue", 0.1, 0.1), word("2024", 0.3, 0.1))
    hidden = word("Asia", 0.5, 0.5)
    found = (word("Revenve", 0.105, 0.101), hidden, word("2O24", 0.29, 0.099))
    assert merged(PageWords(text_layer=layer, ocr=found)) == (*layer, hidden)


def test_a_word_that_only_touches_one_is_another():
    layer = (word("total", 0.1, 0.1),)
    below = word("costs", 0.1, 0.115)
    assert merged(PageWords(text_layer=layer, ocr=(below,))) == (*layer, below)


def test_either_source_may_be_empty():
    only = (word("alone", 0.1, 0.1),)
    assert merged(PageWords(text_layer=only)) == only
    assert merged(PageWords(text_layer=only, ocr=())) == only
    assert merged(PageWords(ocr=only)) == only
    assert merged(PageWords()) == ()


def test_a_model_is_given_what_ocr_found_before_what_the_page_reader_read():
    layer, found = (word("Revenue", 0.1, 0.1),), (word("Asia", 0.5, 0.5),)
    read = (word("Revenve", 0.1, 0.1), word("Asja", 0.5, 0.5), word("Africa", 0.7, 0.7))
    assert text_of(PageWords(layer, read)) == ("Revenue", "Asja", "Africa")
    assert text_of(PageWords(layer, read, found)) == ("Revenue", "Asia", "Africa")


def test_prints_are_put_together_like_words():
    layer = (word("Revenue", 0.1, 0.1), word("2024", 0.3, 0.1))
    found = (word("Revenve", 0.105, 0.101), word("Asia", 0.5, 0.5))
    for one, other in ((layer, found), (layer, ()), ((), found), ((), ())):
        whole, expected = merged_prints(print_of(one), print_of(other)), merged(PageWords(one, ocr=other))
        assert whole.texts == tuple(each.text for each in expected)
        assert np.allclose(whole.boxes, print_of(expected).boxes)


def test_a_page_of_very_many_words_takes_little_memory() -> None:
    def row(count: int, y: float) -> tuple[Word, ...]:
        width = 1 / count
        return tuple(
            Word(str(place), Box(place * width, y, (place + 0.9) * width, y + 0.1)) for place in range(count)
        )

    there, elsewhere = row(4_000, 0.1), row(4_000, 0.5)
    tracemalloc.start()
    try:
        found = merged(PageWords(text_layer=there, ocr=there + elsewhere))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == there + elsewhere
    assert peak_bytes < 100 * 2**20
