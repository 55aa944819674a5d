"""Scanning: what an office scanner, a copier or a fax makes of a clean page.

`scanned` gives a page one look, chosen by whoever designs it. `rescanned` draws the wear at random, so that a
model meets all of it, and says where each line of the page is afterwards.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from training.drawing.page_lines import GrayImage, PageLines

Pixels = npt.NDArray[np.floating]  # of 32 bits

_TONER = 38.0  # which is never quite black
_FAX_LINES = (0.65, 0.9)


@dataclass(frozen=True, slots=True)
class ScanLook:
    """How a page was scanned: turn in degrees, blur in pixels, noise and paper in shades of 255."""

    turn: float = 0.6
    blur: float = 0.6
    noise: float = 6.0
    paper: float = 222.0
    specks: int = 60
    quality: int = 42


def scanned(page: Image.Image, look: ScanLook, rng: np.random.Generator) -> bytes:
    """The page as a gray JPEG: turned, blurred, on gray paper under uneven light, with noise and dust."""
    turned = page.convert("L").rotate(look.turn, Image.Resampling.BICUBIC, fillcolor=255)
    shades = _blurred(turned, look.blur) / 255
    seen = (_TONER + shades * (look.paper - _TONER)) * _light(shades.shape, rng)
    seen += rng.normal(0, look.noise, shades.shape)
    _sprinkle(seen, look.specks, rng)
    return _jpeg(seen, look.quality)


def rescanned(image: GrayImage, lines: PageLines, rng: np.random.Generator) -> tuple[GrayImage, PageLines]:
    """A page printed and scanned again, and its text where it is now."""
    degrees = float(rng.uniform(-1.5, 1.5))
    turned = Image.fromarray(image).rotate(
        degrees, Image.Resampling.BILINEAR, fillcolor=int(np.median(image))
    )
    pixels = _blurred(turned, float(rng.uniform(0.3, 1.2)))
    for wear, share in _WEAR:
        if rng.random() < share:
            pixels = wear(pixels, rng)
    pixels = pixels * np.float32(rng.uniform(0.7, 1.0)) + np.float32(rng.uniform(0, 40))
    pixels += rng.standard_normal(pixels.shape, np.float32) * np.float32(rng.uniform(2, 14))
    squeezed = _jpeg(pixels, int(rng.integers(30, 80)))
    return np.asarray(Image.open(io.BytesIO(squeezed))), lines.turned(degrees, image.shape)


def _blurred(page: Image.Image, radius: float) -> Pixels:
    return np.array(page.filter(ImageFilter.GaussianBlur(radius)), np.float32)


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(packed, "JPEG", quality=quality)
    return packed.getvalue()


def _light(shape: tuple[int, ...], rng: np.random.Generator) -> Pixels:
    """Brightness over the page: a slope, and the shadow of the lid along the left edge and the top."""
    height, width = shape
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    slope_x, slope_y = rng.uniform(-0.05, 0.05, 2)
    shadow = 0.35 * np.exp(-x / 0.012) + 0.22 * np.exp(-y / 0.008)
    return np.asarray(1 + slope_x * (x - 0.5) + slope_y * (y - 0.5) - shadow, dtype=np.float32)


def _sprinkle(seen: Pixels, count: int, rng: np.random.Generator) -> None:
    height, width = seen.shape
    for x, y, size in zip(
        rng.integers(4, width - 4, count),
        rng.integers(4, height - 4, count),
        rng.integers(1, 4, count),
        strict=True,
    ):
        seen[y : y + size, x : x + size] -= 90


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
