"""A surface that only remembers what is drawn on it."""

from dataclasses import dataclass, field

from training.drawing.fonts import FontBook
from training.drawing.surface import Style


@dataclass
class Ruled:
    """A surface that only remembers; every letter is as wide as half its size."""

    fonts: FontBook = field(default_factory=FontBook)
    lines: list[tuple[float, float, str, Style]] = field(default_factory=list)
    shapes: list[list[tuple[float, float]]] = field(default_factory=list)

    def text(self, x, y, text, style, angle=0.0):
        self.lines.append((x, y, text, style))

    def text_width(self, text, style):
        return len(text) * style.size / 2

    def polygon(self, points, fill=None, stroke=None, width=1.0):
        self.shapes.append(list(points))

    def polyline(self, points, stroke, width=1.0):
        self.shapes.append(list(points))

    def image(self, frame, image):
        raise AssertionError("nothing here places pictures")

    @property
    def words(self):
        return [text for _, _, text, _ in self.lines]
