import numpy as np
import pytest
from PIL import Image

from tests.training.page_reader.conftest import LINES
from training.drawing.canvas import Ink
from training.drawing.fonts import FontCase, open_font, reading_fonts
from training.page_reader.layouts import LAYOUTS
from training.page_reader.random_page import RandomPage
from training.page_reader.render import PageRenderer, contact_sheet
from training.page_reader.texts import TextSource, accented, is_held_out_word, read_word_list, word_lists


def test_the_same_seed_gives_the_same_page(renderer):
    first, again = renderer.render(5), renderer.render(5)
    assert np.array_equal(first[0], again[0])
    assert first[1] == again[1]


def test_another_seed_gives_another_page(renderer):
    assert not np.array_equal(renderer.render(5)[0], renderer.render(6)[0])


@pytest.mark.parametrize("seed", range(8))
def test_every_line_lies_on_the_page_and_has_ink(renderer, seed):
    image, text = renderer.render(seed)
    assert text.lines
    for line in text.lines:
        assert line.x0 >= 0
        assert line.x1 <= image.shape[1] + 1
        top, bottom = int(line.y0 - line.height / 2), int(line.y0 + line.height / 2) + 1
        inside = image[max(top, 0) : bottom, int(line.x0) : int(line.x1) + 1]
        assert np.ptp(inside) > 20


def test_numbers_look_like_those_of_tables():
    rng = np.random.default_rng(0)
    numbers = [TextSource.of([["a", "b"]]).number(rng) for _ in range(200)]
    assert any("%" in n for n in numbers)
    assert any("$" in n for n in numbers)
    assert any("," in n for n in numbers)
    assert all(any(c.isdigit() for c in n) or n == "-" for n in numbers)


def test_lines_of_one_word_are_not_a_source_of_phrases():
    assert TextSource.of([["alone"], ["two", "words"]]).lines == (("two", "words"),)


def test_a_renderer_without_fonts_cannot_write():
    with pytest.raises(ValueError, match="No fonts found"):
        PageRenderer(TextSource.of([["two", "words"]]), (), 640).render(1)


def test_every_layout_writes_lines_that_stay_on_the_page(renderer):
    for layout, _ in LAYOUTS:
        canvas = blank()
        layout(canvas)
        assert canvas.lines, layout.__name__
        assert all(line.x0 >= 0 and line.y0 < canvas.height for line in canvas.lines), layout.__name__


def test_words_cut_by_a_hyphen_are_two_pieces():
    canvas = blank(seed=3)
    for _ in range(12):
        canvas.paragraph(20, 10, 150, Ink(open_font(reading_fonts()[0], 16), 0), rows=4)
    words = [word.text for line in canvas.lines for word in line.words]
    assert any(word.endswith("-") and word[:-1].isalpha() for word in words)


def test_pages_of_a_word_list_say_its_words():
    rng = np.random.default_rng(0)
    texts = TextSource((), (("déjà", "naïve", "garçon", "été"),)).for_page(rng)
    said = {word.strip('.,;"()').lower() for line in texts.lines for word in line}
    assert said == {"déjà", "naïve", "garçon", "été"}


def test_accented_words_make_lists_of_their_own():
    assert accented([("été", "chat", "garçon"), ("house",), ("ñandú", "casa")]) == (
        ("été", "garçon"),
        ("ñandú",),
    )


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_pages_is_written_with_a_word_list(share):
    texts = TextSource.of(LINES, (("déjà", "été"),), share)
    rng = np.random.default_rng(0)
    listed = ["déjà" in str(texts.for_page(rng).lines) for _ in range(5)]
    assert listed == [share == 1.0] * 5


def test_words_kept_for_measuring_are_in_no_list():
    held_out = {word for word in read_word_list("english") if is_held_out_word(word)}
    if not held_out:
        pytest.skip("no word lists installed")
    (words,) = word_lists(["english"])
    assert not held_out & set(words)
    assert 0.05 < len(held_out) / (len(words) + len(held_out)) < 0.15


def test_a_contact_sheet_shows_every_page():
    pages = [Image.new("RGB", (300, 200), (0, shade, 0)) for shade in (100, 150, 200)]
    sheet = np.asarray(contact_sheet(pages, thumbnail=100))
    assert {100, 150, 200} <= set(sheet[..., 1].flatten())


def blank(seed=0):
    fonts = FontCase(reading_fonts())
    return RandomPage(640, 900, np.random.default_rng(seed), TextSource.of(LINES), fonts)
