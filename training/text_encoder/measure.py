"""`measure`: what a text encoder finds among pages of documents held out, at every width. Prints JSON.

`nonsense` is the cosine that 95 in 100 rows of made-up words do not reach with any window of these pages, and
`believed` the share of the questions that do. In 99 of 100 questions a share of the words that is `known`, or
more, is in the vocabulary.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from training.evaluate.metrics import mean_ndcg
from training.pairs.dataset import read_pairs
from training.pairs.splits import EVAL
from training.text_encoder.material import Material
from training.text_encoder.noise import nearest, noise_of
from training.text_encoder.rotation import SHARES
from vdr.text_encoder.encoder import TextEncoder
from vdr.vectors import truncate

_DEPTH = 10


def main() -> None:
    """Command line: `python -m training.text_encoder.measure PAIRS CHECKPOINT`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("checkpoint", type=Path)
    options = parser.parse_args()
    encoder, pairs = TextEncoder.read(options.checkpoint), read_pairs(options.pairs)
    material = Material.of(encoder, pairs, EVAL)
    at = {encoder.dims // share: quality(material, encoder.dims // share) for share in (1, *SHARES)}
    told: dict[str, Any] = {
        "pages": len(material.counts),
        "windows": len(material.windows),
        "queries": len(material.queries),
    }
    nonsense = noise_of(material.windows, encoder.embed)
    told |= {
        "ndcg@10": {dims: round(found, 4) for dims, found in at.items()},
        "nonsense": round(nonsense, 3),
        "known": round(float(np.percentile([*map(encoder.share_known, pairs.eval["query"])], 1)), 3),
        "believed": round(float((nearest(material.windows, material.queries) > nonsense).mean()), 3),
    }
    print(json.dumps(told))


def quality(material: Material, dims: int) -> float:
    """Mean nDCG@10 over all of the pages, one of which answers each query, by so many dimensions."""
    cut = replace(
        material, windows=truncate(material.windows, dims), queries=truncate(material.queries, dims)
    )
    return mean_ndcg(cut.scores(), material.answers.tolist(), _DEPTH)


if __name__ == "__main__":
    main()
