"""Looking more closely at pages whose print is too small in their page image: strips, plans, posters."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from vdr.merging import uncovered
from vdr.types import Box, Word

# Under this name a page image brings along, in its `info`, a CloserLook if there is one to take.
CLOSER_LOOK = "closer_look"
_ENOUGH_WORDS, _SURE, _UNSURE_SHARE = 30, 0.8, 0.2
_SMALL_SHARE, _LEGIBLE = 0.1, 10  # pixels, of which print on a page of A4 has 20
_LARGE = 24  # pixels of print that may be cut up in tiles


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a page in gray, at the scale of its print.

    `box` is where it lies on the page, `core` the part that it does not share with others; both are fractions
    of the page.
    """

    image: Image.Image
    box: Box
    core: Box

    def on_page(self, words: Iterable[Word]) -> Iterator[Word]:
        """Words of the tile on the page, but for those that belong to the tile beside it."""
        width, height = self.box.x1 - self.box.x0, self.box.y1 - self.box.y0
        for word in words:
            x0, x1 = (self.box.x0 + width * x for x in (word.box.x0, word.box.x1))
            y0, y1 = (self.box.y0 + height * y for y in (word.box.y0, word.box.y1))
            if (
                self.core.x0 <= (x0 + x1) / 2 <= self.core.x1
                and self.core.y0 <= (y0 + y1) / 2 <= self.core.y1
            ):
                yield Word(word.text, Box(x0, y0, x1, y1), word.confidence)


CloserLook = Callable[[], Iterator[Tile]]


def read_closely(
    words: Sequence[Word],
    size: tuple[int, int],
    look: CloserLook,
    read: Callable[[Image.Image], Sequence[Word]],
) -> list[Word]:
    """The words of a page of whose image, of that (width, height), `words` were read.

    If they are few or small, its tiles are read as well; then only large print is taken from the page image.
    """
    if is_legible(words, size):
        return list(words)
    found: list[Word] = []
    for tile in look():
        # A word at the edge of a core may lie in both: where its box ends depends on what is around it.
        found += uncovered(tuple(tile.on_page(read(tile.image))), tuple(found))
    large = tuple(word for word in words if word.confidence > _SURE and _print_size(word, size) >= _LARGE)
    return [*large, *uncovered(tuple(found), large)]


def is_legible(words: Sequence[Word], size: tuple[int, int], enough: int = _ENOUGH_WORDS) -> bool:
    """Whether there are enough words, nearly all of them sure and in print that such an image shows."""
    longer = [word for word in words if len(word.text) > 1]
    sizes = [_print_size(word, size) for word in longer if word.confidence > _SURE]
    if len(sizes) < max(enough, (1 - _UNSURE_SHARE) * len(longer)):
        return False
    return float(np.quantile(sizes, _SMALL_SHARE)) >= _LEGIBLE


def _print_size(word: Word, size: tuple[int, int]) -> float:
    """How high the print of a word is in pixels, whichever way it runs."""
    width, height = size
    return min((word.box.x1 - word.box.x0) * width, (word.box.y1 - word.box.y0) * height)
