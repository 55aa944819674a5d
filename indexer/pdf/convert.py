"""What is run in the cage to make a PDF of something else: images into pages, a locked PDF into an open one.

python -m indexer.pdf.convert images IN OUT MOST_PIXELS MOST_PAGES
python -m indexer.pdf.convert unlock IN OUT    (the password on standard input)
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.pdf.frames import Picture

DONE, BROKEN, TOO_LARGE, WRONG_PASSWORD, NO_MEMORY = 0, 3, 4, 5, 6
# Editors keep a drawing's history beside it in a PNG; Pillow takes over a megabyte of that for an attack.
_MOST_TEXT = 2**28


def images(source: str, target: str, most_pixels: int, most_pages: int) -> int:
    """Write the images of a file as the pages of a PDF, upright and on white, one in memory at a time."""
    from indexer.pdf.frames import TooLarge  # noqa: PLC0415 - each run converts one kind, and starts faster
    from indexer.pdf.pictured import write_pictures  # noqa: PLC0415 - see above

    try:
        with Path(target).open("wb") as made:
            pages = islice(_pictures(source, most_pixels), most_pages + 1)  # one too many will be counted
            return DONE if write_pictures(made, pages) else BROKEN
    except TooLarge:
        return TOO_LARGE
    except MemoryError:
        return NO_MEMORY
    except (OSError, ValueError, SyntaxError, EOFError):
        return BROKEN


def _pictures(source: str, most_pixels: int) -> "Iterator[Picture]":
    from PIL import Image, PngImagePlugin, UnidentifiedImageError  # noqa: PLC0415 - see `images`

    from indexer.pdf.frames import is_misread, pictures  # noqa: PLC0415 - see `images`

    Image.MAX_IMAGE_PIXELS = None  # `pictures` looks at the size, before anything is decoded
    PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = _MOST_TEXT
    with suppress(UnidentifiedImageError), Image.open(source) as image:
        if not is_misread(image):
            yield from pictures(image, most_pixels)
            return
    from indexer.pdf.measured import measured_pictures  # noqa: PLC0415 - hardly any file needs it

    yield from measured_pictures(source, most_pixels)


def unlock(source: str, target: str, password: str) -> int:
    """Write a PDF that is open to anybody, if the password is right."""
    import pikepdf  # noqa: PLC0415 - see `images`

    try:
        with pikepdf.open(source, password=password) as pdf:
            pdf.save(target, encryption=False)
    except pikepdf.PasswordError:
        return WRONG_PASSWORD
    except pikepdf.PdfError:
        return BROKEN
    return DONE


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit status."""
    match arguments:
        case ["images", source, target, most_pixels, most_pages]:
            return images(source, target, int(most_pixels), int(most_pages))
        case ["unlock", source, target]:
            return unlock(source, target, sys.stdin.buffer.read().decode())
        case _:
            return BROKEN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
