"""Regions of an explanation are what a person reads: sentences, rows, headings; or what the model names."""

import numpy as np
import pytest

from tests.fixtures.printing import Placed, line, paragraph
from vdr.search.expected import expected
from vdr.search.regions import in_passages
from vdr.types import Box, PageWords, Region, Word

TEXT = "Harbour dues were raised in spring by the council. Net sales rose by a tenth to 512 million."


def words(*lines: Placed) -> tuple[Word, ...]:
    return tuple(Word(text, Box(*box)) for each in lines for text, box in each)


def on(page: PageWords, text: str, weight: float = 1.0, asked: tuple[str, ...] | None = None) -> Region:
    """A region at the first word of this text, which answers it."""
    word = next(word for word in (*page.text_layer, *page.read) if word.text == text)
    return Region(word.box, weight, (text.lower(),) if asked is None else asked)


def texts(page: PageWords, region: Region) -> str:
    """The words that a region covers from edge to edge."""
    box = region.box
    return " ".join(
        word.text
        for word in (page.text_layer or page.read)
        if box.x0 - 1e-4 <= word.box.x0
        and word.box.x1 <= box.x1 + 1e-4
        and box.y0 - 1e-4 <= word.box.y0
        and word.box.y1 <= box.y1 + 1e-4
    )


def test_a_word_becomes_the_sentence_that_it_stands_in() -> None:
    page = PageWords(words(paragraph(TEXT, 0.1, 0.1, words_a_line=9)))
    (region,) = in_passages([on(page, "sales")], page)
    assert texts(page, region) == "Net sales rose by a tenth to 512 million."
    assert region == Region(region.box, 1.0, ("sales",))


def test_a_label_becomes_the_row_of_its_table() -> None:
    rows = [("Total assets", "44,792"), ("Net income", "2,131"), ("Cash", "871")]
    placed = [
        line(text, x, 0.3 + 0.02 * n)
        for n, row in enumerate(rows)
        for x, text in zip((0.1, 0.6), row, strict=True)
    ]
    page = PageWords(words(*placed))
    (region,) = in_passages([on(page, "income")], page)
    assert texts(page, region) == "Net income 2,131"


def test_words_in_one_passage_are_one_region_with_all_their_words() -> None:
    page = PageWords(words(paragraph(TEXT, 0.1, 0.1)))
    regions = in_passages([on(page, "sales", 0.5), on(page, "Net", 1.0), on(page, "dues", 0.9)], page)
    assert [region.words for region in regions] == [("sales", "net"), ("dues",)]
    assert [region.weight for region in regions] == [1.0, pytest.approx(0.9 / 1.5, rel=0.1)]


def test_a_word_that_many_passages_have_counts_less() -> None:
    lines = [line(f"Sales of region {n}.", 0.1, 0.1 + 0.05 * n) for n in range(8)]
    page = PageWords(words(*lines, line("Goodwill was impaired.", 0.1, 0.6)))
    everywhere = [Region(word.box, 1.0, ("sales",)) for word in page.text_layer if word.text == "Sales"]
    best, *others = in_passages([*everywhere, on(page, "Goodwill")], page)
    assert best.words == ("goodwill",)
    assert len(others) == 8


def test_a_passage_that_shows_what_is_asked_for_counts_more() -> None:
    page = PageWords(
        words(line("Sales of all regions rose.", 0.1, 0.1), line("Sales were 512 in all.", 0.1, 0.3))
    )
    regions = [Region(word.box, 1.0, ("sales",)) for word in page.text_layer if word.text == "Sales"]
    assert in_passages(regions, page)[0].box.y0 < 0.2
    assert in_passages(regions, page, expected("How much were sales?"))[0].box.y0 > 0.2


def test_regions_that_tell_no_words_become_passages_too() -> None:
    page = PageWords(words(line("Harbour dues were raised.", 0.1, 0.1), line("Net sales rose.", 0.1, 0.3)))
    regions = in_passages([on(page, "sales", 1.0, ()), on(page, "dues", 0.5, ())], page)
    assert [texts(page, region) for region in regions] == ["Net sales rose.", "Harbour dues were raised."]
    assert [region.words for region in regions] == [(), ()]


def test_what_covers_several_passages_or_no_print_stays_as_it_is() -> None:
    page = PageWords(words(*(line(f"Number {n} was raised.", 0.1, 0.1 + 0.05 * n) for n in range(4))))
    whole, picture = Region(Box(0.0, 0.0, 0.5, 0.5), 1.0), Region(Box(0.6, 0.6, 0.9, 0.9), 0.5)
    found = in_passages([whole, picture, on(page, "raised.")], page)
    assert {whole.box, picture.box} < {region.box for region in found}
    assert len(found) == 3


def test_a_page_without_print_has_the_regions_of_the_model() -> None:
    regions = (Region(Box(0.1, 0.1, 0.2, 0.2), 1.0, ("whale",)), Region(Box(0.5, 0.5, 0.6, 0.6), 0.4))
    assert in_passages(regions, PageWords()) == regions
    assert in_passages((), PageWords(words(line("Net sales", 0.1, 0.1)))) == ()


def test_words_read_from_pixels_give_passages_where_the_text_layer_has_none() -> None:
    layer, picture = line("Harbour dues were raised.", 0.1, 0.1), line("Exports: 12 percent", 0.1, 0.6)
    page = PageWords(words(layer), read=words(layer, picture))
    (region,) = in_passages([on(page, "Exports:")], page)
    assert region.box.x1 == pytest.approx(page.read[-1].box.x1, abs=1e-4)


def test_what_is_hardly_legible_is_no_passage() -> None:
    faint = tuple(Word(word.text, word.box, 0.1) for word in words(line("Exports: 12 percent", 0.1, 0.6)))
    region = Region(faint[0].box, 1.0, ("exports",))
    assert in_passages([region], PageWords(read=faint)) == (region,)


def test_weights_are_shares_of_the_best() -> None:
    page = PageWords(words(paragraph(TEXT, 0.1, 0.1)))
    regions = in_passages([on(page, "dues", 0.2), on(page, "sales", 0.1)], page)
    assert regions[0].weight == 1
    assert np.all(np.diff([region.weight for region in regions]) <= 0)
