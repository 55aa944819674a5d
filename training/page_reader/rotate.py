"""`rotate`: turns the vectors of a page reader so that their first dimensions tell most of a page.

The axes are the principal ones of the pages of a corpus (latent semantic analysis: Deerwester et al.,
Indexing by Latent Semantic Analysis, JASIS 1990). A rotation changes no cosine at the full width, and what is
cut off at fewer dimensions is what pages differ in least.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from indexer.inspect import count_pages
from indexer.paths import find_pdfs
from indexer.text_layer import read_text_layer
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.modules import Occurrences, WordSuperposition, count_words, word_features
from vdr.settings import IngestSettings

_BATCH = 64
_RUN = 64  # pages asked of pdftotext at once
_PAGE = (1_000, 1_294)  # any size: where words stand says nothing here

PageTerms = dict[str, Occurrences]


def main() -> None:
    """Command line: `python -m training.page_reader.rotate PDFS CHECKPOINT`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pdfs", type=Path)
    parser.add_argument("checkpoint", type=Path)
    options = parser.parse_args()
    model = open_checkpoint(str(options.checkpoint), "cpu")
    pages = list(text_pages(find_pdfs([str(options.pdfs)])))
    rotate(model, pages)
    model.half().save(str(options.checkpoint), create_model_card=False)
    print(f"Rotated by {len(pages)} pages.")


def rotate(model: SentenceTransformer, pages: Sequence[PageTerms]) -> None:
    """Lets the projection of a page reader end in the principal axes of these pages."""
    words = next(module for module in model.modules() if isinstance(module, WordSuperposition))
    vectors = _embedded(words, pages).double()  # (pages, dims)
    _, axes = torch.linalg.eigh(vectors.T @ vectors)  # those of the smallest variance first
    words.add_projection()
    if words.project is None:  # for the type checker: it was just added
        return
    with torch.no_grad():
        words.project.weight.copy_(axes.flip(1).T @ words.project.weight.double())


def text_pages(pdfs: Iterable[Path]) -> Iterator[PageTerms]:
    """The terms of every page that has a text layer."""
    settings = IngestSettings()
    for pdf in pdfs:
        last = count_pages(pdf, pdf.name, settings)
        for first in range(1, last + 1, _RUN):
            for page in read_text_layer(pdf, range(first, min(first + _RUN, last + 1)), settings):
                if counted := count_words(page.words_on(_PAGE)):
                    yield counted


def _embedded(words: WordSuperposition, pages: Sequence[PageTerms]) -> torch.Tensor:
    with torch.inference_mode():
        found = [
            words({**word_features(pages[start : start + _BATCH]), "is_query": False})["sentence_embedding"]
            for start in range(0, len(pages), _BATCH)
        ]
    return torch.cat(found)


if __name__ == "__main__":
    main()
