"""The passages of a page: its sentences, the rows of its tables, its headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from vdr.remembered import remembering
from vdr.search.layout import Segment, rows_of
from vdr.types import Print

_MOST_REMEMBERED, _BYTES_A_WORD = 32 * 2**20, 100  # some thousand pages: those that are asked for
_LONGEST = 40  # words: print without any end of a sentence is cut
_APART = 1.6  # times the usual distance of two lines: where a paragraph ends
_FAR = 2.5  # heights of print: lines of a paragraph are nearer, even where most lines are further apart
_TALLER = 0.25  # by how much of its height a heading differs from the text
_ENDS = frozenset(".!?…。！？｡।॥؟۔։\"'”’»)]）」』")
_SENTENCE_END = re.compile(r"[.!?…。！？｡।॥؟۔։][\"'”’»)\]）」』]*$")
_ABBREVIATION = re.compile(
    r"\W*(?:[A-Za-z]|[A-Z][a-z]|Nos?|Figs?|vs|Inc|Corp|Ltd|Dept|approx|etc|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec"
    r"|(?:\w\.)+\w)\."
)
_BULLET = re.compile(r"[•▪●○‣⁃◦·■□►–—*-]$|\(?(?:\d{1,2}|[a-z])[.)]$")


@dataclass(frozen=True, slots=True)
class Passages:
    """The words of a page in reading order, their former places, and the passages that they are cut into.

    `bounds` is where each passage begins, and the end of the last; `rows` are those that are rows of a table.
    """

    texts: Sequence[str]
    places: Sequence[int]
    bounds: Sequence[int]
    rows: frozenset[int]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def size(self, passage: int) -> int:
        """How many words it has."""
        return self.bounds[passage + 1] - self.bounds[passage]

    def words(self, passage: int) -> Sequence[str]:
        """Its words."""
        return self.texts[self.bounds[passage] : self.bounds[passage + 1]]


def passages_of(page: Print) -> Passages:
    """The page cut where sentences, table rows, headings and paragraphs begin."""
    return _passages_of(page)


@remembering(_MOST_REMEMBERED, lambda passages: _BYTES_A_WORD * (1 + len(passages.texts)))
def _passages_of(page: Print) -> Passages:
    if not page.has_boxes:
        starts = {0, *_sentence_starts(page.texts)}
        return _cut(page.texts, range(len(page.texts)), starts, set())
    rows = rows_of(page)
    places = [place for row in rows for segment in row for place in range(segment.start, segment.end)]
    texts = [page.texts[place] for place in places]
    sizes = [sum(segment.end - segment.start for segment in row) for row in rows]
    ends = list(accumulate(sizes, initial=0))
    starts = {0, *_sentence_starts(texts), *_new_starts(rows, ends, texts)}
    in_table = set()
    for n, row in enumerate(rows):
        if len(row) > 1:
            starts -= set(range(ends[n] + 1, ends[n + 1]))
            starts |= {ends[n], ends[n + 1]}
            in_table.add(ends[n])
    return _cut(texts, places, starts, in_table)


def _cut(texts: Sequence[str], places: Sequence[int], starts: set[int], rows: set[int]) -> Passages:
    count = len(texts)
    bounds = (*_short(sorted(starts - {count}), count), count)
    return Passages(texts, places, bounds, frozenset(n for n, start in enumerate(bounds) if start in rows))


def _sentence_starts(texts: Sequence[str]) -> Iterator[int]:
    for place, text in enumerate(texts[:-1], start=1):
        if text[-1:] in _ENDS and ends_sentence(text) and not texts[place][:1].islower():
            yield place


def ends_sentence(text: str) -> bool:
    """Whether a sentence ends with this word."""
    return _SENTENCE_END.search(text) is not None and not _ABBREVIATION.fullmatch(text)


def _new_starts(
    rows: Sequence[Sequence[Segment]], starts: Sequence[int], texts: Sequence[str]
) -> Iterator[int]:
    """Lines that begin something new: far below the one before, above it, of another height, or an item."""
    steps = [after[0].y0 - before[0].y0 for before, after in pairwise(rows)]
    down = sorted(step for step in steps if step > 0)
    usual = down[len(down) // 2] if down else 0.0
    for (before, after), step, start in zip(pairwise(rows), steps, starts[1:], strict=False):
        low, high = sorted((before[0].y1 - before[0].y0, after[0].y1 - after[0].y0))
        if (
            step < 0
            or step > min(_APART * usual, _FAR * high)
            or high > (1 + _TALLER) * low
            or _BULLET.match(texts[start])
        ):
            yield start


def _short(starts: Sequence[int], count: int) -> Iterator[int]:
    """The starts, and those of the parts of passages that are too long."""
    for start, end in pairwise((*starts, count)):
        parts = -(-(end - start) // _LONGEST)
        yield from (start + (end - start) * part // parts for part in range(parts))
