import numpy as np
import pytest

from training.page_reader.render import PageRenderer
from training.page_reader.texts import TextSource


def test_the_same_seed_gives_the_same_page(renderer):
    first, again = renderer.render(5), renderer.render(5)
    assert np.array_equal(first[0], again[0])
    assert first[1] == again[1]


def test_another_seed_gives_another_page(renderer):
    assert not np.array_equal(renderer.render(5)[0], renderer.render(6)[0])


@pytest.mark.parametrize("seed", range(8))
def test_every_line_lies_on_the_page_and_has_ink(renderer, seed):
    image, lines = renderer.render(seed)
    assert lines
    for line in lines:
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
    with pytest.raises(ValueError, match="high"):
        PageRenderer(TextSource.of([["two", "words"]]), (), 640).render(1)
