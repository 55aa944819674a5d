"""Scanning: a clean page becomes what an office scanner makes of it."""

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Shades = npt.NDArray[np.floating]


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
    gray = page.convert("L").rotate(look.turn, Image.Resampling.BICUBIC, fillcolor=255)
    shades = np.asarray(gray.filter(ImageFilter.GaussianBlur(look.blur)), dtype=np.float32) / 255
    ink = 38.0  # toner is never quite black
    seen = (ink + shades * (look.paper - ink)) * _light(shades.shape, rng)
    seen += rng.normal(0, look.noise, shades.shape)
    _sprinkle(seen, look.specks, rng)
    packed = io.BytesIO()
    Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8)).save(packed, "JPEG", quality=look.quality)
    return packed.getvalue()


def _light(shape: tuple[int, ...], rng: np.random.Generator) -> Shades:
    """Brightness over the page: a slope, and the shadow of the lid along the left edge and the top."""
    height, width = shape
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    slope_x, slope_y = rng.uniform(-0.05, 0.05, 2)
    shadow = 0.35 * np.exp(-x / 0.012) + 0.22 * np.exp(-y / 0.008)
    return np.asarray(1 + slope_x * (x - 0.5) + slope_y * (y - 0.5) - shadow, dtype=np.float32)


def _sprinkle(seen: Shades, count: int, rng: np.random.Generator) -> None:
    height, width = seen.shape
    for x, y, size in zip(
        rng.integers(4, width - 4, count),
        rng.integers(4, height - 4, count),
        rng.integers(1, 4, count),
        strict=True,
    ):
        seen[y : y + size, x : x + size] -= 90
