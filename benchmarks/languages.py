"""How well the page reader reads the words of western European languages, accents included and not.

python -m benchmarks.languages [--pages 4]

Pages are rendered in the installed fonts, with words of the lists in /usr/share/dict (Debian: wfrench,
wngerman and so on); half of the words have an accent, where the language has any. The last line is JSON.
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from training.page_reader.fonts import reading_fonts
from training.page_reader.measure import matched
from training.page_reader.pages import TextLine
from training.page_reader.render import PageRenderer
from training.page_reader.texts import TextSource
from vdr.models.embedder import Embedder, load_embedder
from vdr.page_reader.alphabet import normalize
from vdr.settings import read_settings
from vdr.types import Box, PageWords, Word
from vdr.words import terms

_LISTS = Path("/usr/share/dict")
_LANGUAGES = {
    "english": "american-english",
    "french": "french",
    "german": "ngerman",
    "spanish": "spanish",
    "portuguese": "portuguese",
    "italian": "italian",
    "dutch": "dutch",
    "swedish": "swedish",
    "danish": "danish",
}
_WORDS, _WORDS_A_LINE, _LONG_SIDE = 2_000, 12, 1_536


def main(pages: Annotated[int, typer.Option(help="Rendered pages a language.")] = 4) -> None:
    """Render, read and compare."""
    embedder, fonts = load_embedder(read_settings().model), reading_fonts()
    found: dict[str, dict[str, float]] = {}
    for language, name in _LANGUAGES.items():
        if (_LISTS / name).exists():
            renderer = PageRenderer(TextSource.of(_lines(_LISTS / name)), fonts, _LONG_SIDE)
            found[language] = _shares([_read(renderer, seed, embedder) for seed in range(pages)])
    typer.echo(json.dumps({"benchmark": "languages", "pages": pages, "fonts": len(fonts), **found}))


def _lines(file: Path) -> list[list[str]]:
    """Words of the list, half of them with a letter that English lacks, as far as there are any."""
    content = file.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError:  # some lists are older than that
        text = content.decode("latin-1")
    words = [word for word in text.split() if len(word) > 2]
    chance = np.random.default_rng(1)
    accented = [word for word in words if not word.isascii()]
    chosen = [*chance.choice(words, _WORDS // 2), *chance.choice(accented or words, _WORDS // 2)]
    chance.shuffle(chosen)
    return [
        list(map(str, chosen[start : start + _WORDS_A_LINE])) for start in range(0, _WORDS, _WORDS_A_LINE)
    ]


def _read(renderer: PageRenderer, seed: int, embedder: Embedder) -> PageWords:
    """The words drawn on a page, in place of a text layer, and those read from it."""
    image, text = renderer.render(seed)
    (vectors,) = embedder.encode_pages([Image.fromarray(image).convert("RGB")])
    drawn = tuple(word for line in text.lines for word in _words(line, image.shape))
    return PageWords(text_layer=drawn, read=vectors.words)


def _words(line: TextLine, shape: tuple[int, ...]) -> list[Word]:
    height, width = shape[:2]
    top, bottom = (line.y0 - line.height / 2) / height, (line.y0 + line.height / 2) / height
    return [Word(word.text, Box(word.x0 / width, top, word.x1 / width, bottom)) for word in line.words]


def _shares(pages: list[PageWords]) -> dict[str, float]:
    letters = [pair for page in pages for pair in matched(page, _letters)]
    folded = [pair for page in pages for pair in matched(page)]
    accented = [(true, reads) for true, reads in letters if not true.isascii()]
    return {
        "words": len(letters),
        "right_without_accents": _right(folded),
        "right_to_the_letter": _right(letters),
        "right_to_the_letter_of_accented": _right(accented),
    }


def _letters(word: Word) -> str:
    return normalize(word.text).strip(".,;:!?()'\"").lower() if terms(word.text) else ""


def _right(pairs: list[tuple[str, tuple[str, ...]]]) -> float:
    return round(sum(true in reads for true, reads in pairs) / max(len(pairs), 1), 4)


if __name__ == "__main__":
    typer.run(main)
