"""How well a page reader reads: its words against those of the text layer, place by place.

A word of the text layer is *found* where a word read from the pixels covers its centre (or has its own centre
in it), and *right* where that word, or the word of the vocabulary whose code is nearest to it, is the same.

`python -m training.page_reader.measure DATA CHECKPOINT` measures a checkpoint on the documents that no
training sees, and on newly rendered pages.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from training.drawing.fonts import reading_fonts
from training.drawing.page_lines import GrayImage, PageLines
from training.page_reader.pages import written
from training.page_reader.prepare import LONG_SIDE, said_in
from training.page_reader.render import PageRenderer
from training.page_reader.texts import TextSource
from training.page_reader.train import is_held_out, training_pages
from vdr.models.embedder import Embedder, load_embedder
from vdr.page_reader.codes import WordCodes
from vdr.settings import ModelSettings
from vdr.types import PageWords, Word
from vdr.words import wholes

_CHUNK = 512
_BOXED = 0.5
_UNSEEN_SEED = 1_000_000


@dataclass(frozen=True)
class ReadingScore:
    """Shares of the text layer's words: found, boxed (by an IoU of a half), read to the letter, right as
    nearest of a vocabulary."""

    words: int
    vocabulary: int
    found: float
    boxed: float
    exact: float
    top1: float


def score_reading(pages: Sequence[PageWords], vocabulary: Sequence[str], codes: WordCodes) -> ReadingScore:
    """Scores pages that have a text layer against a vocabulary that holds all its words.

    Raises ValueError where no page has a word to read.
    """
    pairs = [pair for page in pages for pair in matched(page)]
    if not pairs:
        raise ValueError("No page has a text layer to compare with.")
    known = set(vocabulary)
    missed = {read for true, reads in pairs if true not in reads for read in reads[:1]}
    nearest = nearest_words(sorted(missed - known), vocabulary, codes)
    exact = sum(true in reads for true, reads in pairs)
    mended = sum(true not in reads and nearest.get(reads[0]) == true for true, reads in pairs if reads)
    count = len(pairs)
    found = sum(bool(reads) for _, reads in pairs)
    boxed = sum(int((best_iou(page) >= _BOXED).sum()) for page in pages)
    shares = (found / count, boxed / count, exact / count, (exact + mended) / count)
    return ReadingScore(count, len(vocabulary), *shares)


def main() -> None:
    """Command line: `python -m training.page_reader.measure DATA CHECKPOINT`; the last line is JSON.

    Ends with status 1 where fewer words of the rendered pages are right than asked for.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--pages", type=int, default=40, help="pages of each kind")
    parser.add_argument("--at-least", type=float, default=0.0, help="minimum share of words read correctly")
    options = parser.parse_args()
    embedder = load_embedder(ModelSettings(embedder=str(options.checkpoint)))
    held_out = [each for each in training_pages(options.data) if is_held_out(each[0])]
    chosen = held_out[:: max(len(held_out) // options.pages, 1)][: options.pages]
    real = [read_page(embedder, np.asarray(page.image(folder)), page.text) for page, folder in chosen]
    renderer = PageRenderer(TextSource.of(said_in(options.data)), reading_fonts(), LONG_SIDE)
    drawn = (renderer.render(_UNSEEN_SEED + seed) for seed in range(options.pages))
    rendered = [read_page(embedder, image, text) for image, text in drawn]
    scores = {"held_out": _score(real), "rendered": _score(rendered)}
    print(json.dumps({name: asdict(score) if score else None for name, score in scores.items()}))
    if (scores["rendered"].exact if scores["rendered"] else 0.0) < options.at_least:
        raise SystemExit(1)


def read_page(embedder: Embedder, image: GrayImage, text: PageLines) -> PageWords:
    """What is written on a page, in place of a text layer, and what is read from it."""
    (vectors,) = embedder.encode_pages([Image.fromarray(image).convert("RGB")])
    return PageWords(text_layer=written(text, image.shape), read=vectors.words)


def _score(pages: Sequence[PageWords]) -> ReadingScore | None:
    return score_reading(pages, vocabulary_of(pages), WordCodes()) if pages else None


def vocabulary_of(pages: Iterable[PageWords]) -> list[str]:
    """The distinct words of the text layers, sorted."""
    return sorted({key for page in pages for word in page.text_layer if (key := letters_of(word))})


def matched(
    page: PageWords, key_of: Callable[[Word], str] | None = None
) -> list[tuple[str, tuple[str, ...]]]:
    """Each word of the text layer with the words read in its place, the one that overlaps most first.

    Words are distinguished by their terms, so without accents, unless `key_of` gives something else.
    """
    key_of = key_of or letters_of
    true = [(word, key) for word in page.text_layer if (key := key_of(word))]
    read = [(word, key) for word in page.read if (key := key_of(word))]
    if not true or not read:
        return [(key, ()) for _, key in true]
    overlap = _overlap(_boxes([w for w, _ in true]), _boxes([w for w, _ in read]))
    order = np.argsort(-overlap, axis=1, kind="stable")
    return [
        (key, tuple(read[j][1] for j in order[i] if overlap[i, j] > 0)) for i, (_, key) in enumerate(true)
    ]


def best_iou(page: PageWords) -> npt.NDArray[np.float64]:
    """The intersection over union of each word of the text layer with the word read that fits it best."""
    true = _boxes([word for word in page.text_layer if letters_of(word)]).reshape(-1, 4)
    read = _boxes([word for word in page.read if letters_of(word)]).reshape(-1, 4)
    if not len(read):
        return np.zeros(len(true))
    low = np.maximum(true[:, None, :2], read[None, :, :2])
    shared = np.clip(np.minimum(true[:, None, 2:], read[None, :, 2:]) - low, 0, None).prod(axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (true, read)]
    iou = shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-12)
    best: npt.NDArray[np.float64] = iou.max(axis=1)
    return best


def nearest_words(words: Sequence[str], vocabulary: Sequence[str], codes: WordCodes) -> Mapping[str, str]:
    """For each word the one of the vocabulary whose code is nearest."""
    if not words:
        return {}
    with torch.inference_mode():
        known = codes.codes(vocabulary)  # (vocabulary, dims)
        found: list[int] = []
        for start in range(0, len(words), _CHUNK):
            found += (codes.codes(words[start : start + _CHUNK]) @ known.T).argmax(1).tolist()
    return {word: vocabulary[i] for word, i in zip(words, found, strict=True)}


def letters_of(word: Word) -> str:
    """What of a word has to be read right: its terms, so no case, accents or punctuation."""
    return " ".join(wholes(word.text))


def _boxes(words: Sequence[Word]) -> npt.NDArray[np.float64]:
    return np.array([(w.box.x0, w.box.y0, w.box.x1, w.box.y1) for w in words])


def _overlap(true: npt.NDArray[np.float64], read: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Horizontal overlap (true, read) of boxes of which one holds the other's centre; 0 elsewhere."""
    width = np.minimum(true[:, None, 2], read[None, :, 2]) - np.maximum(true[:, None, 0], read[None, :, 0])
    held = _holds(true[:, None], read[None]) | _holds(read[None], true[:, None])
    return np.where(held, np.maximum(width, 1e-9), 0.0)


def _holds(outer: npt.NDArray[np.float64], inner: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    x, y = (inner[..., 0] + inner[..., 2]) / 2, (inner[..., 1] + inner[..., 3]) / 2
    return (outer[..., 0] <= x) & (x <= outer[..., 2]) & (outer[..., 1] <= y) & (y <= outer[..., 3])


if __name__ == "__main__":
    main()
