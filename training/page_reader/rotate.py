"""`rotate`: turns a page reader's vectors so that their first dimensions tell most of pages and questions.

The axes are the principal ones of a data set's pages and queries, half and half (latent semantic analysis:
Deerwester et al., Indexing by Latent Semantic Analysis, JASIS 1990). A rotation changes no cosine at the full
width, and what is cut off at fewer dimensions is what pages and questions differ in least.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from training.axes import principal_axes
from training.pairs.dataset import read_pairs
from training.pairs.splits import TRAIN
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.features import Features, Occurrences, word_features
from vdr.page_reader.modules import QueryText, WordSuperposition
from vdr.types import FloatArray
from vdr.words import wholes

_BATCH = 64


def main() -> None:
    """Command line: `python -m training.page_reader.rotate PAIRS CHECKPOINT`, PAIRS of `vdr pairs build`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("checkpoint", type=Path)
    options = parser.parse_args()
    pairs = read_pairs(options.pairs)
    split = zip(pairs.pages["split"], pairs.pages["text"], strict=True)
    texts = [text for name, text in split if name == TRAIN]
    model = open_checkpoint(str(options.checkpoint), "cpu")
    rotate(model, texts, pairs.train["query"])
    model.half().save(str(options.checkpoint), create_model_card=False)
    print(f"Rotation fitted on {len(texts)} pages and {len(pairs.train)} queries.")


def rotate(model: SentenceTransformer, pages: Sequence[str], queries: Sequence[str]) -> None:
    """Lets a page reader's vectors end in the principal axes of the texts of pages and of queries."""
    words = next(module for module in model.modules() if isinstance(module, WordSuperposition))
    words.add_projection()
    query_text = QueryText()
    of_pages = _vectors(words, [_page(pages[start : start + _BATCH]) for start in _starts(pages)])
    of_queries = _vectors(
        words, [query_text.preprocess(queries[start : start + _BATCH]) for start in _starts(queries)]
    )
    axes = torch.from_numpy(principal_axes(of_pages, of_queries))
    projection = words.project.weight if words.project is not None else torch.eye(words.dims)
    with torch.no_grad():
        projection.copy_(axes @ projection.double())


def _starts(texts: Sequence[str]) -> range:
    return range(0, len(texts), _BATCH)


def _page(texts: Sequence[str]) -> Features:
    """The features of pages of which the words are known and nothing of how they look."""
    counted = [
        {term: Occurrences(float(times), 1.0, 0.0, 0.0) for term, times in Counter(wholes(text)).items()}
        for text in texts
    ]
    return {**word_features(counted), "is_query": False}


def _vectors(words: WordSuperposition, batches: Sequence[Features]) -> FloatArray:
    """Those of texts (texts, dims)."""
    with torch.inference_mode():
        vectors: FloatArray = torch.cat([words(each)["sentence_embedding"] for each in batches]).numpy()
    return vectors


if __name__ == "__main__":
    main()
