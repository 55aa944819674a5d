"""Fonts: by role for pages that are designed, and every font installed for pages that a model learns from.

A designed page names a face ("serif, bold") and gets Liberation or DejaVu, or the fonts of the PDF standard
and reportlab where those are not installed, so that it can be drawn anywhere. A model has to meet as many
fonts as there are: fontconfig lists them, for only it knows which write the letters of which languages.
"""

import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
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

# A font without them would draw boxes for the letters that western European languages add.
_LANGUAGES = ["en", "fr", "de", "es", "pt", "it", "nl", "sv", "da", "ca"]
_NOT_FOR_READING = tuple(
    """
    awesome braille d050 dingbat emoji isabella kristi lobster math monofur music ocr radisnoir rufscript sign
    spleen symbol unicode z003
    """.split()  # noqa: SIM905
)
_FAMILY_LETTERS = 8


class FontBook:
    """Finds the font of a face, for PDF ink and for pixels, among given files, then in given folders."""

    def __init__(
        self, folders: Sequence[Path] = FONT_FOLDERS, files: Mapping[Face, Path] | None = None
    ) -> None:
        self._folders, self._files = tuple(folders), files or {}
        self._pdf_names: dict[Face, str] = {}

    def pdf_name(self, face: Face) -> str:
        """The name under which reportlab knows the face; it is registered on first use."""
        if face not in self._pdf_names:
            self._pdf_names[face] = self._register(face)
        return self._pdf_names[face]

    def pixel_font(self, face: Face, size_px: int) -> ImageFont.FreeTypeFont:
        """The face for Pillow at a size in pixels."""
        path = self._file(face) or REPORTLAB_FONTS / f"{_VERA[_variant(face)]}.ttf"
        return open_font(path, size_px)

    def _register(self, face: Face) -> str:
        path = self._file(face)
        if path is None:
            return FAMILIES[face.family].standard[_variant(face)]
        # Another font book may have found another font of that name elsewhere.
        name = f"{path.stem}-{crc32(str(path).encode()):08x}"
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(path)))
        return name

    def _file(self, face: Face) -> Path | None:
        if face in self._files:
            return self._files[face]
        return _font_files(self._folders).get(FAMILIES[face.family].files[_variant(face)])


class FontCase:
    """Chooses fonts so that a family of eighty files is met only a few times as often as a single one."""

    def __init__(self, fonts: Sequence[Path]) -> None:
        families = defaultdict(list)
        for path in fonts:
            families[path.name[:_FAMILY_LETTERS].lower()].append(path)
        self._families = [families[name] for name in sorted(families)]
        sizes = np.sqrt([len(family) for family in self._families])
        self._shares = sizes / sizes.sum() if len(sizes) else sizes

    def choose(self, rng: np.random.Generator) -> Path:
        """A font file.

        Raises ValueError where there is none.
        """
        if not self._families:
            raise ValueError("No fonts found.")
        family = self._families[rng.choice(len(self._families), p=self._shares)]
        return family[rng.integers(len(family))]


def reading_fonts() -> tuple[Path, ...]:
    """The installed fonts that write western Europe's languages, by path; no symbols, script, blackletter.

    Raises FileNotFoundError where fontconfig is not installed.
    """
    pattern = "".join(f":lang={language}" for language in _LANGUAGES)
    listing = subprocess.run(["fc-list", pattern, "file"], check=True, capture_output=True, text=True).stdout
    paths = sorted(Path(line.split(":")[0]) for line in listing.splitlines())
    return tuple(
        p for p in paths
        if p.suffix in (".ttf", ".otf") and not any(bad in p.name.lower() for bad in _NOT_FOR_READING)
    )  # fmt: skip


@lru_cache(maxsize=512)
def open_font(path: Path, size_px: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return ImageFont.truetype(str(path), size_px)


def _variant(face: Face) -> int:
    return int(face.bold) + 2 * int(face.italic)


@cache
def _font_files(folders: tuple[Path, ...]) -> dict[str, Path]:
    # Of several copies of one font the alphabetically first is used, so that two runs agree.
    found = sorted((path for folder in folders for path in folder.rglob("*.ttf")), reverse=True)
    return {path.stem: path for path in found}
