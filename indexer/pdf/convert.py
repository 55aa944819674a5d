"""What is run in the cage to make a PDF of something else: images into pages, a locked PDF into an open one.

python -m indexer.pdf.convert images IN OUT MOST_PIXELS MOST_PAGES
python -m indexer.pdf.convert unlock IN OUT    (the password on standard input)
"""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

DONE, BROKEN, TOO_LARGE, WRONG_PASSWORD = 0, 3, 4, 5
_DPI = 150  # where the image does not say: an A4 page is then 1,240 pixels wide
_LEAST_DPI, _MOST_DPI = 36, 1_200
_QUALITY = 92
_GRAY = ("1", "L", "I")


def images(source: str, target: str, most_pixels: int, most_pages: int) -> int:
    """Write the images of a file as the pages of a PDF, upright and on white, one in memory at a time."""
    from PIL import Image  # noqa: PLC0415 - each run converts one kind, and starts faster without the rest

    Image.MAX_IMAGE_PIXELS = None  # `_pages` looks at the size, before anything is decoded
    try:
        with Image.open(source) as image:
            dpi = float(image.info.get("dpi", (_DPI,))[0])
            dpi = dpi if _LEAST_DPI <= dpi <= _MOST_DPI else _DPI
            pages = _pages(image, most_pixels, most_pages)
            next(pages).save(
                target, "PDF", save_all=True, append_images=pages, resolution=dpi, quality=_QUALITY
            )
    except _TooLarge:
        return TOO_LARGE
    except (OSError, ValueError, SyntaxError, EOFError, StopIteration):
        return BROKEN
    return DONE


def _pages(image: "Image.Image", most_pixels: int, most_pages: int) -> "Iterator[Image.Image]":
    from PIL import Image, ImageSequence  # noqa: PLC0415 - see `images`

    from indexer.pdf.photographs import eight_bits, upright  # noqa: PLC0415 - see `images`

    for frame in islice(ImageSequence.Iterator(image), most_pages + 1):  # one too many will be counted
        if frame.width * frame.height > most_pixels:
            raise _TooLarge
        page = eight_bits(upright(frame))
        if page.has_transparency_data:
            layer = page.convert("RGBA")
            page = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
        yield page.convert("L" if page.mode in _GRAY else "RGB")


class _TooLarge(Exception):
    pass


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
