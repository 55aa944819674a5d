"""From a page to its words: level text, upright text, and where each stands."""

import math
from importlib.resources import files

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from training.drawing.fonts import reading_fonts
from vdr.models.embedder import load_embedder
from vdr.page_reader.alphabet import encode
from vdr.page_reader.detector import CELL, LEVEL, MAPS, UPRIGHT
from vdr.page_reader.reading import PageReading
from vdr.settings import ModelSettings
from vdr.words import wholes


class Told(PageReading):
    """Finds what it is told to, and reads nothing."""

    def __init__(self, maps: np.ndarray) -> None:
        self.maps = maps

    def detect(self, pages: torch.Tensor) -> torch.Tensor:
        assert pages.shape[1:] == tuple(CELL * side for side in self.maps.shape[1:])
        return torch.from_numpy(self.maps)[None]

    def write_down(self, tapes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        frames = tapes.shape[-1] // 2
        return torch.zeros(frames), torch.zeros(frames, dtype=torch.long)


def empty_maps(rows: int, columns: int) -> np.ndarray:
    maps = np.zeros((MAPS, rows, columns), np.float32)
    maps[[0, 3]] = -10.0
    return maps


def test_an_upright_line_is_found_in_the_page_turned_clockwise():
    maps = empty_maps(24, 16)  # of a page 180 pixels high and 120 wide, padded to 192 x 128
    maps[UPRIGHT][:, 4:20, 5] = np.array([10.0, 0.25, math.log(3)], np.float32)[:, None]
    level, (upright,) = Told(maps).find_segments(torch.ones(180, 120))
    assert len(level) == 0
    left, right, y_left, y_right, height = upright
    assert height == pytest.approx(2 * 3 * CELL)
    assert y_left == y_right == pytest.approx(2 * CELL * 5.75)  # how far from the left it stands
    top, bottom = 2 * CELL * 4, 2 * CELL * 20
    assert left == pytest.approx(180 - bottom - 0.2 * height)
    assert right == pytest.approx(180 - top + 0.2 * height)


def test_what_is_level_is_not_upright_too():
    maps = empty_maps(24, 32)
    maps[LEVEL][:, 8, 4:28] = np.array([10.0, 0.0, math.log(4)], np.float32)[:, None]
    maps[UPRIGHT][:, 6:11, 10] = np.array([10.0, 0.0, math.log(1.5)], np.float32)[:, None]
    level, upright = Told(maps).find_segments(torch.ones(192, 256))
    assert (len(level), len(upright)) == (1, 0)


@pytest.fixture(scope="module")
def read():
    embedder = load_embedder(ModelSettings(embedder=str(files("vdr.page_reader") / "weights")))

    def words(image: Image.Image) -> dict:
        (vectors,) = embedder.encode_pages([image.convert("RGB")])
        return {wholes(word.text)[0]: word for word in vectors.words if wholes(word.text)}

    return words


@pytest.fixture(scope="module")
def font():
    sans = [path for path in reading_fonts() if path.name in ("DejaVuSans.ttf", "LiberationSans-Regular.ttf")]
    if not sans:
        pytest.skip("no font to write with")
    return ImageFont.truetype(str(sans[0]), 28)


def test_text_beside_an_axis_is_read_where_it_stands(read, font):
    page = Image.new("L", (1_187, 1_536), 255)
    ImageDraw.Draw(page).text((300, 200), "Quarterly revenue by region", fill=0, font=font)
    label = Image.new("L", (420, 40), 255)
    ImageDraw.Draw(label).text((0, 0), "Thousands of dollars", fill=0, font=font)
    page.paste(label.rotate(90, expand=True), (100, 500))
    words = read(page)
    assert {"quarterly", "revenue", "by", "region", "thousands", "of", "dollars"} <= set(words)
    first, last = words["thousands"].box, words["dollars"].box
    assert 95 <= first.x0 * 1_187 <= first.x1 * 1_187 <= 145
    assert 500 <= last.y0 * 1_536 < last.y1 * 1_536 < first.y0 * 1_536 < first.y1 * 1_536 <= 925


def test_letters_that_english_lacks_are_read(read, font):
    page = Image.new("L", (1_187, 1_536), 255)
    lines = ("Évolution du bénéfice", "Größe der Änderung", "Año señor", "Ångström København")
    for row, line in enumerate(lines):
        ImageDraw.Draw(page).text((120, 200 + 60 * row), line, fill=0, font=font)
    said = {word.text.lower() for word in read(page).values()}
    wanted = {word.lower() for line in lines for word in line.split()}
    assert len(said & wanted) >= 6, said


def test_lines_of_a_turned_page_do_not_run_together(read, font):
    page = Image.new("L", (1_187, 1_536), 255)
    lines = [
        f"The committee met {n} times and approved the annual report of the board" for n in range(20, 50)
    ]
    for row, line in enumerate(lines):
        ImageDraw.Draw(page).text((100, 200 + 32 * row), line, fill=0, font=font)
    words = read(page.rotate(1.2, Image.Resampling.BICUBIC, fillcolor=255))
    assert sum(str(n) in words for n in range(20, 50)) >= 28


def test_a_poster_is_read(read, font):
    page = Image.new("L", (1_187, 1_536), 255)
    for row, word in enumerate(("Harbour", "lights", "2019")):
        ImageDraw.Draw(page).text((90, 100 + 300 * row), word, fill=0, font=font.font_variant(size=230))
    ImageDraw.Draw(page).text((90, 1_200), "Keepers of the coast", fill=0, font=font)
    words = read(page)
    assert list(words) == ["harbour", "lights", "2019", "keepers", "of", "the", "coast"]
    box = words["lights"].box
    assert 380 <= box.y0 * 1_536 < box.y1 * 1_536 <= 700
    assert box.x0 * 1_187 == pytest.approx(90, abs=60)


TURNS = {
    "upside down": (Image.Transpose.ROTATE_180, lambda x, y: (1 - x, 1 - y)),
    "to the left": (Image.Transpose.ROTATE_90, lambda x, y: (y, 1 - x)),
    "to the right": (Image.Transpose.ROTATE_270, lambda x, y: (1 - y, x)),
}


@pytest.mark.parametrize(("turn", "moved"), TURNS.values(), ids=TURNS)
def test_a_page_that_lies_the_wrong_way_is_read_as_if_it_did_not(read, font, turn, moved):
    page = Image.new("L", (1_187, 1_536), 255)
    lines = ["Keeper of the northern light", "Fog signal sounded for nine hours", "Barometer fell slowly"]
    for row, line in enumerate(lines):
        ImageDraw.Draw(page).text((120, 200 + 80 * row), line, fill=0, font=font)
    expected = read(page)
    words = read(page.transpose(turn))
    assert list(words) == list(expected) == " ".join(lines).lower().split()
    for text, word in words.items():
        there = expected[text].box
        assert middle(word.box) == pytest.approx(moved(*middle(there)), abs=0.01)


def middle(box):
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def test_text_that_reads_downwards_beside_other_text_is_read(read, font):
    page = Image.new("L", (1_187, 1_536), 255)
    ImageDraw.Draw(page).text((300, 200), "Quarterly revenue by region", fill=0, font=font)
    label = Image.new("L", (420, 40), 255)
    ImageDraw.Draw(label).text((0, 0), "Thousands of dollars", fill=0, font=font)
    page.paste(label.rotate(270, expand=True), (1_000, 500))
    assert {"quarterly", "revenue", "region", "thousands", "dollars"} <= set(read(page))


class Sure(Told):
    """Counts how often it is asked to read, and gives the same letters whichever way they stand."""

    def __init__(self, maps: np.ndarray, probability: float) -> None:
        super().__init__(maps)
        self.asked, self.probability = 0, probability

    def write_down(self, tapes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.asked += 1
        frames = tapes.shape[-1] // 2
        letters = torch.tensor(encode("abcdefghij"))
        log_p = torch.full((frames,), math.log(self.probability))
        return log_p, letters[torch.arange(frames) % len(letters)]


@pytest.mark.parametrize(("probability", "asked"), [(0.97, 1), (0.5, 2)])
def test_only_what_it_is_not_sure_of_is_looked_at_the_other_way_round(probability, asked):
    maps = empty_maps(24, 16)
    maps[LEVEL][:, 8, 2:14] = np.array([10.0, 0.25, math.log(3)], np.float32)[:, None]
    reader = Sure(maps, probability)
    words = reader.read(torch.ones(180, 120))
    assert reader.asked == asked
    assert len(words) == 1
