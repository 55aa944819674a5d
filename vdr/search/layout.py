"""How the words of a page stand on it: lines of print, columns side by side, rows of tables."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vdr.types import Print

_WIDE = 2.5  # characters: a wider gap parts columns or cells; spaces of justified print are narrower
_LEVEL = 0.5  # of the height of print: how far the lines of a row may be off
_FLUSH = 0.02  # of the page's width: how far the lines of a column may begin apart
_CELL, _PROSE = 4, 6  # words: what has no more may be a cell, lines of as many are text
_NEXT = 2.5  # heights of print that the next line of a paragraph begins below
_SMALL = 0.4  # of the lines of a paragraph begin with a small letter
_FEWEST_LINES = 4  # that columns have side by side; fewer may be anything
_MOST_SEGMENTS = 4_000  # of a page; what has more is no page to read


class Segment(NamedTuple):
    """Words that stand next to each other in one line of print, by their places."""

    start: int
    end: int
    x0: float
    x1: float
    y0: float
    y1: float
    is_cell: bool


def rows_of(page: Print) -> list[tuple[Segment, ...]]:
    """The page as it is read: lines of text, one segment each, and rows of tables with their cells.

    The order is that of the words, but columns of text that were told line by line come one after the other,
    and cells come with the first of their row, wherever they were told.
    """
    segments = segments_of(page)
    if not segments or len(segments) > _MOST_SEGMENTS:
        return [(segment,) for segment in segments]
    return _in_rows(_by_columns(segments))


def segments_of(page: Print) -> list[Segment]:
    """The lines of print, each parted where columns or cells are, in the order of the words."""
    x0, y0, x1, y1 = page.boxes.T
    starts = _starts(page)
    ends = (*starts[1:].tolist(), len(page.texts))
    letters = np.fromiter(map(str.isalpha, page.texts), int, len(page.texts))
    columns = zip(
        starts.tolist(),
        ends,
        np.minimum.reduceat(x0, starts).tolist(),
        np.maximum.reduceat(x1, starts).tolist(),
        y0[starts].tolist(),
        y1[starts].tolist(),
        np.add.reduceat(letters, starts).tolist(),
        strict=True,
    )
    return _with_cells(page.texts, [(Segment._make((*place, False)), count) for *place, count in columns])


def _starts(page: Print) -> npt.NDArray[np.int64]:
    """Where words begin that are not level with the one before, or far from it."""
    x0, y0, x1, y1 = page.boxes.T
    middle = (y0 + y1) / 2
    is_level = (y0[:-1] <= middle[1:]) & (middle[1:] <= y1[:-1])
    gaps = np.maximum(x0[1:] - x1[:-1], x0[:-1] - x1[1:])
    lengths = np.fromiter(map(len, page.texts), float, len(page.texts))
    widths = x1 - x0
    character = (widths[1:] + widths[:-1]) / np.maximum(lengths[1:] + lengths[:-1], 1)
    return np.append(0, np.flatnonzero(~is_level | (gaps > _WIDE * character)) + 1)


def _with_cells(texts: Sequence[str], counted: Sequence[tuple[Segment, int]]) -> list[Segment]:
    """The segments, those known as cells that are short or numbers, and no line of a paragraph."""
    found: list[Segment] = []
    for column in _stacked(counted):
        is_text = _is_text(texts, column)
        for segment, letters in column:
            size = segment.end - segment.start
            is_cell = not is_text and (size <= _CELL or 2 * letters < size)
            found.append(segment._replace(is_cell=True) if is_cell else segment)
    return found


def _stacked(counted: Sequence[tuple[Segment, int]]) -> Iterator[Sequence[tuple[Segment, int]]]:
    """Segments told one after the other that stand below each other."""
    start = 0
    for n, ((one, _), (other, _)) in enumerate(pairwise(counted), start=1):
        if not (abs(one.x0 - other.x0) < _FLUSH and 0 < other.y0 - one.y0 < _NEXT * (one.y1 - one.y0)):
            yield counted[start:n]
            start = n
    yield counted[start:]


def _is_text(texts: Sequence[str], column: Sequence[tuple[Segment, int]]) -> bool:
    """Whether lines below each other are a paragraph: long ones, or many that begin with a small letter."""
    if len(column) < 2:
        return False
    size = sum(segment.end - segment.start for segment, _ in column) / len(column)
    small = sum(texts[segment.start][:1].islower() for segment, _ in column[1:])
    letters = 2 * sum(letters for _, letters in column) > size * len(column)
    return letters and (size >= _PROSE or (small >= _FEWEST_LINES - 1 and small >= _SMALL * len(column)))


def _by_columns(segments: list[Segment]) -> list[Segment]:
    """The segments with columns of text one after the other, where lines ran over both."""
    if sum(_are_beside(segments, place) for place in range(len(segments))) < _FEWEST_LINES:
        return segments
    found: list[Segment] = []
    place = 0
    while place < len(segments):
        stop = _columns_end(segments, place)
        gutter = segments[place + 1].x0 - _FLUSH if stop > place else 0.0
        block = segments[place : max(stop, place + 1)]
        found += [segment for segment in block if stop == place or segment.x0 < gutter]
        found += [segment for segment in block if stop > place and segment.x0 >= gutter]
        place += len(block)
    return found


def _columns_end(segments: Sequence[Segment], start: int) -> int:
    """Where two columns end that begin at `start`; `start` itself if none do."""
    if not _are_beside(segments, start):
        return start
    gutter = segments[start + 1].x0 - _FLUSH
    stop, pairs = start, 0
    while stop < len(segments) and (segments[stop].x1 <= gutter + _FLUSH or segments[stop].x0 >= gutter):
        pairs += _are_beside(segments, stop)
        stop += 1
    return stop if pairs >= _FEWEST_LINES else start


def _are_beside(segments: Sequence[Segment], place: int) -> bool:
    if segments[place].is_cell or place + 1 == len(segments) or segments[place + 1].is_cell:
        return False
    one, other = segments[place], segments[place + 1]
    return _is_level(one, other) and one.x1 < other.x0


def _is_level(one: Segment, other: Segment) -> bool:
    low, high = (one.y0 + one.y1) / 2, (other.y0 + other.y1) / 2
    return abs(low - high) < _LEVEL * min(one.y1 - one.y0, other.y1 - other.y0)


def _in_rows(segments: Sequence[Segment]) -> list[tuple[Segment, ...]]:
    """Cells with the segment left of them, or with the cell furthest left, of their row."""
    row_of = {}
    for row in _level(segments):
        for group in _groups(row):
            for segment in group:
                row_of[segment.start] = group
    rows, seen = [], set()
    for segment in segments:
        group = row_of[segment.start]
        if group[0].start not in seen:
            seen.add(group[0].start)
            rows.append(group)
    return rows


def _level(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Segments level with each other, from the left to the right."""
    ordered = sorted(segments, key=lambda segment: (segment.y0 + segment.y1, segment.x0))
    row = ordered[:1]
    for segment in ordered[1:]:
        if _is_level(row[0], segment):
            row.append(segment)
        else:
            yield sorted(row, key=lambda each: each.x0)
            row = [segment]
    yield sorted(row, key=lambda each: each.x0)


def _groups(row: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    """A row parted where a line of text begins."""
    starts = [0, *(n for n, segment in enumerate(row) if n and not segment.is_cell), len(row)]
    yield from (tuple(row[start:end]) for start, end in pairwise(starts))
