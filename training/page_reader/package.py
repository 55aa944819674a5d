"""`package`: a trained reader and the word weights of its corpus become one checkpoint."""

import argparse
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router

from training.page_reader.pages import RENDERED
from training.page_reader.train import training_pages, weights_of
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.codes import hash_words
from vdr.page_reader.modules import PageImage, QueryText, WordSuperposition
from vdr.page_reader.reading import Reader
from vdr.words import ASKING_WORDS, wholes

_ASKING_WEIGHT = 0.05
# Of the idf, which the question's side has whole (docs/decisions/0014-print.md).
_PAGE_POWER = 0.25


def main() -> None:
    """Command line: `python -m training.page_reader.package DATA RUN OUT [--like CHECKPOINT]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--like", type=Path, help="packaged reader whose words to keep: weights, meanings, questions and axes"
    )
    options = parser.parse_args()
    reader = Reader()
    reader.load_state_dict(weights_of(options.run))
    if options.like is None:
        packaged = package(reader, _page_terms(options.data))
    else:
        packaged = package_like(reader, options.like)
    packaged.half().save(str(options.out), create_model_card=False)


def package_like(reader: Reader, checkpoint: Path) -> SentenceTransformer:
    """A packaged page reader with other nets: what it makes of words stays, so the same words have the same
    vectors. The nets are not compiled, and the confidence is calibrated for the ones before."""
    packaged = open_checkpoint(str(checkpoint), "cpu")
    page_image = next(module for module in packaged.modules() if isinstance(module, PageImage))
    page_image.reader, page_image.quantized = reader, None
    return packaged


def package(reader: Reader, pages: Iterable[set[str]]) -> SentenceTransformer:
    """The page reader with word weights from the terms of each page of a corpus."""
    words = WordSuperposition()
    idf = inverse_document_frequencies(pages, words.weight_buckets)
    asking = hash_words(sorted(ASKING_WORDS))[:, 0] % words.weight_buckets
    with torch.no_grad():
        words.codes.document_weights.copy_(idf**_PAGE_POWER)
        words.codes.query_weights.copy_(idf)
        words.codes.query_weights[asking] *= _ASKING_WEIGHT
    router = Router({"text": [QueryText()], "image": [PageImage(reader)]})
    return SentenceTransformer(modules=[router, words], device="cpu")


def inverse_document_frequencies(pages: Iterable[set[str]], buckets: int) -> torch.Tensor:
    """log(1 + (N - n + 0.5) / (n + 0.5)) of every hashed word (Robertson and Zaragoza, 2009, as in BM25).

    Divided by its largest value, so that a word never seen weighs 1.
    """
    seen: Counter[int] = Counter()
    count = 0
    for page in pages:
        count += 1
        seen.update({zlib.crc32(term.encode()) % buckets for term in page})
    n = torch.zeros(buckets)
    n[list(seen)] = torch.tensor([float(v) for v in seen.values()])
    idf = torch.log1p((count - n + 0.5) / (n + 0.5))
    return idf / idf.max()


def _page_terms(data: Path) -> Iterable[set[str]]:
    for page, _ in training_pages(data):
        if page.source != RENDERED:
            yield {term for line in page.text.lines for word in line.words for term in wholes(word.text)}


if __name__ == "__main__":
    main()
