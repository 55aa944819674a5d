"""A scanned page looks as it should, the same each time."""

import io

import numpy as np
import pytest
from PIL import Image

from training.drawing.page_lines import LineWord, PageLines, TextLine
from training.drawing.scanning import ScanLook, rescanned, scanned


class TestScanning:
    PAGE = Image.new("RGB", (400, 500), "white")

    def scan(self, look, seed=1, page=PAGE):
        return scanned(page, look, np.random.default_rng(seed))

    def test_paper_is_gray_and_noisy_and_darker_along_the_lid(self):
        shades = np.asarray(Image.open(io.BytesIO(self.scan(ScanLook(paper=210, quality=95)))), dtype=float)

        assert shades.ndim == 2
        assert np.median(shades) == pytest.approx(210, abs=8)
        assert shades[200:300, 200:300].std() > 3
        assert shades[200:300, :3].mean() < 180

    def test_the_page_is_turned(self):
        page = self.PAGE.copy()
        page.paste("black", (0, 245, 400, 255))
        shades = np.asarray(
            Image.open(io.BytesIO(self.scan(ScanLook(turn=1.2, noise=0, specks=0), page=page)))
        )

        rows = [np.argmin(shades[:, x]) for x in (60, 340)]
        assert rows[0] - rows[1] == pytest.approx(280 * np.tan(np.radians(1.2)), abs=6)

    def test_the_same_noise_for_the_same_seed(self):
        assert self.scan(ScanLook()) == self.scan(ScanLook())
        assert self.scan(ScanLook()) != self.scan(ScanLook(), seed=2)


def test_a_scanned_page_is_turned_and_its_lines_with_it():
    image = np.full((800, 600), 255, np.uint8)
    image[100:104, 50:550] = 0
    line = TextLine((LineWord("a", 50, 300), LineWord("b", 310, 550)), 102, 102, 20)
    again, text = rescanned(image, PageLines((line,)), np.random.default_rng(3))
    (turned,) = text.lines
    assert turned.y0 != turned.y1
    assert len(np.unique(again)) > 2
    for x, y in ((60, turned.y0), (540, turned.y1)):
        column = again[:200, x].astype(int)
        assert abs(int(column.argmin()) - y) < 6
