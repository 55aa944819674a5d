"""PDF ink: a surface on a reportlab canvas, whose words end up in the text layer."""

import io

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from training.drawing.fonts import FontBook
from training.drawing.surface import Colour, Frame, Paint, Points, Style

PICTURE_QUALITY = 80


class PdfSurface:
    """Draws on the current page of a reportlab canvas."""

    def __init__(self, canvas: Canvas, height: float, fonts: FontBook) -> None:
        self.fonts = fonts
        self._canvas = canvas
        self._height = height

    def polygon(self, points: Points, fill: Paint = None, stroke: Paint = None, width: float = 1.0) -> None:
        """Draw a closed shape."""
        self._set_colours(fill, stroke, width)
        path = self._path(points)
        path.close()
        self._canvas.drawPath(path, stroke=int(stroke is not None), fill=int(fill is not None))

    def polyline(self, points: Points, stroke: Colour, width: float = 1.0) -> None:
        """Draw an open line."""
        self._set_colours(None, stroke, width)
        self._canvas.drawPath(self._path(points), stroke=1, fill=0)

    def text(self, x: float, y: float, text: str, style: Style, angle: float = 0.0) -> None:
        """Write one line from its left end on the baseline, turned counter-clockwise by degrees."""
        self._set_colours(style.colour, None, 0)
        self._canvas.saveState()
        self._canvas.translate(x, self._height - y)
        self._canvas.rotate(angle)
        self._canvas.setFont(self.fonts.pdf_name(style.face), style.size)
        self._canvas.drawString(0, 0, text)
        self._canvas.restoreState()

    def text_width(self, text: str, style: Style) -> float:
        """Points the line would take."""
        return float(pdfmetrics.stringWidth(text, self.fonts.pdf_name(style.face), style.size))

    def image(self, frame: Frame, image: Image.Image) -> None:
        """Place a picture, stretched to the frame, as JPEG."""
        packed = io.BytesIO()
        image.save(packed, "JPEG", quality=PICTURE_QUALITY)
        self.jpeg(frame, packed.getvalue())

    def jpeg(self, frame: Frame, packed: bytes) -> None:
        """Place a picture that is JPEG already, byte for byte."""
        reader = ImageReader(io.BytesIO(packed))
        self._canvas.drawImage(reader, frame.x, self._height - frame.bottom, frame.width, frame.height)

    def _path(self, points: Points):  # type: ignore[no-untyped-def]  # noqa: ANN202 - reportlab has no types
        path = self._canvas.beginPath()
        path.moveTo(points[0][0], self._height - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, self._height - y)
        return path

    def _set_colours(self, fill: Paint, stroke: Paint, width: float) -> None:
        if fill is not None:
            self._canvas.setFillColorRGB(*fill[:3], alpha=fill.alpha)
        if stroke is not None:
            self._canvas.setStrokeColorRGB(*stroke[:3], alpha=stroke.alpha)
            self._canvas.setLineWidth(width)
            self._canvas.setLineJoin(1)
