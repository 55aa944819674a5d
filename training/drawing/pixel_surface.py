"""Pixels: a surface on a Pillow image, whose words no text layer will ever know."""

from PIL import Image, ImageDraw

from training.drawing.fonts import FontBook
from training.drawing.surface import WHITE, Colour, Frame, Paint, Point, Points, Style

PIXEL_DPI = 72  # at which a point is a pixel
# Pillow draws shapes with hard edges; drawing at twice the size and halving smooths them.
OVERSAMPLING = 2


class PixelSurface:
    """Draws into an image of a size in points at a resolution; `words` remembers what was written."""

    def __init__(
        self,
        width: float,
        height: float,
        dpi: int,
        fonts: FontBook,
        background: Colour = WHITE,
        oversampling: int = OVERSAMPLING,
    ) -> None:
        self.fonts = fonts
        self.words: list[str] = []
        self._oversampling = oversampling
        self._scale = dpi * oversampling / PIXEL_DPI
        size = (round(width * self._scale), round(height * self._scale))
        self._image = Image.new("RGB", size, _rgb(background))
        self._pen = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        """The image at the resolution asked for."""
        return self._image.reduce(self._oversampling)

    def polygon(self, points: Points, fill: Paint = None, stroke: Paint = None, width: float = 1.0) -> None:
        """Draw a closed shape."""
        pixels = self._pixels(points)
        if fill is not None and fill.alpha < 1:
            self._veil(pixels, fill)
        elif fill is not None:
            self._pen.polygon(pixels, fill=_rgb(fill))
        if stroke is not None:
            self.polyline([*points, *points[:2]], stroke, width)

    def polyline(self, points: Points, stroke: Colour, width: float = 1.0) -> None:
        """Draw an open line."""
        thickness = max(1, round(width * self._scale))
        self._pen.line(self._pixels(points), fill=_rgb(stroke), width=thickness, joint="curve")

    def text(self, x: float, y: float, text: str, style: Style, angle: float = 0.0) -> None:
        """Write one line from its left end on the baseline, turned counter-clockwise by degrees."""
        self.words.append(text)
        font = self.fonts.pixel_font(style.face, round(style.size * self._scale))
        at = (x * self._scale, y * self._scale)
        if angle == 0:
            self._pen.text(at, text, font=font, fill=_rgb(style.colour), anchor="ls")
            return
        # The mask's centre is the start of the line, so that turning it leaves the start in place.
        reach = round(font.getlength(text)) + font.size
        mask = Image.new("L", (2 * round(reach), 2 * round(reach)))
        ImageDraw.Draw(mask).text((reach, reach), text, font=font, fill=255, anchor="ls")
        corner = (round(at[0] - reach), round(at[1] - reach))
        turned = mask.rotate(angle, Image.Resampling.BICUBIC)
        self._image.paste(
            _rgb(style.colour), (*corner, corner[0] + mask.width, corner[1] + mask.height), turned
        )

    def text_width(self, text: str, style: Style) -> float:
        """Points the line would take."""
        font = self.fonts.pixel_font(style.face, round(style.size * self._scale))
        return font.getlength(text) / self._scale

    def image(self, frame: Frame, image: Image.Image) -> None:
        """Place a picture, stretched to the frame."""
        size = (round(frame.width * self._scale), round(frame.height * self._scale))
        self._image.paste(
            image.resize(size, Image.Resampling.BICUBIC),
            (round(frame.x * self._scale), round(frame.y * self._scale)),
        )

    def _pixels(self, points: Points) -> list[Point]:
        return [(x * self._scale, y * self._scale) for x, y in points]

    def _veil(self, pixels: list[Point], fill: Colour) -> None:
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).polygon(pixels, fill=round(255 * fill.alpha))
        self._image.paste(_rgb(fill), (0, 0), mask)


def _rgb(colour: Colour) -> tuple[int, int, int]:
    return (round(255 * colour.red), round(255 * colour.green), round(255 * colour.blue))
