"""Occlusion: what a page loses of its likeness to a query with one part covered.

Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014. It asks nothing of a model
but its vectors, and cannot tell which words of the query a part answers.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image

from vdr.models.explanation.answers import best_for_all
from vdr.models.explanation.blank import grid_of, paper_of, pixel_bounds, shows_something
from vdr.types import Box, FloatArray, Region

# Along the longer side: on A4 35 parts of 4 cm, a paragraph or a small chart each. All of them cost what
# indexing 36 pages does; half the side would cost four times that.
_PARTS = 7

Likeness = Callable[[Sequence[Image.Image]], FloatArray]


def regions_by_occlusion(image: Image.Image, likeness: Likeness) -> tuple[Region, ...]:
    """The parts of a page without which it is less like the query, best first.

    `likeness` gives that of each image to the query, (images,). Parts that show nothing are not covered.
    """
    boxes = grid_of(*_parts(image.size))
    boxes = [box for box, shows in zip(boxes, shows_something(image, boxes), strict=True) if shows]
    if not boxes:
        return ()
    whole, *covered = likeness([image, *_covered(image, boxes)])
    lost = np.maximum(whole - np.array(covered, np.float32), 0.0)
    return best_for_all(lost, boxes)


def _parts(size: tuple[int, int]) -> tuple[int, int]:
    """How many parts a page has across and down, about as high as wide."""
    across, down = (max(1, round(_PARTS * side / max(size))) for side in size)
    return across, down


def _covered(image: Image.Image, boxes: Sequence[Box]) -> Iterator[Image.Image]:
    """The page with one part covered by paper, once for each part."""
    page, paper = image.convert("RGB"), paper_of(image)
    for box in boxes:
        covered = page.copy()
        covered.paste(paper, pixel_bounds(box, page.size))
        yield covered
