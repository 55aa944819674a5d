"""The installed fonts that pages are written in."""

import subprocess
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import ImageFont

# A font without them would draw boxes for the letters that western European languages add.
_LANGUAGES = ["en", "fr", "de", "es", "pt", "it", "nl", "sv", "da", "ca"]
_NOT_FOR_READING = tuple(
    """
    awesome braille d050 dingbat emoji isabella kristi lobster math monofur music ocr radisnoir rufscript sign
    spleen symbol unicode z003
    """.split()  # noqa: SIM905
)
_FAMILY_LETTERS = 8


def reading_fonts() -> tuple[Path, ...]:
    """The installed fonts that write western Europe's languages, by path; no symbols, script, blackletter."""
    pattern = "".join(f":lang={language}" for language in _LANGUAGES)
    listing = subprocess.run(["fc-list", pattern, "file"], check=True, capture_output=True, text=True).stdout
    paths = sorted(Path(line.split(":")[0]) for line in listing.splitlines())
    return tuple(
        p for p in paths
        if p.suffix in (".ttf", ".otf") and not any(bad in p.name.lower() for bad in _NOT_FOR_READING)
    )  # fmt: skip


class FontCase:
    """Chooses fonts so that a family of eighty files is met only a few times as often as a single one."""

    def __init__(self, fonts: tuple[Path, ...]) -> None:
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
            raise ValueError("There are no fonts to write with.")
        family = self._families[rng.choice(len(self._families), p=self._shares)]
        return family[rng.integers(len(family))]


@lru_cache(maxsize=512)
def open_font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return ImageFont.truetype(str(path), size)
