"""What the two nets of the page reader should answer for a training page."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from training.drawing.page_lines import LineWord, TextLine
from vdr.page_reader import alphabet
from vdr.page_reader.detector import CELL
from vdr.page_reader.strips import Segments

_CORE = 0.25
_EDGE = 0.42
_EDGE_WEIGHT = 0.2
FloatMap = npt.NDArray[np.float32]

# Advance widths in em, roughly those of Helvetica: enough to guess where in a word a character stands.
_WIDTHS = (
    dict.fromkeys("iljI.,:;'|!", 0.26)
    | dict.fromkeys('ftr()[]-/ "*', 0.33)
    | dict.fromkeys("mwMW@%—", 0.85)
    | dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ&", 0.69)
)
_WIDTH = 0.54


@dataclass(frozen=True, eq=False)
class LineMaps:
    """Detector targets, each (rows, columns): line core or not, offset, log height in cells, loss weight."""

    core: FloatMap
    offset: FloatMap
    log_height: FloatMap
    weight: FloatMap

    def stacked(self) -> FloatMap:
        """All four, (4, rows, columns)."""
        return np.stack([self.core, self.offset, self.log_height, self.weight])


def line_maps(lines: Segments, rows: int, columns: int) -> LineMaps:
    """Targets for line segments given in pixels of the detector's input."""
    core, offset, log_height, weight = np.zeros((4, rows, columns), np.float32)
    maps = LineMaps(core, offset, log_height, weight + 1)
    if len(lines) == 0:
        return maps
    column, centre, height = _columns(lines, columns)
    if len(column) == 0:
        return maps
    reach = int(np.ceil(height.max() * _EDGE / CELL)) + 1
    for step in sorted(range(-reach, reach + 1), key=abs, reverse=True):
        _paint(maps, column, np.floor(centre / CELL).astype(int) + step, centre, height)
    return maps


def _columns(
    lines: Segments, columns: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Column, centre and height for every column that every line covers."""
    first = np.ceil(lines[:, 0] / CELL - 0.5).astype(int)
    last = np.maximum(np.floor(lines[:, 1] / CELL - 0.5).astype(int), first)
    owner = np.repeat(np.arange(len(lines)), last - first + 1)
    column = np.concatenate([np.arange(a, b + 1) for a, b in zip(first, last, strict=True)])
    inside = (column >= 0) & (column < columns)
    owner, column = owner[inside], column[inside]
    along = ((column + 0.5) * CELL - lines[owner, 0]) / np.maximum(lines[owner, 1] - lines[owner, 0], 1)
    centre = lines[owner, 2] + (lines[owner, 3] - lines[owner, 2]) * np.clip(along, 0, 1)
    return column, centre.astype(float), lines[owner, 4].astype(float)


def _paint(
    maps: LineMaps,
    column: npt.NDArray[np.int64],
    row: npt.NDArray[np.int64],
    centre: npt.NDArray[np.float64],
    height: npt.NDArray[np.float64],
) -> None:
    distance = centre - (row + 0.5) * CELL
    inside = (row >= 0) & (row < maps.core.shape[0])
    core = inside & (np.abs(distance) <= np.maximum(_CORE * height, CELL / 2))
    edge = inside & ~core & (np.abs(distance) <= _EDGE * height)
    maps.weight[row[edge], column[edge]] = _EDGE_WEIGHT
    maps.weight[row[core], column[core]] = 1.0
    maps.core[row[core], column[core]] = 1.0
    maps.offset[row[core], column[core]] = distance[core] / CELL
    maps.log_height[row[core], column[core]] = np.log(height[core] / CELL)


@dataclass(frozen=True)
class StripTarget:
    """What a strip says, and about where: `guesses` are (frame, class) pairs."""

    classes: tuple[int, ...]
    guesses: tuple[tuple[int, int], ...]


def strip_target(words: Sequence[LineWord], x0: float, x1: float, frames: int) -> StripTarget | None:
    """Target of the strip from `x0` to `x1` that holds `words`; None where the frames are too few."""
    texts = [alphabet.normalize(word.text).replace(" ", "") for word in words]
    classes = tuple(alphabet.encode(" ".join(text for text in texts if text)))
    repeats = sum(a == b for a, b in pairwise(classes))
    if not classes or len(classes) + repeats > frames:
        return None
    guesses = [
        (int((x - x0) / (x1 - x0) * frames), character)
        for x, character in _guess(words, texts)
        if x0 <= x < x1
    ]
    return StripTarget(classes, tuple(guesses))


def _guess(words: Sequence[LineWord], texts: Sequence[str]) -> list[tuple[float, int]]:
    placed: list[tuple[float, int]] = []
    for word, text in zip(words, texts, strict=True):
        widths = np.array([_WIDTHS.get(c, _WIDTH) for c in text])
        centres = (np.cumsum(widths) - widths / 2) / max(widths.sum(), 1e-6)
        placed += zip((word.x0 + (word.x1 - word.x0) * centres).tolist(), alphabet.encode(text), strict=True)
    space = alphabet.encode(" ")[0]
    return placed + [((a.x1 + b.x0) / 2, space) for a, b in pairwise(words)]


def as_segments(lines: Sequence[TextLine]) -> Segments:
    """Lines as the array of segments that `cut_tape` takes."""
    rows = [(line.x0, line.x1, line.y0, line.y1, line.height) for line in lines]
    return np.array(rows, np.float32).reshape(-1, 5)
