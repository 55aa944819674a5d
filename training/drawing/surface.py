"""What can be drawn on: the same calls make PDF ink or pixels. In points, from the top left, y downwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from PIL import Image

from training.drawing.fonts import Face, FontBook

Point = tuple[float, float]
Points = Sequence[Point]


class Colour(NamedTuple):
    """Red, green, blue and opacity, each from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


Paint = Colour | None


def colour(code: str, alpha: float = 1.0) -> Colour:
    """The colour of a code such as `#1d3557`."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return Colour(red, green, blue, alpha)


BLACK = colour("#000000")
INK = colour("#1c1f24")
GRAY = colour("#6b7280")
PALE = colour("#d5d9e0")
WHITE = colour("#ffffff")


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle in points: its top left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """The centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def inset(self, left: float, top: float, right: float, bottom: float) -> "Frame":
        """The frame with its margins taken off."""
        return Frame(self.x + left, self.y + top, self.width - left - right, self.height - top - bottom)


@dataclass(frozen=True, slots=True)
class Style:
    """How text looks; `leading` is the line height as a multiple of the size.

    Text that `is_plain` is set as it is given, without marks for bold and italic and printer's quotes.
    """

    family: str
    size: float
    colour: Colour = INK
    bold: bool = False
    italic: bool = False
    leading: float = 1.36
    is_plain: bool = False

    @property
    def face(self) -> Face:
        """The font's face."""
        return Face(self.family, self.bold, self.italic)

    @property
    def line_height(self) -> float:
        """Points from one baseline to the next."""
        return self.size * self.leading

    def in_bold(self) -> "Style":
        """The same in bold."""
        return replace(self, bold=True)

    def in_italic(self) -> "Style":
        """The same in italic."""
        return replace(self, italic=True)

    def sized(self, size: float) -> "Style":
        """The same at another size."""
        return replace(self, size=size)

    def coloured(self, new: Colour) -> "Style":
        """The same in another colour."""
        return replace(self, colour=new)


class Surface(Protocol):
    """Something to draw on: a PDF page or a picture."""

    fonts: FontBook

    def polygon(self, points: Points, fill: Paint = None, stroke: Paint = None, width: float = 1.0) -> None:
        """Draw a closed shape."""

    def polyline(self, points: Points, stroke: Colour, width: float = 1.0) -> None:
        """Draw an open line."""

    def text(self, x: float, y: float, text: str, style: Style, angle: float = 0.0) -> None:
        """Write one line from its left end on the baseline, turned counter-clockwise by degrees."""

    def text_width(self, text: str, style: Style) -> float:
        """Points the line would take."""

    def image(self, frame: Frame, image: Image.Image) -> None:
        """Place a picture, stretched to the frame."""
