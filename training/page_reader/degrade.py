"""Scanning, as it happens to paper: turned, blurred, noisy, unevenly lit, compressed."""

import io
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from training.page_reader.pages import GrayImage, TextLine


def scan(
    image: GrayImage, lines: Sequence[TextLine], rng: np.random.Generator
) -> tuple[GrayImage, list[TextLine]]:
    """A page printed and scanned again, and its lines where they are now."""
    degrees = float(rng.uniform(-1.5, 1.5))
    paper = Image.fromarray(image)
    turned = paper.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=int(np.median(image)))
    blurred = turned.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.2))))
    pixels = np.asarray(blurred, np.float32)
    pixels = pixels * rng.uniform(0.7, 1.0) + rng.uniform(0, 40)
    pixels += rng.normal(0, rng.uniform(2, 14), pixels.shape).astype(np.float32)
    pixels += np.linspace(0, float(rng.uniform(-40, 40)), pixels.shape[1], dtype=np.float32)[None]
    squeezed = _jpeg(np.clip(pixels, 0, 255).astype(np.uint8), int(rng.integers(30, 80)))
    return squeezed, [_turn(line, degrees, image.shape) for line in lines]


def _jpeg(image: GrayImage, quality: int) -> GrayImage:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def _turn(line: TextLine, degrees: float, shape: tuple[int, ...]) -> TextLine:
    """Where a level line goes when the page turns counter-clockwise about its centre (small angles)."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cy, cx = shape[0] / 2, shape[1] / 2

    def place(x: float, y: float) -> tuple[float, float]:
        return cx + (x - cx) * cos + (y - cy) * sin, cy - (x - cx) * sin + (y - cy) * cos

    words = tuple(replace(w, x0=place(w.x0, line.y0)[0], x1=place(w.x1, line.y0)[0]) for w in line.words)
    return TextLine(words, place(line.x0, line.y0)[1], place(line.x1, line.y1)[1], line.height)
