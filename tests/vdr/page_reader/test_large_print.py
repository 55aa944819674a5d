"""What is read from afar takes the place of its parts, and of nothing else."""

from vdr.page_reader.large_print import with_large_print
from vdr.types import Box, Word

TITLE = Word("Harbour", Box(0.1, 0.1, 0.9, 0.3), 0.97)


def test_parts_of_a_large_word_give_way_to_it():
    parts = [Word("l", Box(0.1, 0.1, 0.15, 0.3), 0.9), Word("TIJ", Box(0.4, 0.12, 0.6, 0.3), 0.5)]
    below = Word("lights", Box(0.1, 0.5, 0.2, 0.52), 0.98)
    assert with_large_print([*parts, below], [TITLE]) == [TITLE, below]


def test_a_paragraph_that_looks_like_a_line_from_afar_stays():
    paragraph = [Word("committee", Box(0.1 + 0.1 * n, 0.15, 0.19 + 0.1 * n, 0.17), 0.98) for n in range(5)]
    assert with_large_print(paragraph, [TITLE]) == paragraph


def test_a_word_read_as_well_from_near_is_not_there_twice():
    near = Word("Harbour", Box(0.11, 0.1, 0.91, 0.31), 0.96)
    assert with_large_print([near], [TITLE]) == [TITLE]


def test_what_is_doubtful_from_afar_is_not_taken():
    fleck = Word("i", Box(0.2, 0.2, 0.22, 0.22), 0.4)
    doubtful = Word("lll", Box(0.1, 0.1, 0.9, 0.3), 0.6)
    assert with_large_print([fleck], [doubtful]) == [fleck]
