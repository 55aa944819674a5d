"""Lines: what the lines of a window are worth, for models that give one vector to a text."""

from collections.abc import Callable, Iterator, Sequence

from vdr.models.explanation.answers import above_middle, best_for_all
from vdr.prints import box_around, lines
from vdr.types import FloatArray, Region, Word

_LONGEST = 24  # words of a line: what is told without lines is cut there

Likeness = Callable[[Sequence[str]], FloatArray]


def regions_of_lines(words: Sequence[Word], likeness: Likeness) -> tuple[Region, ...]:
    """The lines of some words that are more like a query than the middle one, best first.

    `likeness` gives that of each text to the query, (texts,). A line is weighed by what it alone is worth.
    """
    parts = list(_parts(words))
    if not parts:
        return ()
    worth = likeness([" ".join(word.text for word in part) for part in parts])
    return best_for_all(
        above_middle(worth[None])[0], [box_around([word.box for word in part]) for part in parts]
    )


def _parts(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    for line in lines(words):
        yield from (line[start : start + _LONGEST] for start in range(0, len(line), _LONGEST))
