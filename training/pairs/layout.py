"""How a page is set: rows of cells with their size and weight, and the blocks of text they form."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

# In letter heights: a wider gap starts another cell, a higher one another block.
_CELL_GAP = 0.75
_BLOCK_GAP = 0.75
_INDENT = 2.5
# A line that ends this early ends its block: the next word would have fitted.
_FULL_LINE = 0.6


@dataclass(frozen=True, slots=True)
class Fragment:
    """A run of text in one font, with its box in points from the top left corner of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    is_bold: bool = False

    @property
    def middle(self) -> float:
        """The height of the centre line."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Cell:
    """Fragments that stand next to each other with no more than a space between them."""

    fragments: tuple[Fragment, ...]

    @cached_property
    def text(self) -> str:
        """What the cell says, with single spaces."""
        parts = [self.fragments[0].text]
        for before, after in pairwise(self.fragments):
            parts += [" " if after.left - before.right > 0.1 * after.size else "", after.text]
        return " ".join("".join(parts).split())

    @property
    def left(self) -> float:
        """The left edge."""
        return self.fragments[0].left

    @property
    def right(self) -> float:
        """The right edge."""
        return self.fragments[-1].right

    @property
    def top(self) -> float:
        """The upper edge."""
        return min(fragment.top for fragment in self.fragments)

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return max(fragment.bottom for fragment in self.fragments)

    @property
    def size(self) -> float:
        """The size of the largest letters."""
        return max(fragment.size for fragment in self.fragments)

    @property
    def is_bold(self) -> bool:
        """Whether all of it is bold."""
        return all(fragment.is_bold for fragment in self.fragments)

    @property
    def bold_start(self) -> str:
        """The bold words that it begins with where the rest is not bold, else ""."""
        bold = 0
        while bold < len(self.fragments) and self.fragments[bold].is_bold:
            bold += 1
        return Cell(self.fragments[:bold]).text if 0 < bold < len(self.fragments) else ""


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """Cells below each other that belong together: a heading or a paragraph."""

    cells: tuple[Cell, ...]

    @cached_property
    def text(self) -> str:
        """What the block says; words that were hyphenated at the end of a line stay so."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def size(self) -> float:
        """The size of its letters."""
        return self.cells[0].size

    @property
    def is_bold(self) -> bool:
        """Whether all of it is bold."""
        return all(cell.is_bold for cell in self.cells)


@dataclass(frozen=True)
class PageLayout:
    """A page as rows of cells from the top down."""

    page_number: int
    rows: tuple[Row, ...] = ()

    @cached_property
    def text(self) -> str:
        """The whole text, a line for each row."""
        return "\n".join(" ".join(cell.text for cell in row) for row in self.rows)

    @cached_property
    def body_size(self) -> float:
        """The size that most letters of the page have."""
        sizes = Counter[float]()
        for row in self.rows:
            for cell in row:
                sizes[cell.size] += len(cell.text)
        return sizes.most_common(1)[0][0] if sizes else 0.0


def lay_out(page_number: int, fragments: Iterable[Fragment]) -> PageLayout:
    """The page that these fragments make; fragments of blanks alone are left out."""
    written = [fragment for fragment in fragments if fragment.text.strip()]
    return PageLayout(page_number, tuple(tuple(_cells(row)) for row in _rows(written)))


def blocks(rows: Sequence[Row]) -> list[Block]:
    """The blocks of text in these rows, by where they begin; columns beside each other stay apart."""
    growing: list[list[Cell]] = []
    for row in rows:
        for cell in row:
            home = next((block for block in reversed(growing) if _continues(block[-1], cell)), None)
            if home is None:
                growing.append([cell])
            else:
                home.append(cell)
    return [Block(tuple(cells)) for cells in growing]


def _rows(fragments: Sequence[Fragment]) -> Iterator[list[Fragment]]:
    row: list[Fragment] = []
    for fragment in sorted(fragments, key=lambda each: (each.middle, each.left)):
        if row and not row[0].top <= fragment.middle <= row[0].bottom:
            yield row
            row = []
        row.append(fragment)
    if row:
        yield row


def _cells(row: list[Fragment]) -> Iterator[Cell]:
    cell: list[Fragment] = []
    for fragment in sorted(row, key=lambda each: each.left):
        if cell and fragment.left - cell[-1].right > _CELL_GAP * fragment.size:
            yield Cell(tuple(cell))
            cell = []
        cell.append(fragment)
    yield Cell(tuple(cell))


def _continues(above: Cell, below: Cell) -> bool:
    return (
        abs(above.size - below.size) < 1
        and above.is_bold == below.is_bold
        and -0.5 * below.size < below.top - above.bottom < _BLOCK_GAP * below.size
        and abs(above.left - below.left) < _INDENT * below.size
        and above.right - above.left > _FULL_LINE * (below.right - below.left)
    )
