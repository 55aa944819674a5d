"""Words stand in the text layer where the page image shows them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.pdf.rasterize import rasterize
from indexer.pdf.text_layer import TextLayer, parse_text_layer, read_text_layer
from tests.fixtures import pdfs
from vdr.errors import MissingProgram, PageTimeout
from vdr.settings import IngestSettings
from vdr.types import Box, Word

SMALL = IngestSettings(page_long_side=600)


def words_and_image(path):
    [(_, image)] = rasterize(path, [1], SMALL)
    [page] = read_text_layer(path, range(1, 2), IngestSettings(page_timeout_s=10))
    return page.words_on(image.size), image


def test_words_in_reading_order(tmp_path):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["Net sales rose\nby 3.5 %"])
    words, _ = words_and_image(path)
    assert [word.text for word in words] == ["Net", "sales", "rose", "by", "3.5", "%"]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop_box", [None, (30, 30, 400, 570)])
def test_the_ink_is_inside_the_boxes_however_the_page_is_turned(tmp_path, rotation, crop_box):
    path = pdfs.write_pdf(
        tmp_path / "a.pdf",
        ["\n\n\n\n\n\n\n\n\n\n\n\nmarked"],
        size=(600, 600) if rotation % 180 else (500, 600),
        rotation=rotation,
        crop_box=crop_box,
    )
    [word], image = words_and_image(path)
    dark = np.asarray(image.convert("L")) < 128
    rows, columns = np.nonzero(dark)
    box, (width, height) = word.box, image.size
    assert word.text == "marked"
    assert box.x0 * width - 2 <= columns.min() and columns.max() <= box.x1 * width + 2
    assert box.y0 * height - 2 <= rows.min() and rows.max() <= box.y1 * height + 2


def test_a_landscape_page_made_by_turning_has_its_boxes_turned(tmp_path):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["marked"], size=(600, 400), rotation=90)
    [word], image = words_and_image(path)
    columns = np.nonzero(np.asarray(image.convert("L")) < 128)[1]
    assert word.box.x0 * image.width - 2 <= columns.min() <= columns.max() <= word.box.x1 * image.width + 2


def test_words_outside_the_crop_box_are_left_out(tmp_path):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["outside"], crop_box=(0, 0, 300, 300))
    words, _ = words_and_image(path)
    assert words == ()


def test_a_page_without_text_has_no_words(tmp_path):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["one", "", "three"])
    pages = read_text_layer(path, range(1, 4), IngestSettings(page_timeout_s=10))
    assert [[word.text for word in page.words] for page in pages] == [["one"], [], ["three"]]


def test_a_run_of_pages_keeps_its_numbers(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 9)
    pages = read_text_layer(path, range(4, 7), IngestSettings(page_timeout_s=10))
    assert [(page.page_number, page.words[2].text) for page in pages] == [(4, "4"), (5, "5"), (6, "6")]


def test_a_page_that_is_counted_but_not_there_is_missing(tmp_path):
    path = pdfs.write_with_missing_page(tmp_path / "a.pdf")
    pages = read_text_layer(path, range(1, 4), IngestSettings(page_timeout_s=10))
    assert [page.is_missing for page in pages] == [False, False, True]
    assert pages[2].words_on((100, 100)) == ()


def test_a_broken_file_has_no_text(tmp_path):
    assert (
        read_text_layer(
            pdfs.write_truncated(tmp_path / "a.pdf"), range(1, 4), IngestSettings(page_timeout_s=10)
        )
        == []
    )


def test_an_endless_page_is_killed(tmp_path):
    path = pdfs.write_with_endless_page(tmp_path / "a.pdf")
    with pytest.raises(PageTimeout, match=r"0\.5 s"):
        read_text_layer(path, range(2, 3), IngestSettings(page_timeout_s=0.5))


def test_without_poppler_its_name_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="pdftotext"):
        read_text_layer(tmp_path / "a.pdf", range(1, 2), IngestSettings(page_timeout_s=1))


def parse(*lines):
    return list(parse_text_layer([line + b"\n" for line in lines], 1))


PAGE = b'  <page width="100.000000" height="200.000000">'


def word(text, x0=b"10.0"):
    return b'    <word xMin="%s" yMin="20.0" xMax="30.0" yMax="40.0">%s</word>' % (x0, text)


def test_entities_are_resolved_once():
    [page] = parse(PAGE, word(b"AT&amp;T&lt;&amp;lt;"), b"  </page>")
    assert page == TextLayer(1, 100, 200, (Word("AT&T<&lt;", Box(10, 20, 30, 40)),))


def test_control_characters_and_broken_bytes_vanish():
    [page] = parse(PAGE, word(b"a\x00b\x07c\xff\xc2\xadd"), word(b"\x01\x02"), b"  </page>")
    assert [w.text for w in page.words] == ["abcd"]


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("םולש", "שלום"),
        ("ملاع", "عالم"),
        (",םולש", "שלום,"),
        ("3.5-םולש", "שלום-3.5"),
        ("ABCםולש", "שלוםABC"),
        ("\u05dd\u05d5\u05dc\u05e9\u05c1", "\u05e9\u05c1\u05dc\u05d5\u05dd"),
        ("2023-ABC", "2023-ABC"),
    ],
)
def test_words_written_from_the_right_are_told_as_they_are_read(shown, read):
    [page] = parse(PAGE, word(shown.encode()), b"  </page>")
    assert [w.text for w in page.words] == [read]


def test_words_beyond_the_page_are_cut_or_left_out():
    [page] = parse(PAGE, word(b"cut", b"-10.0"), word(b"flat", b"30.0"), b"  </page>")
    assert [(w.text, w.box) for w in page.words_on((100, 200))] == [("cut", Box(0.0, 0.1, 0.3, 0.2))]


def test_a_page_of_endless_words_is_cut_short():
    [page] = parse(PAGE, *[word(b"again")] * 20_050, b"  </page>")
    assert len(page.words) == 20_000


def test_a_page_cut_off_in_the_middle_is_not_reported():
    assert parse(PAGE, word(b"whole"), b"</page>", PAGE, word(b"half")) == parse(
        PAGE, word(b"whole"), b"</page>"
    )


@given(st.lists(st.binary(max_size=80)))
def test_garbage_never_raises(lines):
    parse(PAGE, *lines, b"</page>")


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("com\u00ad", "com-"),  # where the line ends
        ("com\u00admence", "commence"),
        ("\u00ad", ""),
        ("นํ\uf706า", "นํ้า"),  # a mark where Thai fonts keep it
    ],
)
def test_soft_hyphens_and_marks_are_as_a_reader_sees_them(told: str, text: str) -> None:
    word = f'<word xMin="1" yMin="1" xMax="9" yMax="9">{told}</word>'
    lines = ['<page width="100" height="100">', word, "</page>"]
    [page] = parse_text_layer([line.encode() + b"\n" for line in lines], 1)
    assert [word.text for word in page.words] == [text] * bool(text)
