"""Scanning, as it happens to paper: turned, blurred, noisy, unevenly lit, copied, faxed, compressed."""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from training.page_reader.pages import GrayImage, PageLines, PixelBox, TextLine

Pixels = npt.NDArray[np.float32]
_FAX_LINES = (0.65, 0.9)


def scan(image: GrayImage, text: PageLines, rng: np.random.Generator) -> tuple[GrayImage, PageLines]:
    """A page printed and scanned again, and its text where it is now."""
    degrees = float(rng.uniform(-1.5, 1.5))
    paper = Image.fromarray(image)
    turned = paper.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=int(np.median(image)))
    blurred = turned.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.2))))
    pixels = np.array(blurred, np.float32)
    for wear, share in _WEAR:
        if rng.random() < share:
            pixels = wear(pixels, rng)
    pixels = pixels * np.float32(rng.uniform(0.7, 1.0)) + np.float32(rng.uniform(0, 40))
    pixels += rng.standard_normal(pixels.shape, np.float32) * np.float32(rng.uniform(2, 14))
    squeezed = _jpeg(np.clip(pixels, 0, 255).astype(np.uint8), int(rng.integers(30, 80)))
    return squeezed, _turned(text, degrees, image.shape)


def _shadow(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Light that falls off to one side, or the fold of a book."""
    slope = np.linspace(0, float(rng.uniform(-40, 40)), pixels.shape[1], dtype=np.float32)
    if rng.random() < 0.3:
        x = np.linspace(0, 1, pixels.shape[1], dtype=np.float32)
        slope -= np.float32(rng.uniform(30, 110)) * np.exp(-x * np.float32(rng.uniform(8, 30)))
    pixels += (slope if rng.random() < 0.5 else slope[::-1])[None]
    return pixels


def _bleed_through(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The back of the sheet, mirrored and faint; here it is the page itself."""
    back = np.roll(pixels[:, ::-1], int(rng.integers(20, 200)), axis=0)
    paper = np.float32(np.median(pixels))
    seen: Pixels = pixels + np.minimum(back - paper, 0) * np.float32(rng.uniform(0.05, 0.25))
    return seen


def _fade(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Ink that hardly differs from the paper."""
    paper = np.float32(np.median(pixels))
    faded: Pixels = paper + (pixels - paper) * np.float32(rng.uniform(0.4, 0.75))
    return faded


def _copy(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A photocopy: hard contrast, specks."""
    low, high = np.percentile(pixels[::8, ::8], (2, 80))
    hard = np.float32(rng.uniform(2, 6)) / max(float(high - low), 30.0)
    middle = np.float32(low + (high - low) * rng.uniform(0.4, 0.65))
    copied = 255 / (1 + np.exp(np.clip(-(pixels - middle) * hard * 2, -30, 30)))
    copied[rng.random(pixels.shape, np.float32) < rng.uniform(0, 0.001)] = 0
    return np.asarray(copied, np.float32)


def _fax(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Few lines, each pixel black or white."""
    height, width = pixels.shape
    share = float(rng.uniform(*_FAX_LINES))
    small = Image.fromarray(pixels).resize((int(width * 0.8), int(height * share)), Image.Resampling.BOX)
    low, high = np.percentile(np.asarray(small)[::4, ::4], (2, 60))
    black = np.where(np.asarray(small) < low + (high - low) * rng.uniform(0.5, 0.75), 0, 255)
    return np.asarray(Image.fromarray(black.astype(np.float32)).resize((width, height)), np.float32).copy()


_WEAR: tuple[tuple[Callable[[Pixels, np.random.Generator], Pixels], float], ...] = (
    (_bleed_through, 0.15),
    (_fade, 0.15),
    (_copy, 0.12),
    (_fax, 0.08),
    (_shadow, 0.8),
)


def _jpeg(image: GrayImage, quality: int) -> GrayImage:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def _turned(text: PageLines, degrees: float, shape: Sequence[int]) -> PageLines:
    """Where text goes when the page turns counter-clockwise about its centre (small angles)."""
    height, width = shape
    return PageLines(
        tuple(_turn(line, degrees, (height, width)) for line in text.lines),
        tuple(_turn(line, degrees, (width, height)) for line in text.upright),
        tuple(_turn_box(box, degrees, (height, width)) for box in text.unread),
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
