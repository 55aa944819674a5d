"""`calibrate`: makes the confidence of a packaged page reader the share of words that are right.

Measured on the pages of documents that were kept from training. Run again, it finds the same.
"""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import torch

from training.evaluate.reliability import Bin, Judged, calibration_error, reliability
from training.page_reader.pages import TrainingPage, written
from training.page_reader.reliability import joined, judge
from training.page_reader.train import is_held_out, training_pages
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.calibration import Calibration, log_odds
from vdr.page_reader.modules import PageImage
from vdr.page_reader.reading import PageReading
from vdr.types import PageWords

_STEPS = 50
# Keeps the slope finite where no word is wrong; among tens of thousands of words it moves nothing.
_RIDGE = 1e-3


def main() -> None:
    """Command line: `python -m training.page_reader.calibrate DATA CHECKPOINT`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("checkpoint", type=Path)
    options = parser.parse_args()
    pages = [(page, folder) for page, folder in training_pages(options.data) if is_held_out(page)]
    if not pages:
        print("No documents are held out, so confidence is not calibrated.")
        return
    calibrate_checkpoint(options.checkpoint, pages)


def calibrate_checkpoint(checkpoint: Path, pages: Iterable[tuple[TrainingPage, Path]]) -> None:
    """Fits the calibration to pages, each with the folder it lies in, and writes it into the checkpoint.

    Raises ValueError where no word is read on them.
    """
    model = open_checkpoint(str(checkpoint), "cpu")
    page_image = next(module for module in model.modules() if isinstance(module, PageImage))
    documents = judged_documents(page_image.quantized or page_image.reader.eval(), pages)
    if not documents:
        raise ValueError("The data has no held-out pages. Prepare more documents.")
    words = joined(list(documents.values()))
    found = fit(words)
    page_image.offset, page_image.slope = found.offset, found.slope
    model.half().save(str(checkpoint), create_model_card=False)
    print(told(words, found, documents))


def judged_documents(reader: PageReading, pages: Iterable[tuple[TrainingPage, Path]]) -> Mapping[str, Judged]:
    """The words of each document as the reader reads them, their confidence as the nets give it."""
    read: dict[str, list[PageWords]] = {}
    for page, folder in pages:
        image = page.image(folder)
        words = reader.read(torch.tensor(image).float() / 255)
        read.setdefault(page.source, []).append(PageWords(written(page.text, image.shape), tuple(words)))
    return {source: judge(found) for source, found in read.items()}


def fit(judged: Judged) -> Calibration:
    """The offset and slope of the greatest likelihood, by Newton's method.

    Raises ValueError where there are no words.
    """
    if not len(judged.right):
        raise ValueError("No words were read where the text layer has any.")
    odds = np.array([log_odds(c) for c in judged.confidence])
    inputs = np.stack([np.ones_like(odds), odds], axis=1)  # (words, 2)
    weights = np.array([0.0, 1.0])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        gradient = inputs.T @ (chance - judged.right) + _RIDGE * weights
        curvature = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + _RIDGE * np.eye(2)
        weights -= np.linalg.solve(curvature, gradient)
    return Calibration(offset=round(float(weights[0]), 4), slope=round(float(weights[1]), 4))


def calibrated(judged: Judged, calibration: Calibration) -> Judged:
    """The same words with the confidence that the calibration gives them."""
    return Judged(np.array([calibration.chance(c) for c in judged.confidence]), judged.right)


def told(words: Judged, found: Calibration, documents: Mapping[str, Judged]) -> str:
    """What was found: errors of calibration before and after, and the tables of both."""
    after = calibrated(words, found)
    lines = [
        f"{len(words.right)} words of {len(documents)} documents: offset {found.offset}, slope {found.slope}",
        f"expected calibration error: {calibration_error(words):.4f} before, "
        f"{calibration_error(after):.4f} after",
    ]
    if len(documents) > 1:
        others = [
            calibrated(judged, fit(joined([d for name, d in documents.items() if name != left_out])))
            for left_out, judged in documents.items()
        ]
        lines.append(f"... cross-validated by document: {calibration_error(joined(others)):.4f}")
    return "\n".join([*lines, *_table("before", reliability(words)), *_table("after", reliability(after))])


def _table(title: str, bins: Iterable[Bin]) -> list[str]:
    rows = (f"{b.size:>9} {b.confidence:>10.3f} {b.right:>6.3f}" for b in bins)
    return [f"{title}: words, confidence, right", *rows]


if __name__ == "__main__":
    main()
