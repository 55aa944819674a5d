"""Batches for the page reader: crops of pages for the detector, tapes of their lines for the recognizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from training.drawing.page_lines import GrayImage, PageLines, TextLine
from training.page_reader.pages import TrainingPage
from training.page_reader.targets import LineMaps, StripTarget, as_segments, line_maps, strip_target
from vdr.page_reader.detector import CELL
from vdr.page_reader.reading import DETECTOR_SCALE
from vdr.page_reader.strips import FRAME_STRIDE, TEXT_HEIGHT, Segments, cut_tape

CROP = 448
_MAX_STRIP = 360.0
_MARGIN = (0.05, 0.35)
_TURNED_SHARE = 0.15
_CORE, _WEIGHT = 0, 3


@dataclass(frozen=True, eq=False)
class Batch:
    """`crops` (pages, CROP, CROP) with detector targets (pages, 2, 4, rows, columns), of level and of upright
    lines; one `tape` (height, width) with, per strip, its first and last frame and its target."""

    crops: torch.Tensor
    maps: torch.Tensor
    tape: torch.Tensor
    frames: tuple[tuple[int, int], ...]
    targets: tuple[StripTarget, ...]


def make_batch(
    pages: Sequence[tuple[TrainingPage, Path]], rng: np.random.Generator, *, crops: int, strips_per_page: int
) -> Batch:
    """Strips of every page and a detector crop of the first `crops`, all changed at random."""
    squares, maps, tapes, frames, targets, offset = [], [], [], [], [], 0
    for number, (page, folder) in enumerate(pages):
        image = page.image(folder)
        if number < crops:
            square, wanted = _crop(image, page.text, rng)
            squares.append(square)
            maps.append(torch.from_numpy(wanted))
        tape, spans, written = _tape(image, page.text.lines, rng, strips_per_page)
        tapes.append(tape)
        frames += [(a + offset, b + offset) for a, b in spans]
        targets += written
        offset += tape.shape[1] // FRAME_STRIDE
    seen = (torch.stack(squares), torch.stack(maps)) if squares else (torch.empty(0), torch.empty(0))
    return Batch(*seen, torch.cat(tapes, 1), tuple(frames), tuple(targets))


def _crop(
    image: GrayImage, text: PageLines, rng: np.random.Generator
) -> tuple[torch.Tensor, npt.NDArray[np.float32]]:
    """A square of the page at a random place and scale, as the detector sees it, some of them turned so that
    level lines become upright ones."""
    side = int(CROP * DETECTOR_SCALE / np.exp(rng.uniform(np.log(0.6), np.log(1.6))))
    top, left = (int(rng.integers(min(0, size - side), max(size - side, 0) + 1)) for size in image.shape)
    square = np.full((side, side), int(np.median(image[::16, ::16])), np.uint8)
    inside = image[max(top, 0) : top + side, max(left, 0) : left + side]
    y, x = max(-top, 0), max(-left, 0)
    square[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    pixels = torch.from_numpy(square)[None, None].float() / 255
    pixels = F.interpolate(pixels, (CROP, CROP), mode="bilinear", antialias=True, align_corners=False)[0, 0]
    scale = CROP / side
    maps = np.stack([
        _maps(text.lines, left, top, scale).stacked(),
        _turned_back(_maps(text.upright, image.shape[0] - top - side, left, scale)),
    ])  # fmt: skip
    for box in text.unread:
        _pass_over(
            maps,
            (box.x0 - left) * scale,
            (box.y0 - top) * scale,
            (box.x1 - left) * scale,
            (box.y1 - top) * scale,
        )
    if not text.upright and rng.random() < _TURNED_SHARE:
        level, upright = maps
        return _light(pixels.rot90(), rng), np.rot90(np.stack([upright, level]), axes=(2, 3)).copy()
    return _light(pixels, rng), maps


def _maps(lines: Sequence[TextLine], left: int, top: int, scale: float) -> LineMaps:
    """The targets of lines in a crop whose corner lies at (left, top)."""
    segments = (as_segments(lines) - np.array([left, left, top, top, 0], np.float32)) * np.float32(scale)
    return line_maps(segments, CROP // CELL, CROP // CELL)


def _pass_over(maps: npt.NDArray[np.float32], x0: float, y0: float, x1: float, y1: float) -> None:
    """Lets nothing be learned from a box but the lines in it."""
    rows, columns = (
        slice(max(int(low // CELL), 0), max(int(high // CELL) + 1, 0)) for low, high in ((y0, y1), (x0, x1))
    )
    maps[:, _WEIGHT, rows, columns] *= maps[:, _CORE, rows, columns]


def _turned_back(maps: LineMaps) -> npt.NDArray[np.float32]:
    """Targets made on the page turned clockwise, as they lie on the page."""
    return np.rot90(maps.stacked(), axes=(1, 2))


def _light(pixels: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    if rng.random() < 0.15:
        pixels = 1 - pixels
    pixels = pixels * float(rng.uniform(0.6, 1.0)) + float(rng.uniform(0, 0.2))
    noise = float(rng.exponential(0.015))
    return (pixels + torch.from_numpy(rng.standard_normal(pixels.shape, np.float32)) * noise).clamp(0, 1)


def _tape(
    image: GrayImage, lines: Sequence[TextLine], rng: np.random.Generator, count: int
) -> tuple[torch.Tensor, list[tuple[int, int]], list[StripTarget]]:
    chosen = rng.permutation(len(lines))[:count]
    pieces = [_piece(lines[i], rng) for i in chosen]
    segments = _shake(as_segments(pieces), rng)
    tape = cut_tape(torch.from_numpy(np.array(image)).float() / 255, segments)
    spans, targets = [], []
    for piece, segment, start, end in zip(pieces, segments, tape.starts, tape.ends, strict=True):
        first, last = int(start) // FRAME_STRIDE, int(end) // FRAME_STRIDE
        target = strip_target(piece.words, float(segment[0]), float(segment[1]), last - first)
        if target is not None:
            spans.append((first, last))
            targets.append(target)
    return _wear(tape.pixels, rng), spans, targets


def _piece(line: TextLine, rng: np.random.Generator) -> TextLine:
    """The line, or as many of its words from a random one on as fit a strip."""
    limit = _MAX_STRIP * line.height / TEXT_HEIGHT
    if line.x1 - line.x0 <= limit:
        return line
    start = int(rng.integers(len(line.words)))
    end = start + 1
    while end < len(line.words) and line.words[end].x1 - line.words[start].x0 <= limit:
        end += 1
    words = line.words[start:end]
    slope = (line.y1 - line.y0) / (line.x1 - line.x0)
    y0, y1 = (line.y0 + slope * (x - line.x0) for x in (words[0].x0, words[-1].x1))
    return TextLine(words, y0, y1, line.height)


def _shake(segments: Segments, rng: np.random.Generator) -> Segments:
    """Boxes as inexact as a detector's: other margins, heights, centres, slopes."""
    n, height = len(segments), segments[:, 4].copy()
    shaken = segments.copy()
    shaken[:, 0] -= rng.uniform(*_MARGIN, n) * height
    shaken[:, 1] += rng.uniform(*_MARGIN, n) * height
    shaken[:, 2:4] += (rng.normal(0, 0.05, n) * height)[:, None]
    shaken[:, 2:4] += rng.normal(0, 0.02, (n, 2)) * height[:, None]
    shaken[:, 4] *= np.exp(rng.normal(0, 0.09, n))
    return shaken


def _wear(tape: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Lower resolution, other weight of ink, and noise, for the whole tape of a page."""
    width = tape.shape[1]
    if rng.random() < 0.35:
        size = (int(tape.shape[0] * rng.uniform(0.55, 0.95)), int(width * rng.uniform(0.55, 0.95)))
        small = F.interpolate(tape[None, None], size, mode="bilinear", antialias=True, align_corners=False)
        tape = F.interpolate(small, tape.shape, mode="bilinear", align_corners=False)[0, 0]
    tape = tape.clamp(0, 1) ** float(np.exp(rng.normal(0, 0.25)))
    noise = float(rng.exponential(0.02))
    return tape + torch.from_numpy(rng.standard_normal((tape.shape[0], width), np.float32)) * noise
