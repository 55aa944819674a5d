"""What is written on a page and where, in pixels: the labels of a drawn page, or of one with a text layer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

GrayImage = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class LineWord:
    """A word of a line and its horizontal extent in pixels."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """A piece of a line without wide gaps: words left to right, centre line from y0 to y1, height."""

    words: tuple[LineWord, ...]
    y0: float
    y1: float
    height: float

    @property
    def x0(self) -> float:
        """Left end in pixels."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Right end in pixels."""
        return self.words[-1].x1


@dataclass(frozen=True, slots=True)
class PixelBox:
    """A rectangle in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlaps(self, other: "PixelBox") -> bool:
        """Whether the two share any area."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


@dataclass(frozen=True, slots=True)
class PageLines:
    """The text of a page.

    `lines` are level or nearly so. `upright` lines read from the bottom to the top and are given as they
    stand once the page is turned clockwise by a quarter. In the boxes of `unread` stands text that is not to
    be learned from, neither that it is there nor that it is not.
    """

    lines: tuple[TextLine, ...] = ()
    upright: tuple[TextLine, ...] = ()
    unread: tuple[PixelBox, ...] = ()

    def turned(self, degrees: float, shape: Sequence[int]) -> "PageLines":
        """Where text goes when a page of (height, width) turns counter-clockwise by a small angle."""
        height, width = shape
        return PageLines(
            tuple(_turn(line, degrees, (height, width)) for line in self.lines),
            tuple(_turn(line, degrees, (width, height)) for line in self.upright),
            tuple(_turn_box(box, degrees, (height, width)) for box in self.unread),
        )


def _turn(line: TextLine, degrees: float, shape: tuple[int, int]) -> TextLine:
    words = tuple(
        replace(w, x0=_place(w.x0, line.y0, degrees, shape)[0], x1=_place(w.x1, line.y0, degrees, shape)[0])
        for w in line.words
    )
    y0, y1 = (_place(x, y, degrees, shape)[1] for x, y in ((line.x0, line.y0), (line.x1, line.y1)))
    return TextLine(words, y0, y1, line.height)


def _turn_box(box: PixelBox, degrees: float, shape: tuple[int, int]) -> PixelBox:
    """The box that holds the turned one."""
    corners = [_place(x, y, degrees, shape) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]
    xs, ys = zip(*corners, strict=True)
    return PixelBox(min(xs), min(ys), max(xs), max(ys))


def _place(x: float, y: float, degrees: float, shape: tuple[int, int]) -> tuple[float, float]:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cy, cx = shape[0] / 2, shape[1] / 2
    return cx + (x - cx) * cos + (y - cy) * sin, cy - (x - cx) * sin + (y - cy) * cos
