"""Which images of a file are pages: small copies, masks, gain maps and second views are none."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageFile

from indexer.pdf.photographs import is_on_its_side, on_white, orientation_of, upright
from indexer.pdf.resolution import Resolution, resolution_of

_PHOTOGRAPH = "MPO"  # one photograph, with what telephones keep beside it: gain maps, depth, the other eye's
_SUBFILE, _OLD_SUBFILE, _SUBIFDS = 254, 255, 330  # TIFF 6.0, section 8, and its first supplement
_BITS, _PLANAR, _SEPARATE = 258, 284, 2
_COPY, _MASK, _DEPTH = 1, 4, 8  # bits of NewSubfileType; of DNG the last
_OLD_COPY = 2
# A pyramid's levels need not say what they are. At 48 pixels copies correlate to 0.90 and more, two different
# pages to 0.81 at most (71 pages of an article and a filing, averaged or Lanczos, 2 to 6 times smaller).
_SMALL, _COMPARED = 512, 48  # pixels a side that are remembered, and that are compared
_ALIKE, _SAME_SHAPE, _SMALLER = 0.87, 0.02, 0.6


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it is seen: upright, gray or RGB, its pixels per inch across and down."""

    image: Image.Image
    resolution: Resolution


class TooLarge(Exception):
    """An image has more pixels than it may."""


def pictures(image: Image.Image, most_pixels: int) -> Iterator[Picture]:
    """The pages of an opened file, each decoded when it is asked for. Raises TooLarge before it is."""
    before: _Seen | None = None
    for frame in _full_frames(image):
        if frame.width * frame.height > most_pixels:
            raise TooLarge
        picture = _picture(frame)
        seen = _Seen(picture.image.size, _small(picture.image))
        if before is None or not _is_copy(seen, before):
            before = seen
            yield picture


def is_misread(image: Image.Image) -> bool:
    """Whether Pillow gives wrong colours: of TIFFs with sixteen bits, each colour in a plane of its own."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(_PLANAR) == _SEPARATE and max(tags.get(_BITS, (1,))) > 8


def _picture(frame: Image.Image) -> Picture:
    across, down = resolution_of(frame)
    is_swapped = is_on_its_side(orientation_of(frame))
    return Picture(on_white(upright(frame)), (down, across) if is_swapped else (across, down))


def _full_frames(image: Image.Image) -> Iterator[Image.Image]:
    """The images that do not say of themselves that they are less than a page; if all do, the first."""
    if image.format != "TIFF":
        count = 1 if image.format == _PHOTOGRAPH else getattr(image, "n_frames", 1)
        yield from (_frame(image, number) for number in range(count))
        return
    numbers = [n for n in range(getattr(image, "n_frames", 1)) if _is_full(_frame(image, n))]
    yield from (_frame(image, number) for number in numbers)
    if not numbers:
        yield _largest_below(_frame(image, 0))


def _frame(image: Image.Image, number: int) -> Image.Image:
    if image.tell() != number:
        for said in ("dpi", "resolution", "transparency"):  # or the one before would speak for it
            image.info.pop(said, None)
        image.seek(number)
    return image


def _is_full(frame: Image.Image) -> bool:
    tags = getattr(frame, "tag_v2", {})
    kind, old_kind = tags.get(_SUBFILE, 0), tags.get(_OLD_SUBFILE, 0)
    return not (isinstance(kind, int) and kind & (_COPY | _MASK | _DEPTH)) and old_kind != _OLD_COPY


def _largest_below(frame: Image.Image) -> Image.Image:
    """Some scanners put a thumbnail first and the scan below it; without one, the thumbnail is the page."""
    tags = getattr(frame, "tag_v2", {})
    below = frame.get_child_images() if isinstance(frame, ImageFile.ImageFile) and _SUBIFDS in tags else []
    full = [child for child in below if _is_full(child)]
    return max(full, key=lambda child: child.width * child.height, default=frame)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is remembered of a page: its size and a small gray image of it."""

    size: tuple[int, int]
    small: Image.Image


def _small(image: Image.Image) -> Image.Image:
    size = (min(_SMALL, image.width), min(_SMALL, image.height))
    return image.convert("L").resize(size, Image.Resampling.BOX)


def _is_copy(one: _Seen, of: _Seen) -> bool:
    """Whether an image shows in fewer pixels what the page before it shows."""
    (width, height), (full_width, full_height) = one.size, of.size
    if width > _SMALLER * full_width or height > _SMALLER * full_height:
        return False
    # A level's sides are rounded to whole pixels.
    if abs(width * full_height / (height * full_width) - 1) > _SAME_SHAPE + 1 / min(one.size):
        return False
    return _correlation(one.small, of.small) > _ALIKE


def _correlation(one: Image.Image, other: Image.Image) -> float:
    import numpy as np  # noqa: PLC0415 - few files need it, and it takes as long as converting one

    size = (min(_COMPARED, one.width), min(_COMPARED, one.height))
    pixels = [np.asarray(each.resize(size, Image.Resampling.BOX), np.float64) for each in (one, other)]
    centred = [each - each.mean() for each in pixels]
    norm = float(np.sqrt((centred[0] ** 2).sum() * (centred[1] ** 2).sum()))
    return float((centred[0] * centred[1]).sum()) / norm if norm else 0.0
