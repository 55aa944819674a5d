"""A scanned page looks as it should, the same each time."""

import io

import numpy as np
import pytest
from PIL import Image

from training.drawing.scanning import ScanLook, scanned


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
