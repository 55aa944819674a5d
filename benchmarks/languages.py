"""How well the page reader reads the words of western European languages, accents included and not.

python -m benchmarks.languages [--pages 4]

Pages are rendered in the installed fonts, with words of the lists in /usr/share/dict (Debian: wfrench,
wngerman and so on) that were kept apart from training; half of the words have an accent, where the language
has any. The last line is JSON.
"""

import json
from typing import Annotated

import numpy as np
import typer

from training.drawing.fonts import reading_fonts
from training.page_reader.measure import matched, read_page
from training.page_reader.render import PageRenderer
from training.page_reader.texts import LANGUAGES, TextSource, is_held_out_word, read_word_list
from vdr.environment import read_settings
from vdr.models.embedder import load_embedder
from vdr.models.several import first_of
from vdr.page_reader.alphabet import normalize
from vdr.types import PageWords, Word
from vdr.words import wholes

_WORDS, _WORDS_A_LINE, _LONG_SIDE = 2_000, 12, 1_536


def main(pages: Annotated[int, typer.Option(help="Rendered pages a language.")] = 4) -> None:
    """Render, read and compare."""
    embedder, fonts = load_embedder(first_of(read_settings().model)), reading_fonts()
    found: dict[str, dict[str, float]] = {}
    for language in LANGUAGES:
        if words := [w for w in read_word_list(language) if is_held_out_word(w)]:
            renderer = PageRenderer(TextSource.of(_lines(words)), fonts, _LONG_SIDE)
            found[language] = _shares([read_page(embedder, *renderer.render(seed)) for seed in range(pages)])
    typer.echo(json.dumps({"benchmark": "languages", "pages": pages, "fonts": len(fonts), **found}))


def _lines(words: list[str]) -> list[list[str]]:
    """Random words, half of them with a letter that English lacks, as far as there are any."""
    chance = np.random.default_rng(1)
    accented = [word for word in words if not word.isascii()]
    chosen = [*chance.choice(words, _WORDS // 2), *chance.choice(accented or words, _WORDS // 2)]
    chance.shuffle(chosen)
    return [
        list(map(str, chosen[start : start + _WORDS_A_LINE])) for start in range(0, _WORDS, _WORDS_A_LINE)
    ]


def right_to_the_letter(pages: list[PageWords]) -> float:
    """The share of words of the text layers that were read with all their letters, in whatever case."""
    return _right([pair for page in pages for pair in matched(page, _letters)])


def _shares(pages: list[PageWords]) -> dict[str, float]:
    letters = [pair for page in pages for pair in matched(page, _letters)]
    folded = [pair for page in pages for pair in matched(page)]
    accented = [(true, reads) for true, reads in letters if not true.isascii()]
    return {
        "words": len(letters),
        "right_without_accents": _right(folded),
        "right_to_the_letter": right_to_the_letter(pages),
        "right_to_the_letter_of_accented": _right(accented),
    }


def _letters(word: Word) -> str:
    return normalize(word.text).strip(".,;:!?()'\"").lower() if wholes(word.text) else ""


def _right(pairs: list[tuple[str, tuple[str, ...]]]) -> float:
    return round(sum(true in reads for true, reads in pairs) / max(len(pairs), 1), 4)


if __name__ == "__main__":
    typer.run(main)
