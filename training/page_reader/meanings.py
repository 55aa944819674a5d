"""`meanings`: gives a page reader the meanings of words, distilled from a sentence encoder.

The encoder's vectors of single words are turned to their principal axes, weighted by how many pages hold the
words, and whitened, as what most words share tells least (so do Raunak et al., Effective Dimensionality
Reduction for Word Embeddings, RepL4NLP 2019, and Huang et al., WhiteningBERT, Findings of EMNLP 2021).
"""

from collections.abc import Sequence

import torch
from sentence_transformers import SentenceTransformer

from training.page_reader.question_words import read_options
from training.page_reader.synonyms import Corpus, embed, vocabulary
from training.pairs.dataset import read_pairs
from training.pairs.splits import TRAIN
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.codes import hash_words
from vdr.page_reader.meanings import Meanings
from vdr.page_reader.modules import WordSuperposition

# More would be as good, and larger (docs/decisions/0015-meanings.md).
DIMS = 160


def main() -> None:
    """Command line: `python -m training.page_reader.meanings PAIRS ENCODER CHECKPOINT`."""
    options = read_options(__doc__)
    pages = read_pairs(options.pairs).pages
    split = zip(pages["split"], pages["text"], strict=True)
    corpus = Corpus.of(text for name, text in split if name == TRAIN)
    encoder = SentenceTransformer(str(options.encoder), device="cpu", local_files_only=True)
    words = vocabulary(corpus, options.words, encoder)
    model = open_checkpoint(str(options.checkpoint), "cpu")
    superposition = next(module for module in model.modules() if isinstance(module, WordSuperposition))
    superposition.add_meanings(distil(words, torch.from_numpy(embed(words, encoder)), corpus))
    model.half().save(str(options.checkpoint), create_model_card=False)
    print(f"{len(words)} words have a meaning vector.")


def distil(words: Sequence[str], vectors: torch.Tensor, corpus: Corpus, dims: int = DIMS) -> Meanings:
    """The meanings of words from their unit vectors (words, width) in an encoder.

    Raises ValueError where the encoder is not as wide as the meanings are to be.
    """
    if vectors.shape[1] < dims:
        raise ValueError(f"The encoder has {vectors.shape[1]} dimensions; meanings need {dims}.")
    centred = torch.nn.functional.normalize(vectors - vectors.mean(0), dim=1).double()
    pages_with = torch.tensor([float(corpus.pages_with[word]) for word in words], dtype=torch.float64)
    _, axes = torch.linalg.eigh(centred.T @ (pages_with[:, None] * centred))
    turned = centred @ axes.flip(1)[:, :dims]
    white = turned / turned.std(0).clamp(min=1e-9)
    return Meanings.of(hash_words(words)[:, 0], white.float())


if __name__ == "__main__":
    main()
