"""Writes a PDF whose pages are pictures, one in memory at a time: Pillow's own writer gathers them all."""

import io
from collections.abc import Iterable
from typing import BinaryIO

from PIL import Image

from indexer.pdf.frames import Picture

_QUALITY = 92
_POINTS_AN_INCH = 72
_MOST_POINTS = 14_400.0  # of a page's side, by the specification
_MOST_PIXELS = 65_500  # of a JPEG's side
_CATALOG, _PAGES, _FIRST = 1, 2, 3
_SPACES = {"L": "DeviceGray", "RGB": "DeviceRGB"}


def write_pictures(file: BinaryIO, pictures: Iterable[Picture]) -> int:
    """Write each picture as a page of its own size; how many there were."""
    out = _Objects(file)
    pages = []
    for picture in pictures:
        pages.append(_write_page(out, picture))
    kids = " ".join(f"{number} 0 R" for number in pages)
    out.write(f"<< /Type /Catalog /Pages {_PAGES} 0 R >>", number=_CATALOG)
    out.write(f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>", number=_PAGES)
    out.finish()
    return len(pages)


def _write_page(out: "_Objects", picture: Picture) -> int:
    """The number of the page's object."""
    image = _within_jpeg(picture.image)
    width, height = _size(picture)
    shown = out.write(
        f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /BitsPerComponent 8"
        f" /ColorSpace /{_SPACES[image.mode]} /Filter /DCTDecode",
        _jpeg(image),
    )
    content = out.write("<<", f"{width:.3f} 0 0 {height:.3f} 0 0 cm /Picture Do".encode())
    return out.write(
        f"<< /Type /Page /Parent {_PAGES} 0 R /MediaBox [0 0 {width:.3f} {height:.3f}]"
        f" /Resources << /XObject << /Picture {shown} 0 R >> >> /Contents {content} 0 R >>"
    )


def _size(picture: Picture) -> tuple[float, float]:
    """The page's width and height in points."""
    sides = zip(picture.image.size, picture.resolution, strict=True)
    width, height = (_POINTS_AN_INCH * pixels / dots for pixels, dots in sides)
    scale = min(1.0, _MOST_POINTS / max(width, height))
    return width * scale, height * scale


def _within_jpeg(image: Image.Image) -> Image.Image:
    scale = _MOST_PIXELS / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(round(side * scale), 1) for side in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


class _Objects:
    """The objects of a PDF, numbered from _FIRST as they are written; catalog and page tree come last."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offsets: dict[int, int] = {}
        self._file.write(b"%PDF-1.4\n")

    def write(self, dictionary: str, stream: bytes | None = None, *, number: int | None = None) -> int:
        """Write an object; the dictionary of a stream is left open. The object's number."""
        number = number or _FIRST + len(self._offsets)
        self._offsets[number] = self._file.tell()
        self._file.write(f"{number} 0 obj\n{dictionary}".encode())
        if stream is not None:
            self._file.write(b" /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
        self._file.write(b"\nendobj\n")
        return number

    def finish(self) -> None:
        """Write the table of objects and the trailer."""
        start, size = self._file.tell(), len(self._offsets) + 1
        rows = "".join(f"{self._offsets[number]:010d} 00000 n \n" for number in range(1, size))
        self._file.write(
            f"xref\n0 {size}\n0000000000 65535 f \n{rows}"
            f"trailer\n<< /Size {size} /Root {_CATALOG} 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
        )
