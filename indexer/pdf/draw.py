"""What is run in the cage to draw pages by pdfium.

python -m indexer.pdf.draw PDF FIRST LAST LONG_SIDE rgb|gray

Prints the pages as binary PNM, one after the other, as pdftoppm does; ends at the first that it cannot draw.
"""

import sys
from typing import BinaryIO

import pypdfium2
from pypdfium2 import raw

DONE, BROKEN = 0, 3
_WHITE = (255, 255, 255, 255)
_FORMATS = {"rgb": (b"P6", raw.FPDFBitmap_BGR, 3), "gray": (b"P5", raw.FPDFBitmap_Gray, 1)}


def main(pdf: str, first: str, last: str, long_side: str, colors: str) -> int:
    """Draw the pages; the exit status."""
    try:
        document = pypdfium2.PdfDocument(pdf)
        if document.get_formtype() != raw.FORMTYPE_NONE:
            document.init_forms()
        for number in range(int(first), int(last) + 1):
            _print(_drawn(document[number - 1], int(long_side), colors), colors, sys.stdout.buffer)
    except (pypdfium2.PdfiumError, IndexError, MemoryError):
        return BROKEN
    return DONE


def _drawn(page: pypdfium2.PdfPage, long_side: int, colors: str) -> pypdfium2.PdfBitmap:
    """The page on white, with its annotations and form fields, as large as pdftoppm makes it."""
    width, height = page.get_size()
    scale = long_side / max(width, height)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    bitmap = pypdfium2.PdfBitmap.new_native(*size, _FORMATS[colors][1], rev_byteorder=True)
    bitmap.fill_rect(_WHITE, 0, 0, *size)
    raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, *size, 0, raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER)
    if page.formenv:
        raw.FPDF_FFLDraw(page.formenv, bitmap, page, 0, 0, *size, 0, raw.FPDF_REVERSE_BYTE_ORDER)
    return bitmap


def _print(bitmap: pypdfium2.PdfBitmap, colors: str, out: BinaryIO) -> None:
    magic, _, channels = _FORMATS[colors]
    out.write(b"%b\n%d %d\n255\n" % (magic, bitmap.width, bitmap.height))
    rows = memoryview(bitmap.buffer).cast("B")
    for start in range(0, bitmap.height * bitmap.stride, bitmap.stride):  # rows end in padding
        out.write(rows[start : start + channels * bitmap.width])
    out.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
