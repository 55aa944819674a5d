"""Fonts by role: Liberation and DejaVu if installed, else those of the PDF standard and reportlab."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import reportlab
from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/Library/Fonts"),
    Path("~/.local/share/fonts").expanduser(),
)
REPORTLAB_FONTS = Path(reportlab.__file__).parent / "fonts"


class Face(NamedTuple):
    """A family at a weight and slant."""

    family: str
    bold: bool = False
    italic: bool = False


class Family(NamedTuple):
    """File stems and standard PDF names, each as regular, bold, italic, bold italic."""

    files: tuple[str, str, str, str]
    standard: tuple[str, str, str, str]


_HELVETICA = ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique")
_TIMES = ("Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic")
_COURIER = ("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique")
_VERA = ("Vera", "VeraBd", "VeraIt", "VeraBI")


def _styles(stem: str, regular: str, bold: str, italic: str, both: str) -> tuple[str, str, str, str]:
    return (stem + regular, stem + bold, stem + italic, stem + both)


_LIBERATION = ("-Regular", "-Bold", "-Italic", "-BoldItalic")
_DEJAVU = ("", "-Bold", "-Oblique", "-BoldOblique")
_DEJAVU_SERIF = ("", "-Bold", "-Italic", "-BoldItalic")

FAMILIES = {
    "sans": Family(_styles("LiberationSans", *_LIBERATION), _HELVETICA),
    "serif": Family(_styles("LiberationSerif", *_LIBERATION), _TIMES),
    "mono": Family(_styles("LiberationMono", *_LIBERATION), _COURIER),
    "narrow": Family(_styles("LiberationSansNarrow", *_LIBERATION), _HELVETICA),
    "wide": Family(_styles("DejaVuSans", *_DEJAVU), _HELVETICA),
    "slab": Family(_styles("DejaVuSerif", *_DEJAVU_SERIF), _TIMES),
    "console": Family(_styles("DejaVuSansMono", *_DEJAVU), _COURIER),
}


class FontBook:
    """Finds the font of a face, for PDF ink and for pixels, in the given folders."""

    def __init__(self, folders: Sequence[Path] = FONT_FOLDERS) -> None:
        self._folders = tuple(folders)
        self._pixel_fonts: dict[tuple[Face, int], ImageFont.FreeTypeFont] = {}
        self._pdf_names: dict[Face, str] = {}

    def pdf_name(self, face: Face) -> str:
        """The name under which reportlab knows the face; it is registered on first use."""
        if face not in self._pdf_names:
            self._pdf_names[face] = self._register(face)
        return self._pdf_names[face]

    def pixel_font(self, face: Face, size_px: int) -> ImageFont.FreeTypeFont:
        """The face for Pillow at a size in pixels."""
        key = (face, size_px)
        if key not in self._pixel_fonts:
            path = self._installed(face) or REPORTLAB_FONTS / f"{_VERA[_variant(face)]}.ttf"
            self._pixel_fonts[key] = ImageFont.truetype(str(path), size_px)
        return self._pixel_fonts[key]

    def _register(self, face: Face) -> str:
        path = self._installed(face)
        if path is None:
            return FAMILIES[face.family].standard[_variant(face)]
        # Another font book may have found another font of that name elsewhere.
        name = f"{path.stem}-{crc32(str(path).encode()):08x}"
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(path)))
        return name

    def _installed(self, face: Face) -> Path | None:
        return _font_files(self._folders).get(FAMILIES[face.family].files[_variant(face)])


def _variant(face: Face) -> int:
    return int(face.bold) + 2 * int(face.italic)


@cache
def _font_files(folders: tuple[Path, ...]) -> dict[str, Path]:
    # Of several copies of one font the alphabetically first is used, so that two runs agree.
    found = sorted((path for folder in folders for path in folder.rglob("*.ttf")), reverse=True)
    return {path.stem: path for path in found}
